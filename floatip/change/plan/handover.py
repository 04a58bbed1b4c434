"""An address goes to another node because somebody asked for it, where no election would ever take it there:
nodes with `nopreempt` stay back, those with `preempt_delay` wait for minutes. Or because it is to move together with
another one from now on, which that node has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from floatip.change.plan.bundles import Bundles, apart
from floatip.change.plan.changes import STAY, addresses, block, holder
from floatip.change.plan.interim import lowered, receiving
from floatip.change.plan.model import Live
from floatip.change.plan.passes import Draft
from floatip.model.cluster import Cluster, Instance
from floatip.model.messages import say


def handed_over(
    draft: Draft,
    cluster: Cluster,
    wanted: Mapping[str, str],
    live: Mapping[str, Live],
    lead: Mapping[str, str],
    tied: Bundles,
) -> Mapping[str, Live]:
    """Add the steps; what will be found on the nodes after them. Both keep their own settings for the walk."""
    for instance in cluster.instances:
        leader, holding = lead.get(instance.name), holder(instance, live, live)
        if leader is None or holding in (None, leader) or not _ready(live.get(leader), instance):
            continue
        if STAY & block(wanted[leader], instance).keys():
            some = [other for other in tied[instance.name] if holder(other, live, live) == holding]
            live = _hand_over(draft, some, str(holding), leader, live)
    return live


def gathered(draft: Draft, cluster: Cluster, wanted: Mapping[str, str], live: Mapping[str, Live]) -> Mapping[str, Live]:
    """The same for what is to move together and is held by several nodes."""
    for some, holding, leader in list(apart(cluster, wanted, live)):
        live = _hand_over(draft, some, holding, leader, live)
    return live


def _ready(live: Live | None, instance: Instance) -> bool:
    return live is not None and live.active and bool(block(live.conf, instance))


def _hand_over(
    draft: Draft, some: list[Instance], holding: str, leader: str, live: Mapping[str, Live]
) -> Mapping[str, Live]:
    text = receiving(draft.current[leader] or "", some)
    draft.activate(leader, text, say("let it take over from a server with a lower priority"))
    text = lowered(draft.current[holding] or "", some)
    draft.activate(holding, text, say("hand the address over"))
    draft.wait(leader, [leader], some, say("another server holds the address"), gone=[holding])
    return {name: _after(state, some, name == leader) for name, state in live.items()}


def _after(live: Live, some: list[Instance], leads: bool) -> Live:
    held = frozenset[str]().union(*(addresses(instance) for instance in some))
    return replace(live, holds=live.holds | held if leads else live.holds - held)
