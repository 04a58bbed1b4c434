"""Handing an address over on purpose, and whether that would do harm. Deploys do the work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from floatip.change import pins
from floatip.change.plan import addresses
from floatip.hosts.monitor import Snapshot, snapshots
from floatip.model.cluster import Cluster, Foreign, Instance
from floatip.model.messages import NO_MESSAGE, Said, say
from floatip.operate import status
from floatip.operate.refusals import Code, Unfit, all_unfit
from floatip.operate.status import NodeRow
from floatip.runs import pyinfra_run
from floatip.runs.lock import held
from floatip.runs.pyinfra_run import Result
from floatip.server_side.lease.model import What

EVERY = 2.0


@contextmanager
def reserved(cluster: Cluster, what: What) -> Iterator[str]:
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
    if ahead := _ahead(cluster, node):
        raise ahead
    if anew and _stays(cluster, seen, node):
        raise Unfit(Code.THERE_ALREADY, say("{name} has the addresses already, and keeps them.", name=node), node)
    return {instance.name: node for instance in cluster.instances_of(node)}


def moves_to(cluster: Cluster, seen: Snapshot | None) -> dict[str, Said]:
    """Server → why addresses cannot be moved to it at present; nothing is said where they can."""
    return {node.name: _no_move(cluster, seen, node.name) for node in cluster.nodes}


def _no_move(cluster: Cluster, seen: Snapshot | None, name: str) -> Said:
    if seen is None:
        return say("not known yet whether it could take over")
    if reason := unfit(cluster, seen, name) or _ahead(cluster, name):
        return reason.reason
    return say("has the addresses already") if _stays(cluster, seen, name) else NO_MESSAGE


def _ahead(cluster: Cluster, node: str) -> Unfit | None:
    """Why a server would not get an address though it is well: a device leads that floatip does not manage."""
    for instance in cluster.instances_of(node):
        if isinstance(instance.leader, Foreign):
            reason = say(
                "{device}, which floatip does not manage, has a higher priority in {instance} than all servers.",
                device=instance.leader.node,
                instance=instance.name,
            )
            return Unfit(Code.ELSEWHERE, reason, node)
    return None


def _stays(cluster: Cluster, seen: Snapshot, name: str) -> bool:
    """Whether a move to this server would change nothing."""
    to = pins.known(cluster, pins.newest(found.moved for found in seen.found.values())).to

    def there(instance: Instance) -> bool:
        leads = to.get(instance.name, instance.preferred.node) == name
        return leads and addresses(instance) <= seen.found[name].held

    return all(map(there, cluster.instances_of(name)))


def plan_absence(cluster: Cluster, node: str) -> dict[str, str]:
    """Instance → who takes over what `node` has, while it is away. Unfit where there is nobody for one of them."""
    _known(cluster, node)
    return _heirs(cluster, look(cluster), node)


def kept(cluster: Cluster, seen: Snapshot) -> dict[str, Unfit]:
    """The servers that cannot be spared at present, and why."""
    found: dict[str, Unfit] = {}
    for node in cluster.nodes:
        try:
            _heirs(cluster, seen, node.name)
        except Unfit as unfit:
            found[node.name] = unfit
    return found


def _heirs(cluster: Cluster, seen: Snapshot, node: str) -> dict[str, str]:
    must_be_fit(cluster, seen, node)
    held = [instance for instance in cluster.instances_of(node) if addresses(instance) & seen.found[node].held]
    return {instance.name: _heir(cluster, seen, instance, node) for instance in held}


def move(file: Path, to: Mapping[str, str], *, json_output: bool = False, lease: str = "") -> Result:
    """Deploy the inventory with these instances led by these servers. `lease`: the run whose leases it uses."""
    data: dict[str, bool | str] = {pyinfra_run.MOVE: pins.option(to)}
    return pyinfra_run.run(file, data=data, json_output=json_output, lease=lease)


def _known(cluster: Cluster, node: str) -> None:
    if node not in {node.name for node in cluster.nodes}:
        reason = say("{name} is not one of the servers.", name=node) if node else say("No server was chosen.")
        raise Unfit(Code.NO_SUCH_SERVER, reason, node)


def _heir(cluster: Cluster, seen: Snapshot, instance: Instance, node: str) -> str:
    """The fit one with the highest priority besides `node`."""
    others = sorted(instance.peers(node), key=lambda member: -member.priority)
    reasons = {member.node: unfit(cluster, seen, member.node) for member in others}
    for name, reason in reasons.items():
        if reason is None:
            return name
    raise all_unfit(reason for reason in reasons.values() if reason)


def look(cluster: Cluster) -> Snapshot:
    """How the servers are now."""
    return next(iter(snapshots(connections(cluster), EVERY, 1)))


def connections(cluster: Cluster) -> list[tuple[str, dict[str, str | int | bool]]]:
    """The servers of a cluster with their connection data, as a monitor takes them."""
    return [(node.name, dict(node.connection)) for node in cluster.nodes]


def must_be_fit(cluster: Cluster, seen: Snapshot, name: str) -> None:
    """Unfit, with the reason, where a server could not take an address."""
    reason = unfit(cluster, seen, name)
    if reason is not None:
        raise reason


def unfit(cluster: Cluster, seen: Snapshot, name: str) -> Unfit | None:
    """Why a server could not take an address; None where it could."""
    if name in seen.failures:
        return Unfit(Code.NOT_ASKED, say("Could not check {name}: {why}", name=name, why=seen.failures[name]), name)
    rows = [node for row in status.read(cluster, seen.found) for node in row.nodes if node.name == name]
    return next((reason for row in rows if (reason := _unfit(row))), None)


def _unfit(row: NodeRow) -> Unfit | None:
    failing = [check for check, well in (row.checks or {}).items() if not well]
    if failing:
        reason = say("{name} cannot take over: its health check {check} fails.", name=row.name, check=failing[0])
        return Unfit(Code.CHECK_FAILS, reason, row.name)
    if row.state not in ("master", "backup"):
        return Unfit(
            Code.NOT_RUNNING, say("{name} cannot take over: {state}.", name=row.name, state=row.label), row.name
        )
    return None
