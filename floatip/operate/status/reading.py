"""The rows of the status, from what the servers say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from floatip.change import pins
from floatip.hosts import systems
from floatip.hosts.daemon import DaemonState, Health
from floatip.keepalived import timing
from floatip.model.cluster import Cluster, Instance
from floatip.model.messages import NO_MESSAGE, Said, all_of, any_of, say
from floatip.operate.status.causes import cause, failing
from floatip.operate.status.model import Cause, Code, NodeRow, Row, Verdict
from floatip.server_side.lease.model import described
from floatip.server_side.pending import change


def read(cluster: Cluster, found: Mapping[str, DaemonState]) -> list[Row]:
    """One row an address; servers that `found` lacks have not answered."""
    to = pins.known(cluster, pins.newest(state.moved for state in found.values())).to
    rows = [
        _row(str(address.ip), each, found, to.get(each.name))
        for each in cluster.instances
        for address in each.addresses
    ]
    return [_together(cluster, row, rows) for row in rows]


def at_work(found: Mapping[str, DaemonState]) -> list[Said]:
    """Who is changing the servers now, and which change was not brought to its end yet."""
    leases = [described(name, state.lease) for name, state in found.items() if state.lease]
    return leases + [change.described(name, state.change) for name, state in found.items() if state.change]


def full(found: Mapping[str, DaemonState]) -> list[Said]:
    """Where nothing can be written any more."""
    no_room = [systems.no_room(name, place) for name, state in found.items() for place in state.full]
    return no_room + [systems.read_only(name, place) for name, state in found.items() for place in state.readonly]


def age(seconds: float) -> Said:
    """A time that has passed, as people say it."""
    if seconds >= 2 * 86400:
        return say("{number} d", number=int(seconds // 86400))
    if seconds >= 2 * 3600:
        return say("{number} h", number=int(seconds // 3600))
    return say("{number} min", number=int(seconds // 60)) if seconds >= 120 else say("{number} s", number=int(seconds))


def _row(address: str, instance: Instance, found: Mapping[str, DaemonState], moved: str | None) -> Row:
    nodes = tuple(_node(address, instance, member.node, found.get(member.node)) for member in instance.members)
    verdict, code, sentence = _verdict(address, instance, nodes, moved)
    cause_code, why = cause(instance, nodes, found) if verdict == "bad" else failing(nodes) or (None, NO_MESSAGE)
    devices = tuple(device.node for device in instance.foreign) if code is Code.ELSEWHERE else ()
    return Row(instance.name, address, verdict, sentence, nodes, code, why, cause_code, devices)


def _together(cluster: Cluster, row: Row, rows: list[Row]) -> Row:
    """The row of an address; a bad one where another server has what is to move together with it."""
    names = next((group.instances for group in cluster.vrrp_sync_group if row.instance in group.instances), ())
    others = [other for other in rows if other.instance in names and other.holder and other.holder != row.holder]
    if row.verdict != "good" or row.devices or not others:
        return row
    split = say(
        "{holder} holds {address}, but {other} holds {other_address}: these move together.",
        holder=row.holder,
        address=row.address,
        other=others[0].holder,
        other_address=others[0].address,
    )
    election = say("An election may be under way.")
    return replace(row, verdict="bad", code=Code.SPLIT, sentence=split, cause=election, cause_code=Cause.ELECTION)


def _node(address: str, instance: Instance, name: str, seen: DaemonState | None) -> NodeRow:
    if seen is None:
        return NodeRow(name, "unknown")
    vrrp = seen.instances.get(instance.name)
    results = {script: seen.check(script) for script in instance.track_script}
    checks = {script: health is Health.WELL for script, health in results.items() if health is not Health.UNKNOWN}
    off = frozenset(script for script, health in results.items() if health is Health.DISABLED)
    if address in seen.held:
        since = vrrp.since if vrrp and vrrp.state == "master" else None
        return NodeRow(name, "master", since, vrrp.priority if vrrp else None, checks, off)
    if not seen.running:
        return NodeRow(name, "stopped", seen.since)
    if vrrp is None:  # a daemon that just starts has told nothing yet
        return NodeRow(name, "absent" if seen.instances else "mute" if seen.mute else "init")
    # The address is not there, so whatever the daemon calls itself, it does not lead.
    return NodeRow(name, "backup" if vrrp.state == "master" else vrrp.state, vrrp.since, vrrp.priority, checks, off)


def _verdict(
    address: str, instance: Instance, nodes: tuple[NodeRow, ...], moved: str | None
) -> tuple[Verdict, Code, Said]:
    holders = [row.name for row in nodes if row.state == "master"]
    silent = [row.name for row in nodes if row.state == "unknown"]
    if len(holders) > 1:
        twice = say("{names} hold {address} at the same time.", names=all_of(holders), address=address)
        return "bad", Code.TWICE, twice
    if holders and silent:
        unsure = say(
            "{holder} holds {address}; whether {names} does too is not known.",
            holder=holders[0],
            address=address,
            names=any_of(silent),
        )
        return "unknown", Code.MAYBE_TWICE, unsure
    if holders:
        return "good", *_held(address, holders[0], instance.leader.node, moved)
    if silent:
        unsure = say(
            "No reachable server holds {address}. Unreachable: {names}.", address=address, names=", ".join(silent)
        )
        return "unknown", Code.MAYBE_NOBODY, unsure
    if instance.foreign:
        return _elsewhere(address, instance, nodes)
    return "bad", Code.NOBODY, say("No server holds {address}.", address=address)


def _elsewhere(address: str, instance: Instance, nodes: tuple[NodeRow, ...]) -> tuple[Verdict, Code, Said]:
    """No server has it, and each has answered: that leaves the devices that floatip does not manage."""
    devices = any_of([device.node for device in instance.foreign])
    if standby := _standby(instance, nodes):
        message = say(
            "{device}, which floatip does not manage, has {address}: {names} are on standby for it.",
            device=devices,
            address=address,
            names=all_of(standby),
        )
        return "good", Code.ELSEWHERE, message
    unsure = say("No server holds {address}; whether {device} does is not known.", address=address, device=devices)
    return "unknown", Code.MAYBE_NOBODY, unsure


def _standby(instance: Instance, nodes: tuple[NodeRow, ...]) -> list[str]:
    """Who hears a better router, which is none of ours: on standby a server that hears nobody takes over soon."""
    slowest = timing.takeover_bound(instance, "crash") + timing.election_bound(instance)
    return [row.name for row in nodes if row.state == "backup" and (row.since or 0) > slowest]


def _held(address: str, holder: str, preferred: str, moved: str | None) -> tuple[Code, Said]:
    if holder == moved:
        on_purpose = say("{holder} holds {address}: it was moved there on purpose.", holder=holder, address=address)
        return Code.MOVED, on_purpose
    if holder == (moved or preferred):
        return Code.HELD, say("{holder} holds {address}.", holder=holder, address=address)
    return Code.NOT_PREFERRED, say(
        "{holder} holds {address}, though {preferred} is preferred.",
        holder=holder,
        address=address,
        preferred=moved or preferred,
    )
