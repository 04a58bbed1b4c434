"""The drop-ins that keep systemd-networkd from taking the floating address away (systemd.network(5))."""

from __future__ import annotations

from collections.abc import Iterable
from shlex import quote

from floatip.hosts.host_state import NETWORKD, HostState
from floatip.model.cluster import Cluster
from floatip.model.paths import MARKER
from floatip.server_side import shell

MODE, UNTOLD = "0644", "0444"
"""Of a drop-in, and for as long as networkd has not been told: it reads as a user of its own."""
RELOADS = 250
"""From this systemd on, `networkctl reload` goes by the new files; before, it takes all addresses off at first."""


def files(cluster: Cluster, name: str, found: HostState) -> dict[str, str]:
    """Path → text of the drop-ins that are wanted."""
    managed = [device for device in cluster.devices(name) if found.by_networkd(device)]
    guards = {found.managers.guard(device): device for device in managed}
    return {path: _text(found.managers.kept.get(interface, "")) for path, interface in guards.items() if path}


def script(cluster: Cluster, name: str, found: HostState) -> str | None:
    """What a server runs for them; None where all is as it should be."""
    wanted, there = files(cluster, name, found), found.managers.guards
    fresh = [path for path, text in wanted.items() if there.get(path) != (MODE.lstrip("0"), text)]
    gone = [path for path in there if path not in wanted]
    if not fresh and not gone:
        return None
    return shell.script(
        *(shell.put(path, wanted[path], UNTOLD) for path in fresh),
        *_without(gone),
        *_reread(found),
        *(f"chmod {MODE} {quote(path)}" for path in fresh),
    )


def undo(found: HostState) -> list[str]:
    """The lines that take all of them away."""
    there = found.managers.guards
    return [*_without(there), *_reread(found)] if there else []


def _text(kept: str) -> str:
    """`kept`: what the .network file keeps by itself, like what DHCP has given."""
    value = "yes" if kept.startswith(("dhcp", "dynamic")) else "static"
    lines = (f"{MARKER}: keepalived has put an address there.", "[Network]", f"KeepConfiguration={value}")
    return "".join(f"{line}\n" for line in lines)


def _without(paths: Iterable[str]) -> list[str]:
    lines = []
    for path in paths:
        directory = quote(path.rpartition("/")[0])
        lines += [f"rm -f {quote(path)}", f"[ ! -d {directory} ] || rmdir --ignore-fail-on-non-empty {directory}"]
    return lines


def _reread(found: HostState) -> list[str]:
    if not found.active(NETWORKD):
        return []
    return ["networkctl reload" if found.systemd_version >= RELOADS else f"systemctl restart {NETWORKD}.service"]
