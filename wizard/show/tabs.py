"""What stands above the pages of a cluster."""

from __future__ import annotations

from floatip.model.cluster import Cluster
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
    cluster = running.cluster if running else _last(draft)
    return sorted(cluster.floating) if cluster else []


def _last(draft: Draft) -> Cluster | None:
    if record := deployed.of(draft.name, draft.hosts):
        return record.cluster
    known = saved(draft, context().inventories)
    return known[0] if known else None
