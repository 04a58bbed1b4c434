"""What stands above the pages of a cluster."""

from __future__ import annotations

from wizard.context import context
from wizard.drafts import Draft


def is_saved(draft: Draft) -> bool:
    """Whether it is the draft of an inventory, whose pages are there."""
    return draft.name in context().inventories.names()
