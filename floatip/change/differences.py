"""Where a server's file is not what the inventory says: as a diff, without passwords."""

from __future__ import annotations

from collections.abc import Mapping

from floatip.change import networkd, nonlocal_bind, pins, shipping
from floatip.hosts.host_state import HostState
from floatip.keepalived import conf, render
from floatip.keepalived.conf import masked, masked_apart
from floatip.model import diffs
from floatip.model.cluster import UNKNOWN_PASSWORD, Cluster
from floatip.model.paths import KEEPALIVED_CONF, SYSCTL_CONF


def of(cluster: Cluster, states: Mapping[str, HostState]) -> dict[str, list[str]]:
    """Server → the lines of a diff from the file that is there to the one that it should be; empty where both say the
    same, in whatever layout."""
    return {
        name: [*(difference(now, then) if differs(now, then) else []), *_others(cluster, name, states[name])]
        for name, (now, then) in _both(cluster, states).items()
    }


def rewritten(cluster: Cluster, states: Mapping[str, HostState]) -> dict[str, list[str]]:
    """The same of the texts themselves, with comments and layout: what a deploy changes."""
    return {name: _diff(now, then) for name, (now, then) in _both(cluster, states).items()}


def differs(now: str, then: str) -> bool:
    """Whether the daemon would read something else."""
    now, then = _comparable(now, then)
    return now != then and (not conf.same(now, then) or bool(conf.unclear(now)))


def difference(now: str, then: str) -> list[str]:
    """The lines of a unified diff of what two files say; of their texts, where nobody can tell what one says."""
    if conf.unclear(now):
        return _diff(now, then)
    return _diff(*("\n".join(lines) for lines in conf.compared(*_comparable(now, then))))


def _comparable(now: str, then: str) -> tuple[str, str]:
    """Where the password of one is not known here, nobody can tell whether the other has another one."""
    return (masked(now), masked(then)) if UNKNOWN_PASSWORD in now + then else (now, then)


def _both(cluster: Cluster, states: Mapping[str, HostState]) -> dict[str, tuple[str, str]]:
    present = pins.applied(cluster, pins.noted(states))
    return {name: (states[name].text("conf") or "", render.keepalived_conf(present, name)) for name in states}


def _others(cluster: Cluster, name: str, found: HostState) -> list[str]:
    """Of the other files that are there for this inventory alone."""
    guards = {path: text for path, (_, text) in found.managers.guards.items()}
    now = {SYSCTL_CONF: found.text("sysctl") or "", **guards}
    then = {SYSCTL_CONF: nonlocal_bind.text(cluster, found) or "", **networkd.files(cluster, name, found)}
    paths = sorted({*now, *then})
    lines = [_diff(now.get(path, ""), then.get(path, ""), path) for path in paths]
    return [*(line for diff in lines for line in diff), *shipping.differences(cluster, name, found)]


def _diff(now: str, then: str, path: str = KEEPALIVED_CONF) -> list[str]:
    return diffs.of_file(path, *masked_apart(now, then))
