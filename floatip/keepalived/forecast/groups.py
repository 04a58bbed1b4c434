"""What happens to instances that move together: the slowest of them decides when, and each of them whether.

keepalived lets a group lead only where all its instances would (vrrp_sync.c): docs/decisions/groups.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from floatip.keepalived import timing
from floatip.keepalived.forecast.instances import rounded, successor
from floatip.keepalived.forecast.model import Event, Happens
from floatip.model.cluster import Cluster, Instance, Member, SyncGroup
from floatip.model.messages import Said, say
from floatip.model.rules.known import lift
from floatip.model.tracking import Script


@dataclass(frozen=True, slots=True)
class _Group:
    """`first`, `second`, `others`: the servers by falling priority, the same for all instances."""

    name: str
    instances: tuple[Instance, ...]
    first: Member
    second: Member
    others: tuple[Member, ...]

    def slowest(self, bound: Callable[[Instance], float]) -> float:
        return max(bound(instance) for instance in self.instances)

    def moves(self, code: Happens, what: Said, to: str, seconds: float) -> Event:
        outcome = say(
            "{node} takes over all addresses of {group}; clients wait at most {seconds} s.",
            node=to,
            group=self.name,
            seconds=rounded(seconds),
        )
        return Event(self.name, code, what, outcome, to, seconds)

    def stays(self, code: Happens, what: Said, outcome: Said) -> Event:
        return Event(self.name, code, what, outcome, self.first.node)


def events(cluster: Cluster, group: SyncGroup) -> Iterator[Event]:
    """All that can happen to them."""
    instances = tuple(instance for instance in cluster.instances if instance.name in group.instances)
    first, second, *others = sorted(instances[0].members, key=lambda member: -member.priority)
    moved = _Group(group.name, instances, first, second, tuple(others))
    crash = moved.slowest(lambda each: timing.takeover_bound(each, "crash"))
    stop = moved.slowest(lambda each: timing.takeover_bound(each, "stop"))
    yield moved.moves(Happens.DIES, say("{node} fails.", node=first.node), second.node, crash)
    stopped = say("keepalived is stopped on {node}.", node=first.node)
    yield moved.moves(Happens.STOPPED, stopped, second.node, stop)
    yield from _cuts(moved, crash)
    yield _returns(moved)
    for script in cluster.scripts:
        if script.name in cluster.tracked(instances[0]):
            yield _fails(cluster, moved, script)
    yield from _deaf(moved)
    yield from _several(moved)


def _cuts(group: _Group, seconds: float) -> Iterator[Event]:
    """A cable of one of them takes all with it, where the server notices."""
    at = [(instance, member.interface) for instance in group.instances if (member := instance.member(group.first.node))]
    for interface in dict.fromkeys(name for _, name in at):
        what = say("The cable of {interface} on {node} is cut.", interface=interface, node=group.first.node)
        if all(instance.dont_track_primary for instance, name in at if name == interface):
            outcome = say(
                "Nothing moves, since {node} does not notice (dont_track_primary): clients on that cable wait for as "
                "long as it lasts.",
                node=group.first.node,
            )
            yield group.stays(Happens.CUT, what, outcome)
        else:
            yield group.moves(Happens.CUT, what, group.second.node, seconds)


def _returns(group: _Group) -> Event:
    what = say("{node} comes back.", node=group.first.node)
    instance, names = group.instances[0], {"node": group.first.node, "group": group.name}
    if instance.nopreempt:
        outcome = say("The addresses stay with {node}; clients notice nothing.", node=group.second.node)
        return Event(group.name, Happens.RETURNS, what, outcome, group.second.node)
    if instance.preempt_delay:
        outcome = say(
            "All addresses of {group} move back to {node} after {delay} s; clients hardly notice.",
            delay=instance.preempt_delay,
            **names,
        )
    else:
        outcome = say("All addresses of {group} move back to {node}; clients hardly notice.", **names)
    return group.stays(Happens.RETURNS, what, outcome)


def _fails(cluster: Cluster, group: _Group, script: Script) -> Event:
    """Without a weight it takes all of them out, whichever tracks it; with one, each has to lose."""
    what = say("The health check {name} fails on {node}.", name=script.name, node=group.first.node)
    besides = {instance.name: lift(cluster, instance) - max(script.weight, 0) for instance in group.instances}
    if script.weight and any(
        successor(instance, script, besides[instance.name]) is None for instance in group.instances
    ):
        outcome = say("Nothing: the addresses stay with {node}.", node=group.first.node)
        return group.stays(Happens.CHECK_FAILS, what, outcome)
    down = group.slowest(lambda instance: timing.master_down(instance, timing.successor_priority(instance)))
    seconds = timing.detection_bound(script) + down
    outcome = say(
        "{node} takes over all addresses of {group} after {times} failures in a row, within {seconds} s.",
        node=group.second.node,
        group=group.name,
        times=script.fall,
        seconds=rounded(seconds),
    )
    return Event(group.name, Happens.CHECK_FAILS, what, outcome, group.second.node, seconds)


def _deaf(group: _Group) -> Iterator[Event]:
    names = {"first": group.first.node, "second": group.second.node}
    what = say("{first} and {second} no longer hear each other in one of the networks.", **names)
    outcome = say("Nothing: the addresses stay with {node}.", node=group.first.node)
    yield group.stays(Happens.DEAF_PARTLY, what, outcome)
    seconds = group.slowest(timing.election_bound)
    outcome = say(
        "Both have the addresses, and a client reaches one or the other; once they hear each other again, "
        "{node} alone has them within {seconds} s.",
        node=group.first.node,
        seconds=rounded(seconds),
    )
    what = say("{first} and {second} no longer hear each other at all.", **names)
    yield Event(group.name, Happens.DEAF, what, outcome, group.first.node, seconds)


def _several(group: _Group) -> Iterator[Event]:
    both = say("{first} and {second} fail.", first=group.first.node, second=group.second.node)
    if group.others:
        third = group.others[0].node
        seconds = 2 * group.slowest(lambda instance: timing.master_down(instance, _priority(instance, third)))
        yield group.moves(Happens.BOTH_DIE, both, third, seconds)
    else:
        outcome = say("No server is left: nobody has the addresses until one of them is back.")
        yield Event(group.name, Happens.BOTH_DIE, both, outcome, None)
    seconds = group.slowest(timing.election_bound)
    outcome = say("{node} has the addresses within {seconds} s.", node=group.first.node, seconds=rounded(seconds))
    started = say("All servers are started together.")
    yield Event(group.name, Happens.ALL_START, started, outcome, group.first.node, seconds)


def _priority(instance: Instance, node: str) -> int:
    return next(member.priority for member in instance.members if member.node == node)
