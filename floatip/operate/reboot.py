"""Taking a server through a reboot, and waiting until it takes part again."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from floatip.hosts import probe
from floatip.hosts.host_state import HostState
from floatip.hosts.monitor import snapshots
from floatip.model.cluster import Cluster
from floatip.model.messages import say
from floatip.model.paths import started_in
from floatip.operate.handover import EVERY, connections, unfit
from floatip.operate.refusals import Code, Unfit
from floatip.runs import pyinfra_run
from floatip.server_side.lease import model, scripts

BACK = 300.0  # seconds that a server gets to boot and to be well again


def reboot(cluster: Cluster, file: Path, node: str, lease: str) -> None:
    """Reboot one server, which the run `lease` has, and wait until it has booted. Unfit where it does not in time."""
    before = _boot(cluster, node)
    command = [
        *pyinfra_run.python(),
        "-m",
        "floatip.runs.program",
        "-y",
        "--limit",
        node,
        str(file.resolve()),
        "exec",
        "--",
    ]
    # Its answer may get lost with the connection, so whether it has happened is looked at.
    script = scripts.step(lease, "systemctl reboot")
    done = subprocess.run([*command, script], cwd=started_in(file), check=False, capture_output=True, text=True)
    if scripts.refused(done.stdout + done.stderr):
        raise Unfit(Code.BUSY, model.lost(node, None), node)
    until = time.monotonic() + BACK
    while not (state := _rebooted(cluster, node, before)):
        if time.monotonic() > until:
            raise _not_back(node)
        time.sleep(EVERY)
    if state.lease and state.lease.run != lease:
        raise Unfit(Code.BUSY, model.lost(node, state.lease), node)


def _not_back(node: str) -> Unfit:
    return Unfit(Code.NOT_BACK, say("{name} did not come back from its reboot.", name=node), node)


def _boot(cluster: Cluster, node: str) -> str:
    state = probe.states([cluster], only=node)[node]
    return "" if isinstance(state, str) else state.boot


def _rebooted(cluster: Cluster, node: str, before: str) -> HostState | None:
    """The server after its reboot, once it has a lease again: somebody's."""
    state = probe.states([cluster], only=node)[node]
    return state if isinstance(state, HostState) and state.boot != before and state.lease else None


def await_health(cluster: Cluster, node: str) -> None:
    """Wait until a server takes part again, all its health checks being well. Unfit where it does not in time."""
    until = time.monotonic() + BACK
    reason: Unfit | None = None
    for seen in snapshots(connections(cluster), EVERY):
        reason = unfit(cluster, seen, node)
        if reason is None:
            return
        if time.monotonic() > until:
            break
    raise reason or _not_back(node)
