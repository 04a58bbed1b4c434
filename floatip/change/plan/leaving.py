"""Nodes leave the cluster: their addresses go to the others first, while all of them run what they ran before.

Afterwards keepalived can be stopped there, and nobody notices. What they hold is read from what the nodes run, not from
the inventory, which may have other addresses by now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_interface

from floatip.change.plan.changes import STAY, addresses, block, differ_in_identity
from floatip.change.plan.interim import lowered, receiving
from floatip.change.plan.model import Live, Obstacle, PlanError, Step, Wait
from floatip.change.plan.passes import Draft
from floatip.keepalived import conf
from floatip.model import fields
from floatip.model.cluster import Floating, Instance
from floatip.model.messages import say


@dataclass(frozen=True, slots=True)
class Leave:
    """How nodes leave. `heirs`: address → who has it then, most likely."""

    steps: tuple[Step | Wait, ...] = ()
    heirs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Held:
    """An instance that `node` holds, and those that can take it over, the likeliest first."""

    node: str
    instance: Instance
    able: tuple[str, ...]


def leave(leaving: Iterable[str], live: Mapping[str, Live], needed: frozenset[str], *, sure: bool = False) -> Leave:
    """Hand over whatever these nodes hold, to the others.

    `needed`: the addresses that the cluster goes on having; PlanError where nobody could take one of these over.
    `sure`: the heirs must be the ones that are named; otherwise it is enough that any of the others has it.
    """
    going = {name: running(live[name].conf or "") for name in leaving if live[name].active and live[name].conf}
    others = {name: state for name, state in live.items() if state.active and name not in set(leaving)}
    held = [
        Held(name, instance, _able(instance, live[name], others))
        for name, instances in going.items()
        for instance in instances
        if addresses(instance) & live[name].holds
    ]
    _refuse_without_heir([holding for holding in held if not holding.able], needed)
    held = [holding for holding in held if holding.able]
    draft = Draft(
        {name: state.conf for name, state in live.items()}, {name for name, state in live.items() if state.pending}
    )
    before = {holding.able[0]: draft.current[holding.able[0]] or "" for holding in held}
    for heir, text in before.items():
        theirs = [
            holding.instance
            for holding in held
            if holding.able[0] == heir and STAY & block(text, holding.instance).keys()
        ]
        if theirs:
            draft.activate(heir, receiving(text, theirs), say("let it take over from a server with a lower priority"))
    holders = {holding.node for holding in held}
    for name in sorted(going, key=lambda name: name in holders):  # one that holds nothing yet shall not take it either
        draft.activate(name, lowered(live[name].conf or "", going[name]), say("hand the address over"))
    for holding in held:
        by = holding.able[:1] if sure else holding.able
        draft.wait(holding.node, by, [holding.instance], say("another server holds the address"), gone=going)
    for heir, text in before.items():
        if draft.current[heir] != text:
            draft.activate(heir, text, say("this server's own settings"))
    return Leave(
        tuple(draft.steps), {address: holding.able[0] for holding in held for address in addresses(holding.instance)}
    )


def running(text: str) -> list[Instance]:
    """The instances of a live file, as far as this is about them. ValueError where they cannot be read."""
    if line := conf.unclear(text):
        raise ValueError(f"its keepalived.conf has a line that floatip never writes: {line}")
    return [
        _instance(name, instance)
        for name, instance in conf.instances(text).items()
        if fields.OBJECT_NAME.fullmatch(name)
    ]


def _instance(name: str, settings: conf.Settings) -> Instance:
    floating = [Floating(ip_interface(line.split()[0])) for key in conf.ADDRESSES for line in settings.get(key, ())]
    interval = float(settings["advert_int"][0])
    if any("%" in str(address.ip) for address in floating):
        raise ValueError(f"the instance {name} has settings that floatip never writes")
    return Instance(name, 0, tuple(floating), (), advert_int=interval)


def _able(instance: Instance, holder: Live, others: Mapping[str, Live]) -> tuple[str, ...]:
    """Who hears the holder, the highest priority first."""
    mine = block(holder.conf, instance)
    blocks = {name: block(live.conf, instance) for name, live in others.items()}
    found = [name for name, theirs in blocks.items() if theirs and not differ_in_identity(mine, theirs)]
    return tuple(sorted(found, key=lambda name: -conf.priority(blocks[name])))


def _refuse_without_heir(held: Iterable[Held], needed: frozenset[str]) -> None:
    for holding in held:
        if lost := sorted(addresses(holding.instance) & needed):
            message = say(
                "{node} holds {addresses}, and no other server can take over now, so no server was changed. "
                "Start keepalived on another server of the cluster, then run this again.",
                node=holding.node,
                addresses=", ".join(lost),
            )
            raise PlanError(Obstacle.NO_HEIR, message, [holding.node])
