"""How a change of the configuration reaches the nodes without a client noticing.

Pure: what the nodes run now (`Live`) and what they shall run → ordered steps. The kinds of change and
what each costs a client when it is done naively were measured: see docs/decisions/plan.md.

    model    kinds, steps, the plan itself
    changes  what kind of change is it, who holds the address, is the cluster at rest
    interim  what a node runs for a moment on the way
    passes   the order, one holder's instances at a time
    bundles  instances that move together
    handover an address goes to another node because somebody asked for it
    starting nodes on which keepalived does not run
    leaving  a node is not to be one of them any more
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from floatip.change.plan.bundles import bundles, whole
from floatip.change.plan.changes import addresses, block_kind, head, instance_kind, unclear, unsettled
from floatip.change.plan.handover import gathered, handed_over
from floatip.change.plan.model import ALONE, NOTICE, Kind, Live, Obstacle, Plan, PlanError, Step, Wait
from floatip.change.plan.passes import Draft, Walk, passes
from floatip.change.plan.starting import started
from floatip.model.cluster import Cluster, Instance
from floatip.model.messages import say

__all__ = [
    "Kind",
    "Live",
    "Obstacle",
    "Plan",
    "PlanError",
    "Step",
    "Wait",
    "addresses",
    "block_kind",
    "head",
    "make",
    "unsettled",
]

NOBODY: Final[Mapping[str, str]] = MappingProxyType({})


def make(
    cluster: Cluster, wanted: Mapping[str, str], live: Mapping[str, Live], lead: Mapping[str, str] = NOBODY
) -> Plan:
    """The plan that takes the nodes from `live` to `wanted` (node → keepalived.conf text).

    `lead`: instance → the node that shall have its addresses from now on, also where no election would give it those.
    """
    running = [name for name in wanted if live[name].active and live[name].conf is not None]
    _refuse_unclear(cluster, wanted, live, running)
    kinds = {instance: instance_kind(instance, wanted, live, running) for instance in cluster.instances}
    tied = bundles(cluster, [*(live[name].conf or "" for name in running), *wanted.values()])
    special = whole([instance for instance, kind in kinds.items() if kind >= Kind.IDENTITY], tied)
    _refuse_partial(special, wanted)
    draft = Draft(
        current={name: live[name].conf for name in wanted},
        pending={name for name in wanted if live[name].pending or not live[name].active},
    )
    _refuse_both(special, lead)
    live = handed_over(draft, cluster, wanted, live, lead, tied)
    live = gathered(draft, cluster, wanted, live)
    idle_first = sorted(running, key=lambda name: bool(live[name].holds & cluster.floating))
    for pass_ in passes(special, running, live):
        others = [name for name in idle_first if name != pass_.holder]
        walk = Walk(draft, pass_, wanted, live, others, tied)
        if pass_.holder is None:
            walk.without_holder()
        else:
            walk.with_holder(pass_.holder)
    started(draft, cluster, wanted, live, set(wanted) - set(running))
    return _plan(draft, kinds, wanted, running)


def _plan(draft: Draft, kinds: Mapping[Instance, Kind], wanted: Mapping[str, str], running: list[str]) -> Plan:
    if not draft.steps:
        return Plan(Kind.NOTHING, kinds={instance.name: kind for instance, kind in kinds.items()})
    kind = max([Kind.RELOAD, *kinds.values()])
    if set(wanted) - set(running):
        kind = max(kind, Kind.START)
    notice = ALONE if kind >= Kind.IDENTITY and len(running) < 2 else NOTICE[kind]
    reasons = tuple(
        say("{instance}: {word}", instance=instance.name, word=kind.word) for instance, kind in kinds.items() if kind
    )
    return Plan(kind, tuple(draft.steps), reasons, notice, {instance.name: kind for instance, kind in kinds.items()})


def _refuse_unclear(
    cluster: Cluster, wanted: Mapping[str, str], live: Mapping[str, Live], running: Iterable[str]
) -> None:
    for name in running:
        if why := unclear(cluster, name, live[name], wanted[name]):
            message = say("Cannot tell what kind of change this is, so no server was changed. {why}", why=why)
            raise PlanError(Obstacle.UNCLEAR, message, [name])


def _refuse_partial(special: Iterable[Instance], wanted: Mapping[str, str]) -> None:
    for instance in special:
        missing = [member.node for member in instance.members if member.node not in wanted]
        if missing:
            message = say(
                "{instance} changes in a way that all its servers must make together, but --limit leaves out "
                "{names}. Run it again without --limit.",
                instance=instance.name,
                names=", ".join(missing),
            )
            raise PlanError(Obstacle.LEFT_OUT, message, missing)


def _refuse_both(special: Iterable[Instance], lead: Mapping[str, str]) -> None:
    for instance in special:
        if instance.name in lead:
            message = say(
                "{instance} has changes in the inventory that no server has yet. "
                "Deploy the inventory first, then move the address.",
                instance=instance.name,
            )
            raise PlanError(Obstacle.DEPLOY_FIRST, message)
