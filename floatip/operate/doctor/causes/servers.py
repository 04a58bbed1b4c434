"""A server that is not there, not prepared, or in the middle of a change."""

from __future__ import annotations

from collections.abc import Iterator

from floatip.change import members
from floatip.hosts import preflight, systems
from floatip.hosts.host_state import HostState
from floatip.hosts.preflight import Code as Ahead
from floatip.model import paths
from floatip.model.messages import say
from floatip.operate.doctor.model import DEPLOY_AGAIN, Case, Code, Finding
from floatip.server_side.pending import change

MISPLACED = frozenset({Ahead.NO_SUCH_INTERFACE, Ahead.INTERFACE_DOWN, Ahead.ADDRESS_NOT_ON_INTERFACE})


def unreachable(case: Case) -> Iterator[Finding]:
    """Nothing is known of a server that does not answer."""
    for name, why in case.failures.items():
        what = say("{name} could not be checked. {why}", name=name, why=why)
        yield Finding(Code.UNREACHABLE, name, what, say("Fix that, then run this again."))


def under_way(case: Case) -> Iterator[Finding]:
    """A change that no run has brought to its end: what else is wrong may be over with it."""
    for name, seen in case.seen.items():
        if seen.state.change:
            mend = say("Wait until it is over, or deploy again.")
            yield Finding(Code.UNDER_WAY, name, change.described(name, seen.state.change), mend)


def not_installed(case: Case) -> Iterator[Finding]:
    """The package is gone, or its service cannot be started."""
    for name, seen in case.seen.items():
        if "keepalived" not in seen.state.packages:
            yield Finding(
                Code.NOT_INSTALLED, name, say("keepalived is not installed on {name}.", name=name), DEPLOY_AGAIN
            )
        elif seen.aside.load == "masked":
            mend = say("Run `systemctl unmask keepalived` there, then deploy again.")
            yield Finding(Code.MASKED, name, say("The service is masked on {name}.", name=name), mend)


def wrong_interface(case: Case) -> Iterator[Finding]:
    """The interface is gone or down, or has lost the server's own address."""
    for name, seen in case.seen.items():
        for problem in preflight.check(case.cluster, {name: seen.state}, replace=True):
            if problem.code in MISPLACED:
                yield Finding(Code(problem.code), name, problem.message, problem.hint, links(seen.state))


def disk_full(case: Case) -> Iterator[Finding]:
    """Nothing can be written any more."""
    for name, seen in case.seen.items():
        for place in seen.state.full:
            what = say("{place} is full on {name}.", place=place, name=name)
            yield Finding(Code.DISK_FULL, name, what, systems.make_room(place))


def read_only(case: Case) -> Iterator[Finding]:
    """A file system takes no change."""
    for name, seen in case.seen.items():
        for place in seen.state.readonly:
            yield Finding(Code.READ_ONLY, name, systems.read_only(name, place), systems.READ_ONLY)


def left_behind(case: Case) -> Iterator[Finding]:
    """A server that was taken out of the inventory, and that nobody has taken out of the cluster."""
    for leaver in members.left_behind(case.cluster, {name: seen.state for name, seen in case.seen.items()}):
        what = say(
            "{name} (SSH {place}) was taken out of the inventory and may still run keepalived.",
            name=leaver.name,
            place=leaver.known.place,
        )
        mend = say("Put it back into the inventory, or run `floatip deploy FILE --dismiss {name}`.", name=leaver.name)
        yield Finding(
            Code.LEFT_BEHIND, leaver.name, what, mend, tuple(f"{name}: {paths.MEMBERS}" for name in leaver.by)
        )


def links(state: HostState) -> tuple[str, ...]:
    """The interfaces of a server, a line each."""
    return tuple(
        f"{link.name} {'up' if link.up else 'down'} {' '.join(sorted(link.addresses))}" for link in state.links
    )
