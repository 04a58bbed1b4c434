"""What stands above the pages of a cluster."""

from __future__ import annotations

from floatip.operate.running import Running
from floatip.runs import deployed
from wizard.context import context
from wizard.drafts import Draft
from wizard.hosts.deployed import saved


def is_saved(draft: Draft) -> bool:
    """Whether it is the draft of an inventory, whose pages are there."""
    return draft.name in context().inventories.names()


def floating(draft: Draft, running: Running | None) -> list[str]:
    """The addresses of the cluster. `running`: what its servers run; None on a page that did not ask them, where the
    last deploy is taken, or else what was saved."""
    if running:
        cluster = running.cluster
    else:
        record, known = deployed.of(draft.name, draft.hosts), saved(draft, context().inventories)
        cluster = record.cluster if record else known and known[0]
    return sorted(cluster.floating) if cluster else []
