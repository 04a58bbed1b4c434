"""An address goes to another node because somebody asked for it, where no election would ever take it there:
nodes with `nopreempt` stay back, those with `preempt_delay` wait for minutes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from floatip.change.plan.changes import STAY, addresses, block, holder
from floatip.change.plan.interim import lowered, receiving
from floatip.change.plan.model import Live
from floatip.change.plan.passes import Draft
from floatip.model.cluster import Cluster, Instance
from floatip.model.messages import say


def handed_over(
    draft: Draft, cluster: Cluster, wanted: Mapping[str, str], live: Mapping[str, Live], lead: Mapping[str, str]
) -> Mapping[str, Live]:
    """Add the steps; what will be found on the nodes after them. Both keep their own settings for the walk."""
    for instance in cluster.instances:
        leader, holding = lead.get(instance.name), holder(instance, live, live)
        if leader is None or holding in (None, leader) or not _ready(live.get(leader), instance):
            continue
        if STAY & block(wanted[leader], instance).keys():
            _hand_over(draft, instance, str(holding), leader)
            live = {name: _after(one, instance, name == leader) for name, one in live.items()}
    return live


def _ready(live: Live | None, instance: Instance) -> bool:
    return live is not None and live.active and bool(block(live.conf, instance))


def _hand_over(draft: Draft, instance: Instance, holding: str, leader: str) -> None:
    text = receiving(draft.current[leader] or "", [instance])
    draft.activate(leader, text, say("let it take the address from a lower priority"))
    text = lowered(draft.current[holding] or "", [instance])
    draft.activate(holding, text, say("hand the address over"))
    draft.wait(leader, [leader], [instance], say("another node holds the address"), gone=[holding])


def _after(live: Live, instance: Instance, leads: bool) -> Live:
    held = addresses(instance)
    return replace(live, holds=live.holds | held if leads else live.holds - held)
