"""Is each host what the inventory says it is? Pure: cluster and host states → problems.

Everything here is looked at before any host is changed.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping

from floatip.hosts import advice
from floatip.hosts.codes import Code
from floatip.hosts.host_state import HostState
from floatip.model import routes
from floatip.model.cluster import Cluster, Instance, Member
from floatip.model.messages import NO_MESSAGE, Said, say
from floatip.model.paths import FOREIGN_CONF, KEEPALIVED_CONF, LOGS, MARKER
from floatip.model.problems import Level, Problem
from floatip.model.rules.subnets import places
from floatip.model.settings import BLOCK, GLOBAL, MEMBER, Scope, Setting
from floatip.model.settings.row import Version, dotted
from floatip.model.settings.values import Own

__all__ = ["ALWAYS", "SUPPORTED", "Code", "check", "is_ours", "keepalived_of", "obstacles", "system"]

SUPPORTED: Mapping[str, Version] = {"11": (2, 1, 5), "12": (2, 2, 7), "13": (2, 3, 3)}
"""Debian release → its keepalived."""
OLDEST = min(SUPPORTED.values())


READ_ONLY = say("Linux does that after a disk error: see `dmesg` there. Then mount it read-write again.")
ALWAYS = frozenset({Code.NOT_ROOT, Code.NO_APT})
"""What even a removal cannot do without."""


def check(cluster: Cluster, hosts: Mapping[str, HostState], *, replace: bool = False) -> tuple[Problem, ...]:
    """All problems of all hosts. `replace`: a hand-made keepalived.conf may be replaced."""
    problems: list[Problem] = []
    for name, host in hosts.items():
        problems.extend(_system(name, host))
        problems.extend(obstacles(name, host))
        problems.extend(_configuration(name, host, replace))
        problems.extend(problem for row in GLOBAL for problem in _newer(name, row, cluster, "", host))
        problems.extend(advice.of(cluster, name, host))
        problems.extend(programs(name, host))
        for instance in cluster.instances_of(name):
            member = instance.member(name)
            if member:
                problems.extend(_interface(f"nodes.{name}.vrrp.{instance.name}", name, member, host))
                problems.extend(_devices(name, instance, member, host))
                problems.extend(_own(f"nodes.{name}.vrrp.{instance.name}", name, member, host))
                problems.extend(_unknown(name, instance, member, host))
    return tuple(dict.fromkeys(problems))


def _system(name: str, host: HostState) -> Iterator[Problem]:
    path = f"nodes.{name}"
    if host.uid != 0:
        yield Problem(
            path,
            Code.NOT_ROOT,
            say("{name}: the SSH user is not root.", name=name),
            say("Log in as root, or add '_sudo': True to this host for a user who may use sudo without a password."),
        )
    if not host.apt:
        yield Problem(
            path,
            Code.NO_APT,
            say("{name} runs {system}, which has no apt.", name=name, system=system(host)),
            say("floatip supports Debian and systems based on it."),
        )
    elif not _tested(host):
        yield Problem(
            path,
            Code.UNTESTED_SYSTEM,
            say("{name} runs {system}.", name=name, system=system(host)),
            say("floatip is tested on Debian 11, 12 and 13. Here it relies on what the server reports."),
            Level.WARNING,
        )
    version = keepalived_of(host)
    if version and version < OLDEST:
        yield Problem(
            path,
            Code.UNTESTED_KEEPALIVED,
            say("{name}: keepalived {version} is old.", name=name, version=dotted(version)),
            say("floatip is tested with {oldest} and later.", oldest=dotted(OLDEST)),
            Level.WARNING,
        )
    if not host.systemd:
        yield Problem(
            path,
            Code.NO_SYSTEMD,
            say("{name} was not booted with systemd.", name=name),
            say("keepalived is run as a systemd service."),
        )


def _tested(host: HostState) -> bool:
    return host.os == "debian" and host.release in SUPPORTED


def system(host: HostState) -> str:
    """What a host runs, for people."""
    if host.os == "debian":
        return f"Debian {host.release}" if host.release else say("Debian without a release number")
    return host.system or f"{host.os} {host.release}".strip() or say("an unknown system")


def no_room(name: str, place: str) -> Said:
    """A file system of a server is full."""
    return say("{name} has no room left in {place}.", name=name, place=place)


def make_room(place: str) -> Said:
    """What to do then."""
    return say("Make room: `du -xh {place} | sort -h`.", place=place)


def read_only(name: str, place: str) -> Said:
    """A file system of a server takes no change."""
    return say("{place} is mounted read-only on {name}.", name=name, place=place)


def obstacles(name: str, host: HostState) -> Iterator[Problem]:
    """What stands in the way of writing, whatever the inventory says."""
    for place in host.full:
        yield Problem(
            f"nodes.{name}",
            Code.NO_ROOM,
            no_room(name, place),
            make_room(place),
            Level.WARNING if place == LOGS else Level.ERROR,
        )
    for place in host.readonly:
        yield Problem(
            f"nodes.{name}",
            Code.READ_ONLY,
            read_only(name, place),
            READ_ONLY,
        )
    for place, owner in host.blocked:
        yield Problem(
            f"nodes.{name}",
            Code.IN_THE_WAY,
            say("{place} on {name} is a directory of {owner}.", place=place, name=name, owner=owner),
            say("Remove it: keepalived writes its state there, which `floatip status` reads."),
            Level.WARNING,
        )


def programs(name: str, host: HostState) -> Iterator[Problem]:
    """What keepalived would disable, or the whole file with it."""
    for program, found in host.programs.items():
        if found.uid is None:
            message = say("{name} has no user {user}.", name=name, user=program.user.split()[0])
            yield Problem(program.where, Code.NO_SUCH_USER, message, say("Add the user there, or choose another one."))
        elif not found.there:
            message = say("{name} has no {path}.", name=name, path=program.path)
            hint = say("Put it there: keepalived does not run it until then.")
            yield Problem(program.where, Code.NO_SUCH_PROGRAM, message, hint, Level.WARNING)
        elif (found.uid == 0 or program.as_root) and not found.safe:
            message = say(
                "{name}: {path} is to run as root, but other users can change it.", name=name, path=program.path
            )
            hint = say(
                "Make root the owner of it and of every directory above it, writable by root only, or choose "
                "another user."
            )
            yield Problem(program.where, Code.UNSAFE_PROGRAM, message, hint)


def _configuration(name: str, host: HostState, replace: bool) -> Iterator[Problem]:
    text = host.text("conf")
    if text is not None and text.strip() and not is_ours(text) and not replace:
        yield Problem(
            f"nodes.{name}",
            Code.FOREIGN_CONFIGURATION,
            say(
                "{name} already has a {file} that floatip did not write.",
                name=name,
                file=KEEPALIVED_CONF,
            ),
            say(
                "Nothing was changed. `floatip deploy FILE --replace` replaces that file; it is kept as {file}.",
                file=FOREIGN_CONF,
            ),
        )


def _interface(path: str, name: str, member: Member, host: HostState) -> Iterator[Problem]:
    yield from _link(f"{path}.interface", name, member.interface, host)
    link = next((link for link in host.links if link.name == member.interface), None)
    if link and str(member.address) not in link.addresses:
        yield Problem(
            f"{path}.address",
            Code.ADDRESS_NOT_ON_INTERFACE,
            say(
                "{name} has no address {address} on {interface}.",
                name=name,
                address=member.address,
                interface=member.interface,
            ),
            say("It has {listed} there.", listed=_listed(sorted(link.addresses))),
        )


def _link(path: str, name: str, interface: str, host: HostState) -> Iterator[Problem]:
    """An interface is there, and up."""
    by_name = {link.name: link for link in host.links}
    if interface not in by_name:
        close = difflib.get_close_matches(interface, by_name, 1, 0.5)
        meant = say("Did you mean {close}? ", close=repr(close[0])) if close else NO_MESSAGE
        message = say("{name} has no interface {interface}.", name=name, interface=repr(interface))
        hint = say("{meant}It has {listed}.", meant=meant, listed=_listed(by_name))
        yield Problem(path, Code.NO_SUCH_INTERFACE, message, hint)
    elif not by_name[interface].up:
        message = say("{name}: the interface {interface} is down.", name=name, interface=interface)
        hint = say("The server cannot hold an address until it is up.")
        yield Problem(path, Code.INTERFACE_DOWN, message, hint, Level.WARNING)


def _devices(name: str, instance: Instance, member: Member, host: HostState) -> Iterator[Problem]:
    """The interfaces of floating addresses, routes and rules, where they are other ones."""
    for place, address in places(instance):
        if address.device(member) != member.interface:
            yield from _link(place.path(instance, "dev"), name, address.device(member), host)
    for key, lines in (("virtual_routes", instance.virtual_routes), ("virtual_rules", instance.virtual_rules)):
        for number, line in enumerate(lines):
            named = {routes.parts(line).get(word, member.interface) for word in ("dev", "iif", "oif")}
            for interface in sorted(named - {member.interface}):
                yield from _link(f"vrrp_instances.{instance.name}.{key}.{number}", name, interface, host)


def _own(path: str, name: str, member: Member, host: HostState) -> Iterator[Problem]:
    for row in MEMBER:
        if isinstance(row.value, Own) and row.given(member) and str(row.of(member)) not in host.held:
            message = say("{name} has no address {address}.", name=name, address=row.of(member))
            hint = say("It has {listed} there.", listed=_listed(sorted(host.held)))
            yield Problem(f"{path}.{row.key}", Code.ADDRESS_NOT_ON_INTERFACE, message, hint)


def keepalived_of(host: HostState) -> Version:
    """Which keepalived runs on a host, or would be installed there; empty where that is not known."""
    there = host.packages.get("keepalived") or host.offered
    found = re.match(r"(?:[0-9]{1,2}:)?([0-9]{1,4}(?:\.[0-9]{1,4}){1,3})", there, re.ASCII)
    if found:
        return tuple(map(int, found[1].split(".")))
    return SUPPORTED[host.release] if _tested(host) else ()


def _unknown(name: str, instance: Instance, member: Member, host: HostState) -> Iterator[Problem]:
    """Debian 11's daemon passes over what it does not know, the others refuse the file."""
    owners = {
        Scope.INSTANCE: (instance, f"vrrp_instances.{instance.name}."),
        Scope.MEMBER: (member, f"nodes.{name}.vrrp.{instance.name}."),
    }
    for row in BLOCK:
        yield from _newer(name, row, *owners[row.scope], host)


def _newer(name: str, row: Setting, owner: object, path: str, host: HostState) -> Iterator[Problem]:
    version = keepalived_of(host)
    if version and version < row.since and row.given(owner):
        message = say(
            "{name}: keepalived {version} does not know {key}.", name=name, version=dotted(version), key=row.key
        )
        hint = say("Take it out, or upgrade the server: {since} knows it.", since=dotted(row.since))
        yield Problem(f"{path}{row.key}", Code.UNKNOWN_SETTING, message, hint)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names) or say("none")


def is_ours(text: str) -> bool:
    """Whether floatip wrote this keepalived.conf."""
    return text.startswith(MARKER)
