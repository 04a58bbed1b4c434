"""What happens to an instance that moves by itself."""

from __future__ import annotations

from collections.abc import Iterator

from floatip.keepalived import timing
from floatip.keepalived.forecast.model import Event, Happens
from floatip.model.cluster import Cluster, Contender, Foreign, Instance, Member
from floatip.model.messages import Said, say
from floatip.model.rules.known import lift, ranked
from floatip.model.tracking import Script


def events(cluster: Cluster, instance: Instance) -> Iterator[Event]:
    """All that can happen to it."""
    lifted = lift(cluster, instance)
    first, second, *others = ranked(instance, lifted)
    crash, stop = timing.takeover_bound(instance, "crash"), timing.takeover_bound(instance, "stop")
    yield moves(instance, Happens.DIES, say("{node} fails.", node=first.node), second.node, crash)
    if isinstance(first, Member):
        stopped = say("keepalived is stopped on {node}.", node=first.node)
        yield moves(instance, Happens.STOPPED, stopped, second.node, stop)
        cut = say("The cable of {interface} on {node} is cut.", interface=first.interface, node=first.node)
        yield _cut(instance, cut, first, second, crash)
    yield _returns(instance, first, second)
    for script in instance.checks(cluster.scripts):
        yield _fails(instance, script, lifted)
    if isinstance(first, Member):
        yield from _down(instance, first, lifted)
        yield from _numbers(cluster, instance, first, second, lifted)
    yield _deaf(instance, first, second)
    both = say("{first} and {second} fail.", first=first.node, second=second.node)
    if others:
        seconds = 2 * timing.master_down(instance, others[0].priority)
        yield moves(instance, Happens.BOTH_DIE, both, others[0].node, seconds)
    else:
        outcome = say("No server is left: nobody has the address until one of them is back.")
        yield Event(instance.name, Happens.BOTH_DIE, both, outcome, None)
    all_ = say("All servers are started together.")
    seconds = timing.election_bound(instance)
    outcome = say("{node} has the address within {seconds} s.", node=first.node, seconds=rounded(seconds))
    yield Event(instance.name, Happens.ALL_START, all_, outcome, first.node, seconds)


def moves(instance: Instance, code: Happens, what: Said, to: str, seconds: float) -> Event:
    """Another server takes over."""
    outcome = say("{node} takes over; clients wait at most {seconds} s.", node=to, seconds=rounded(seconds))
    return Event(instance.name, code, what, outcome, to, seconds)


def _cut(instance: Instance, what: Said, first: Contender, second: Contender, seconds: float) -> Event:
    """A server that does not track its interface does not notice, and goes on as MASTER."""
    if not instance.dont_track_primary:
        return moves(instance, Happens.CUT, what, second.node, seconds)
    outcome = say(
        "{second} takes over; clients wait at most {seconds} s. {first} keeps the address, too (dont_track_primary).",
        first=first.node,
        second=second.node,
        seconds=rounded(seconds),
    )
    return Event(instance.name, Happens.CUT, what, outcome, second.node, seconds)


def _returns(instance: Instance, first: Contender, second: Contender) -> Event:
    what = say("{node} comes back.", node=first.node)
    if isinstance(first, Foreign):
        outcome = say("The address moves back to {node}, unless its settings prevent that.", node=first.node)
        return Event(instance.name, Happens.RETURNS, what, outcome, first.node)
    if instance.nopreempt:
        outcome = say("The address stays with {node}; clients notice nothing.", node=second.node)
        return Event(instance.name, Happens.RETURNS, what, outcome, second.node)
    if instance.preempt_delay:
        outcome = say(
            "The address moves back to {node} after {delay} s; clients hardly notice.",
            node=first.node,
            delay=instance.preempt_delay,
        )
    else:
        outcome = say("The address moves back to {node}; clients hardly notice.", node=first.node)
    return Event(instance.name, Happens.RETURNS, what, outcome, first.node)


