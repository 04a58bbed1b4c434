"""What happens if: the events that a cluster is there for, and what its settings make of each.

Computed from the same model and the same bounds (`timing`) that the deploy and its proof use. Times are upper
bounds in seconds for a client without an answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from floatip.keepalived import timing
from floatip.model.cluster import Cluster, Contender, Foreign, Instance, Member, Script
from floatip.model.messages import Said, say
from floatip.model.rules.known import lift, ranked


class Happens(StrEnum):
    """What an event is, for programs."""

    DIES = "dies"
    STOPPED = "stopped"
    CUT = "cut"
    RETURNS = "returns"
    CHECK_FAILS = "check-fails"
    DEAF = "deaf"
    BOTH_DIE = "both-die"
    ALL_START = "all-start"


@dataclass(frozen=True, slots=True)
class Event:
    """One event; `code` is what `what` says. `holder`: who has the addresses afterwards (None: nobody); `seconds`: how
    long clients wait at most (None: they do not wait, or for as long as it lasts)."""

    instance: str
    code: Happens
    what: Said
    outcome: Said
    holder: str | None
    seconds: float | None = None


def foresee(cluster: Cluster) -> tuple[Event, ...]:
    """All events of all groups of addresses, in the order in which people ask for them."""
    return tuple(event for instance in cluster.instances for event in _of(cluster, instance))


def _of(cluster: Cluster, instance: Instance) -> Iterator[Event]:
    lifted = lift(cluster, instance)
    first, second, *others = ranked(instance, lifted)
    crash, stop = timing.takeover_bound(instance, "crash"), timing.takeover_bound(instance, "stop")
    yield _moves(instance, Happens.DIES, say("{node} fails.", node=first.node), second.node, crash)
    if isinstance(first, Member):
        stopped = say("keepalived is stopped on {node}.", node=first.node)
        yield _moves(instance, Happens.STOPPED, stopped, second.node, stop)
        cut = say("The cable of {interface} on {node} is cut.", interface=first.interface, node=first.node)
        yield _cut(instance, cut, first, second, crash)
    yield _returns(instance, first, second)
    for script in cluster.scripts:
        if script.name in instance.track_script:
            yield _fails(instance, script, lifted)
    yield _deaf(instance, first, second)
    both = say("{first} and {second} fail.", first=first.node, second=second.node)
    if others:
        seconds = 2 * timing.master_down(instance, others[0].priority)
        yield _moves(instance, Happens.BOTH_DIE, both, others[0].node, seconds)
    else:
        outcome = say("No server is left: the address is gone until one of them is back.")
        yield Event(instance.name, Happens.BOTH_DIE, both, outcome, None)
    all_ = say("All servers are started together.")
    seconds = timing.election_bound(instance)
    outcome = say("{node} has the address within {seconds} s.", node=first.node, seconds=_round(seconds))
    yield Event(instance.name, Happens.ALL_START, all_, outcome, first.node, seconds)


def _moves(instance: Instance, code: Happens, what: Said, to: str, seconds: float) -> Event:
    outcome = say("{node} takes over; clients wait at most {seconds} s.", node=to, seconds=_round(seconds))
    return Event(instance.name, code, what, outcome, to, seconds)


def _cut(instance: Instance, what: Said, first: Contender, second: Contender, seconds: float) -> Event:
    """A server that does not track its interface does not notice, and goes on as MASTER."""
    if not instance.dont_track_primary:
        return _moves(instance, Happens.CUT, what, second.node, seconds)
    outcome = say(
        "{second} takes over; clients wait at most {seconds} s. {first} keeps the address, too (dont_track_primary).",
        first=first.node,
        second=second.node,
        seconds=_round(seconds),
    )
    return Event(instance.name, Happens.CUT, what, outcome, second.node, seconds)


def _returns(instance: Instance, first: Contender, second: Contender) -> Event:
    what = say("{node} comes back.", node=first.node)
    if isinstance(first, Foreign):
        outcome = say("The address moves back to {node}, unless that is set up not to take it.", node=first.node)
        return Event(instance.name, Happens.RETURNS, what, outcome, first.node)
    if instance.nopreempt:
        outcome = say("The address stays with {node}; clients notice nothing.", node=second.node)
        return Event(instance.name, Happens.RETURNS, what, outcome, second.node)
    if instance.preempt_delay:
        outcome = say(
            "The address moves back to {node} after {delay} s; clients notice next to nothing.",
            node=first.node,
            delay=instance.preempt_delay,
        )
    else:
        outcome = say("The address moves back to {node}; clients notice next to nothing.", node=first.node)
    return Event(instance.name, Happens.RETURNS, what, outcome, first.node)


def _fails(instance: Instance, script: Script, lifted: int) -> Event:
    """On the server that leads, or would lead if no device did that floatip does not manage."""
    contenders = ranked(instance, lifted)
    at, holder = next(one for one in contenders if isinstance(one, Member)), contenders[0].node
    what = say("The health check {name} fails on {node}.", name=script.name, node=at.node)
    heir = successor(instance, script, lifted - max(script.weight, 0))
    if heir is None:
        outcome = say("Nothing: the address stays with {node}.", node=holder)
        return Event(instance.name, Happens.CHECK_FAILS, what, outcome, holder)
    seconds = timing.detection_bound(script) + timing.master_down(instance, heir.priority)
    outcome = say(
        "{node} takes over once it has failed {times} times, within {seconds} s.",
        node=heir.node,
        times=script.fall,
        seconds=_round(seconds),
    )
    return Event(instance.name, Happens.CHECK_FAILS, what, outcome, heir.node, seconds)


def successor(instance: Instance, script: Script, besides: int = 0) -> Contender | None:
    """Who takes over where a health check fails on the leader only; None where that moves nothing. `besides`: what the
    other health checks add to the priority of each server."""
    lifted = besides + max(script.weight, 0)
    first, *others = ranked(instance, lifted)
    if isinstance(first, Foreign):
        return None
    if script.weight == 0:
        return others[0]
    after = _bounded(first.priority + besides + min(script.weight, 0))
    best = max(others, key=lambda one: _well(one, lifted))
    # Whether a device takes over from a living master is up to its own settings; by default it does.
    stays_back = instance.nopreempt and isinstance(best, Member)
    return None if stays_back or _well(best, lifted) <= after else best


def _well(one: Contender, lifted: int) -> int:
    return _bounded(one.priority + lifted) if isinstance(one, Member) else one.priority


def _deaf(instance: Instance, first: Contender, second: Contender) -> Event:
    what = say("{first} and {second} no longer hear each other.", first=first.node, second=second.node)
    outcome = say(
        "Both have the address, and a client reaches one or the other; once they hear each other again, "
        "{node} alone has it within {seconds} s.",
        node=first.node,
        seconds=_round(timing.election_bound(instance)),
    )
    return Event(instance.name, Happens.DEAF, what, outcome, first.node, timing.election_bound(instance))


def _bounded(priority: int) -> int:
    return max(1, min(254, priority))


def _round(seconds: float) -> str:
    return f"{seconds:.1f}"
