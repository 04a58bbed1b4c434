"""An address goes to another node because somebody asked for it. No election takes it there as soon as it could: it is
silence of three adverts that makes a node take over, nodes with `nopreempt` stay back, and those with `preempt_delay`
wait for minutes. Or because it is to move together with another one from now on, which that node has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from floatip.change.plan.bundles import Bundles, apart, whole
from floatip.change.plan.changes import STAY, addresses, block, holder
from floatip.change.plan.interim import hastened, hastens, lowered, quiet, ranked, receiving
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
    """Add the steps; what will be found on the nodes after them. Both keep their own settings for the walk.

    The holder is quiet before the other's time is over: it would repeat its gratuitous ARP one advert after its reload,
    which is when the other takes over. It gets its new priority with that, which costs no reload of its own."""
    for (holding, leader), some in _moving(cluster, wanted, live, lead).items():
        together = [other for other in whole(some, tied) if holder(other, live, live) == holding]
        taking = hastened(draft.current[leader] or "", together, live[leader].daemon)
        giving = quiet(ranked(draft.current[holding] or "", wanted[holding], together), together)
        live = _hand_over(draft, together, (leader, taking), (holding, giving), live)
    return live


def gathered(draft: Draft, cluster: Cluster, wanted: Mapping[str, str], live: Mapping[str, Live]) -> Mapping[str, Live]:
    """The same for what is to move together and is held by several nodes."""
    for some, holding, leader in list(apart(cluster, wanted, live)):
        taking = receiving(draft.current[leader] or "", some)
        giving = quiet(lowered(draft.current[holding] or "", some), some)
        live = _hand_over(draft, some, (leader, taking), (holding, giving), live)
    return live


def _moving(
    cluster: Cluster, wanted: Mapping[str, str], live: Mapping[str, Live], lead: Mapping[str, str]
) -> dict[tuple[str, str], list[Instance]]:
    """Who has it, and who shall have it → what goes from the one to the other, all at once. Not what gets there as soon
    by an election."""
    found: dict[tuple[str, str], list[Instance]] = {}
    for instance in cluster.instances:
        leader, holding = lead.get(instance.name), holder(instance, live, live)
        if leader is None or holding in (None, leader) or not _ready(live.get(leader), instance):
            continue
        if STAY & block(wanted[leader], instance).keys() or hastens(instance, live[leader].daemon):
            found.setdefault((str(holding), leader), []).append(instance)
    return found


def _ready(live: Live | None, instance: Instance) -> bool:
    return live is not None and live.active and bool(block(live.conf, instance))


def _hand_over(
    draft: Draft, some: list[Instance], taking: tuple[str, str], giving: tuple[str, str], live: Mapping[str, Live]
) -> Mapping[str, Live]:
    """`taking`: who takes over, and with which file; `giving`: the same of who has it."""
    (leader, _), (holding, _) = taking, giving
    draft.activate(*taking, say("let it take over from a server with a lower priority"))
    draft.activate(*giving, say("hand the address over"))
    draft.wait(leader, [leader], some, say("another server holds the address"), gone=[holding])
    return {name: _after(state, some, name == leader) for name, state in live.items()}


def _after(live: Live, some: list[Instance], leads: bool) -> Live:
    held = frozenset[str]().union(*(addresses(instance) for instance in some))
    return replace(live, holds=live.holds | held if leads else live.holds - held)