def _fails(instance: Instance, script: Script, lifted: int) -> Event:
    """On the server that leads, or would lead if no device did that floatip does not manage."""
    contenders = ranked(instance, lifted)
    at, holder = next(member for member in contenders if isinstance(member, Member)), contenders[0].node
    what = say("The health check {name} fails on {node}.", name=script.name, node=at.node)
    heir = successor(instance, script, lifted - max(script.weight, 0))
    if heir is None:
        outcome = say("Nothing: the address stays with {node}.", node=holder)
        return Event(instance.name, Happens.CHECK_FAILS, what, outcome, holder)
    seconds = timing.detection_bound(script) + timing.master_down(instance, heir.priority)
    outcome = say(
        "{node} takes over after {times} failures in a row, within {seconds} s.",
        node=heir.node,
        times=script.fall,
        seconds=rounded(seconds),
    )
    return Event(instance.name, Happens.CHECK_FAILS, what, outcome, heir.node, seconds)


def _down(instance: Instance, first: Member, lifted: int) -> Iterator[Event]:
    """Interfaces that the leader tracks besides its own: without a weight it lets the address go and says so."""
    weights = {name: weight for _, name, weight in first.weights}
    for name in first.track_interface:
        if name == first.interface:
            continue
        weight = weights.get(name, 0)
        what = say("The interface {name} of {node} goes down.", name=name, node=first.node)
        heir = _heir(instance, weight, lifted)
        if heir is None:
            outcome = say("Nothing: the address stays with {node}.", node=first.node)
            yield Event(instance.name, Happens.INTERFACE_DOWN, what, outcome, first.node)
        else:
            wait = timing.master_down if weight else timing.skew
            yield moves(instance, Happens.INTERFACE_DOWN, what, heir.node, wait(instance, heir.priority) + timing.SLACK)


def _numbers(cluster: Cluster, instance: Instance, first: Member, second: Contender, lifted: int) -> Iterator[Event]:
    """Which number in a tracked file moves the address away."""
    for file, weight in cluster.files_of(instance):
        values = {"path": file.file, "node": first.node}
        if weight == 0:
            what, wait = say("The number in {path} on {node} is no longer 0.", **values), timing.skew
        else:
            number = moving(bounded(first.priority + lifted), _well(second, lifted), weight)
            what, wait = (
                say("The number in {path} on {node} becomes {number}.", number=number, **values),
                timing.master_down,
            )
        yield moves(instance, Happens.NUMBER, what, second.node, wait(instance, second.priority) + timing.SLACK)


def moving(first: int, second: int, weight: int) -> int:
    """The number nearest to 0 whose product with a weight takes the first priority below the second one."""
    steps = -(-(first - second + 1) // abs(weight))
    return -steps if weight > 0 else steps


def successor(instance: Instance, script: Script, besides: int = 0) -> Contender | None:
    """Who takes over where a health check fails on the leader only; None where that moves nothing. `besides`: what the
    other health checks add to the priority of each server."""
    return _heir(instance, script.weight, besides)


def _heir(instance: Instance, weight: int, besides: int) -> Contender | None:
    """The same of whatever has this weight."""
    lifted = besides + max(weight, 0)
    first, *others = ranked(instance, lifted)
    if isinstance(first, Foreign):
        return None
    if weight == 0:
        return others[0]
    after = bounded(first.priority + besides + min(weight, 0))
    best = max(others, key=lambda member: _well(member, lifted))
    # Whether a device takes over from a living master is up to its own settings; by default it does.
    stays_back = instance.nopreempt and isinstance(best, Member)
    return None if stays_back or _well(best, lifted) <= after else best


def _well(contender: Contender, lifted: int) -> int:
    return bounded(contender.priority + lifted) if isinstance(contender, Member) else contender.priority


def _deaf(instance: Instance, first: Contender, second: Contender) -> Event:
    what = say("{first} and {second} no longer hear each other.", first=first.node, second=second.node)
    outcome = say(
        "Both have the address, and a client reaches one or the other; once they hear each other again, "
        "{node} alone has it within {seconds} s.",
        node=first.node,
        seconds=rounded(timing.election_bound(instance)),
    )
    return Event(instance.name, Happens.DEAF, what, outcome, first.node, timing.election_bound(instance))


def bounded(priority: int) -> int:
    """What keepalived makes of a priority with weights."""
    return max(1, min(254, priority))


def rounded(seconds: float) -> str:
    """For people."""
    return f"{seconds:.1f}"
