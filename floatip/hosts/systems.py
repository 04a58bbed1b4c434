"""What a server is, whatever the inventory says: its release, its keepalived, its rights and its disks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from floatip.hosts.codes import Code
from floatip.hosts.host_state import HostState
from floatip.model.messages import Said, say
from floatip.model.paths import LOGS
from floatip.model.problems import Level, Problem
from floatip.model.settings.row import Version, dotted

SUPPORTED: Mapping[str, Version] = {"11": (2, 1, 5), "12": (2, 2, 7), "13": (2, 3, 3)}
"""Debian release → its keepalived."""
OLDEST = min(SUPPORTED.values())
READ_ONLY = say("Linux does that after a disk error: see `dmesg` there. Then mount it read-write again.")


def problems(name: str, host: HostState) -> Iterator[Problem]:
    """Who is no server for floatip, and who is not known to be one."""
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


def keepalived_of(host: HostState) -> Version:
    """Which keepalived runs on a host, or would be installed there; empty where that is not known."""
    there = host.packages.get("keepalived") or host.offered
    found = re.match(r"(?:[0-9]{1,2}:)?([0-9]{1,4}(?:\.[0-9]{1,4}){1,3})", there, re.ASCII)
    if found:
        return tuple(map(int, found[1].split(".")))
    return SUPPORTED[host.release] if _tested(host) else ()


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
