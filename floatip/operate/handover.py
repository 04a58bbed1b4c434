"""Looking after a cluster: hand an address over on purpose, take a server through a reboot. Deploys do the work."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from floatip.change import pins
from floatip.change.plan import addresses
from floatip.hosts import probe
from floatip.hosts.host_state import HostState
from floatip.hosts.monitor import Round, rounds
from floatip.model.cluster import Cluster, Instance
from floatip.model.messages import SILENT, Said, one_after_the_other, say
from floatip.model.paths import ROOT
from floatip.operate import status
from floatip.operate.status import NodeRow
from floatip.runs import pyinfra_run
from floatip.runs.lock import held
from floatip.runs.pyinfra_run import Result
from floatip.server_side.lease import model, scripts
from floatip.server_side.lease.model import What

BACK = 300.0  # seconds that a server gets to boot and to be well again
EVERY = 2.0


class Code(StrEnum):
    """Why something is not done."""

    NO_SUCH_SERVER = "no-such-server"
    NO_SUCH_INSTANCE = "no-such-instance"
    NO_PART = "no-part"  # the server is not in the instance
    NOT_ASKED = "not-asked"  # the server cannot be asked
    CHECK_FAILS = "check-fails"
    NOT_RUNNING = "not-running"  # its keepalived is no master and no backup
    NOT_BACK = "not-back"  # from its reboot
    THERE_ALREADY = "there-already"  # what was to be moved
    NOT_ONE_HOLDER = "not-one-holder"
    NO_SUCH_FAULT = "no-such-fault"  # in this instance
    DRILL_FAILED = "drill-failed"
    NOT_DEPLOYED = "not-deployed"  # the servers run something else than the inventory says, or nothing
    BUSY = "busy"  # another run has the servers
    NOT_RESERVED = "not-reserved"  # the servers' leases cannot be had for another reason


MISNAMED = frozenset({Code.NO_SUCH_SERVER, Code.NO_SUCH_INSTANCE, Code.NO_PART, Code.NO_SUCH_FAULT})
"""Those for which no server had to be asked: what was typed is wrong."""


class Unfit(Exception):
    """It would not do any good, or would do harm: `code` and `reason` say why. Nothing was changed.

    `node`: the server because of which, where there is one.
    """

    def __init__(self, code: Code, reason: Said, node: str = "") -> None:
        self.code, self.reason, self.node = code, reason, node
        super().__init__(reason)


@contextmanager
def alone(cluster: Cluster, what: What) -> Iterator[str]:
    """Keep other runs off all servers while the block runs, which gets to know its run. Unfit where one is there."""
    try:
        with held.held(cluster, what) as run:
            yield run
    except held.NotHeld as failed:
        raise Unfit(Code.BUSY if failed.busy else Code.NOT_RESERVED, held.not_held(failed), failed.node) from None


def plan_move(cluster: Cluster, node: str, *, anew: bool = False) -> dict[str, str]:
    """Instance → server, so that `node` has every address that it can have. Unfit where it cannot take them. `anew`:
    it must not have them yet."""
    _known(cluster, node)
    seen = look(cluster)
    must_be_fit(cluster, seen, node)
    if anew and _stays(cluster, seen, node):
        raise Unfit(Code.THERE_ALREADY, say("{name} has the addresses already, and keeps them.", name=node), node)
    return {one.name: node for one in cluster.instances_of(node)}


def moves_to(cluster: Cluster, seen: Round | None) -> dict[str, Said]:
    """Server → why addresses cannot be moved to it at present; nothing is said where they can."""
    return {one.name: _no_move(cluster, seen, one.name) for one in cluster.nodes}


def _no_move(cluster: Cluster, seen: Round | None, name: str) -> Said:
    if seen is None:
        return say("not known yet whether it could take over")
    if reason := unfit(cluster, seen, name):
        return reason.reason
    return say("has the addresses already") if _stays(cluster, seen, name) else SILENT


def _stays(cluster: Cluster, seen: Round, name: str) -> bool:
    """Whether a move to this server would change nothing."""
    to = pins.known(cluster, pins.newest(one.moved for one in seen.found.values())).to

    def there(instance: Instance) -> bool:
        leads = to.get(instance.name, instance.preferred.node) == name
        return leads and addresses(instance) <= seen.found[name].held

    return all(map(there, cluster.instances_of(name)))


def plan_absence(cluster: Cluster, node: str) -> dict[str, str]:
    """Instance → who takes over what `node` has, while it is away. Unfit where there is nobody for one of them."""
    _known(cluster, node)
    return _heirs(cluster, look(cluster), node)


def kept(cluster: Cluster, seen: Round) -> dict[str, Unfit]:
    """The servers that cannot be spared at present, and why."""
    found: dict[str, Unfit] = {}
    for one in cluster.nodes:
        try:
            _heirs(cluster, seen, one.name)
        except Unfit as unfit:
            found[one.name] = unfit
    return found


def _heirs(cluster: Cluster, seen: Round, node: str) -> dict[str, str]:
    must_be_fit(cluster, seen, node)
    held = [one for one in cluster.instances_of(node) if addresses(one) & seen.found[node].held]
    return {one.name: _heir(cluster, seen, one, node) for one in held}


def move(file: Path, to: Mapping[str, str], *, json_output: bool = False, lease: str = "") -> Result:
    """Deploy the inventory with these instances led by these servers. `lease`: the run whose leases it uses."""
    data: dict[str, bool | str] = {pyinfra_run.MOVE: pins.option(to)}
    return pyinfra_run.run(file, data=data, json_output=json_output, lease=lease)


def _known(cluster: Cluster, node: str) -> None:
    if node not in {one.name for one in cluster.nodes}:
        reason = say("{name} is not one of the servers.", name=node) if node else say("No server was chosen.")
        raise Unfit(Code.NO_SUCH_SERVER, reason, node)


def _heir(cluster: Cluster, seen: Round, instance: Instance, node: str) -> str:
    """The fit one with the highest priority besides `node`."""
    others = sorted(instance.peers(node), key=lambda one: -one.priority)
    reasons = {one.node: unfit(cluster, seen, one.node) for one in others}
    for name, reason in reasons.items():
        if reason is None:
            return name
    raise all_unfit(reason for reason in reasons.values() if reason)


def all_unfit(reasons: Iterable[Unfit]) -> Unfit:
    """One for several servers: the code is the first one's, and every reason is told."""
    first, *others = reasons
    return Unfit(first.code, one_after_the_other(one.reason for one in (first, *others)), first.node)


