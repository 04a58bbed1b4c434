"""The file that lets services bind a floating address that another server holds, and what it undoes when it goes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from floatip.hosts.host_state import HostState, same
from floatip.model.cluster import Cluster
from floatip.model.paths import MARKER, SYSCTL_CONF
from floatip.server_side import shell

MODE = "0644"
BEFORE = re.compile(r"# Before: net\.ipv([46])\.ip_nonlocal_bind=([01])", re.ASCII)


def text(cluster: Cluster, found: HostState | None = None) -> str | None:
    """The file's text for the families of the floating addresses; None where none is wanted. It says what the kernel
    had before, as far as that is known: that comes back."""
    families = _families(cluster)
    if not families:
        return None
    before = _before(found)
    lines = [f"{MARKER}: services may bind a floating address that another server holds."]
    for family in families:
        lines.append(f"# Before: net.ipv{family}.ip_nonlocal_bind={before.get(family, 0)}")
        lines.append(f"net.ipv{family}.ip_nonlocal_bind = 1")
    return "".join(f"{line}\n" for line in lines)


def script(cluster: Cluster, found: HostState) -> str | None:
    """What a server runs for it; None where all is as it should be, in the file and in the kernel."""
    wanted, families = text(cluster, found), _families(cluster)
    gone = {family: value for family, value in _noted(found).items() if family not in families}
    if wanted is None:
        return shell.script(*undo(found)) if "sysctl" in found.files else None
    live = all(found.nonlocal_bind.get(family) for family in families)
    if live and not gone and same(found.files.get("sysctl"), wanted, MODE):
        return None
    return shell.script(shell.put(SYSCTL_CONF, wanted, MODE), *_sysctl_lines({**gone, **dict.fromkeys(families, 1)}))


def undo(found: HostState) -> list[str]:
    """The lines that take it away. The file goes last: until then it says what there was before."""
    return [*_sysctl_lines(_noted(found)), f"rm -f {SYSCTL_CONF}"]


def _sysctl_lines(values: Mapping[int, int]) -> list[str]:
    return [f"echo {value} >/proc/sys/net/ipv{family}/ip_nonlocal_bind" for family, value in sorted(values.items())]


def _families(cluster: Cluster) -> tuple[int, ...]:
    return cluster.families if cluster.nonlocal_bind else ()


def _before(found: HostState | None) -> Mapping[int, int]:
    """What there was before: as the file says that is there already, else as it is now."""
    if found is None:
        return {}
    return {**{family: int(on) for family, on in found.nonlocal_bind.items()}, **_noted(found)}


def _noted(found: HostState) -> dict[int, int]:
    return {int(family): int(value) for family, value in BEFORE.findall(found.text("sysctl") or "")}
