"""Where a server's file is not what the inventory says: as a diff, without passwords."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from floatip import moves, render
from floatip.adopt import masked
from floatip.cluster import Cluster
from floatip.host_state import HostState
from floatip.paths import KEEPALIVED_CONF


def of(cluster: Cluster, states: Mapping[str, HostState]) -> dict[str, list[str]]:
    """Server → the lines of a diff from the file that is there to the one that it should be; empty where both agree."""
    present = moves.applied(cluster, moves.noted(states))
    wanted = {name: render.keepalived_conf(present, name) for name in states}
    return {name: difference(states[name].text("conf") or "", text) for name, text in wanted.items()}


def difference(now: str, then: str) -> list[str]:
    """The lines of a unified diff."""
    names = (f"{KEEPALIVED_CONF} now", f"{KEEPALIVED_CONF} then")
    return list(difflib.unified_diff(masked(now).splitlines(), then.splitlines(), *names, lineterm=""))