def reboot(cluster: Cluster, file: Path, node: str, lease: str) -> None:
    """Reboot one server, which the run `lease` has, and wait until it has booted. Unfit where it does not in time."""
    before = _boot(cluster, node)
    words = [sys.executable, "-m", "pyinfra", "-y", "--limit", node, str(file.resolve()), "exec", "--"]
    # Its answer may get lost with the connection, so whether it has happened is looked at.
    script = scripts.step(lease, "systemctl reboot")
    done = subprocess.run([*words, script], cwd=ROOT, check=False, capture_output=True, text=True)
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
    one = probe.states([cluster], only=node)[node]
    return "" if isinstance(one, str) else one.boot


def _rebooted(cluster: Cluster, node: str, before: str) -> HostState | None:
    """The server after its reboot, once it has a lease again: somebody's."""
    state = probe.states([cluster], only=node)[node]
    return state if isinstance(state, HostState) and state.boot != before and state.lease else None


def await_health(cluster: Cluster, node: str) -> None:
    """Wait until a server takes part again, all its health checks being well. Unfit where it does not in time."""
    until = time.monotonic() + BACK
    reason: Unfit | None = None
    for seen in rounds(_connections(cluster), EVERY):
        reason = unfit(cluster, seen, node)
        if reason is None:
            return
        if time.monotonic() > until:
            break
    raise reason or _not_back(node)


def look(cluster: Cluster) -> Round:
    """How the servers are now."""
    return next(iter(rounds(_connections(cluster), EVERY, 1)))


def _connections(cluster: Cluster) -> list[tuple[str, dict[str, str | int | bool]]]:
    return [(node.name, dict(node.connection)) for node in cluster.nodes]


def must_be_fit(cluster: Cluster, seen: Round, name: str) -> None:
    """Unfit, with the reason, where a server could not take an address."""
    reason = unfit(cluster, seen, name)
    if reason is not None:
        raise reason


def unfit(cluster: Cluster, seen: Round, name: str) -> Unfit | None:
    """Why a server could not take an address; None where it could."""
    if name in seen.failures:
        return Unfit(Code.NOT_ASKED, say("{name} cannot be asked: {why}", name=name, why=seen.failures[name]), name)
    rows = [one for row in status.read(cluster, seen.found) for one in row.nodes if one.name == name]
    return next((reason for one in rows if (reason := _unfit(one))), None)


def _unfit(one: NodeRow) -> Unfit | None:
    failing = [check for check, well in (one.checks or {}).items() if not well]
    if failing:
        reason = say("{name} is not fit: its health check {check} fails.", name=one.name, check=failing[0])
        return Unfit(Code.CHECK_FAILS, reason, one.name)
    if one.state not in ("master", "backup"):
        return Unfit(Code.NOT_RUNNING, say("{name} is not fit: {state}.", name=one.name, state=one.words), one.name)
    return None
