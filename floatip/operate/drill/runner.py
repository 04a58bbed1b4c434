"""Running a drill: nobody is taken down who has no healthy partner."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from floatip.hosts import probe, workers
from floatip.hosts.host_state import HostState
from floatip.keepalived import timing
from floatip.model.cluster import Cluster, Instance, Member
from floatip.model.messages import Said, any_of, loaded, say
from floatip.operate import handover, refusals
from floatip.operate.drill import FAULTS, Fault, Report, faults, judge, script
from floatip.operate.drill.messages import Answer, Note, Request
from floatip.operate.drill.report import Changes
from floatip.operate.refusals import Code, Unfit
from floatip.server_side.lease.model import What

OBSERVER = "_observer"  # no server can be called so
BEFORE, AFTER = 2.0, 2.0  # seconds of quiet around it
REBOOT = 300.0  # seconds that a server gets to come back
SPARE = 30.0  # seconds after which the server's own timer undoes what we should have undone
Tell = Callable[[Note], None]


def _silent(note: Note) -> None:
    """Nobody wants to know."""


def run(
    cluster: Cluster, fault_name: str, node: str | None = None, instance_name: str | None = None, tell: Tell = _silent
) -> Report:
    """One drill on the server that has the address, or on `node`. Unfit where it would do harm; nothing is done.

    What is looked at is the first address of the first instance, or of another. `tell` gets to know how far it is, as
    `floatip.operate.drill.progress` understands it.
    """
    fault, instance = FAULTS[fault_name], _instance(cluster, instance_name)
    _planned(cluster, fault, instance, node)
    with handover.reserved(cluster, What.DRILL) as lease:  # what was seen before may be so no more
        holder, member = _planned(cluster, fault, instance, node)
        return _run(cluster, fault, instance, holder, member, tell, lease)


def _planned(cluster: Cluster, fault: Fault, instance: Instance, node: str | None) -> tuple[str, Member]:
    """Who has the address, and who is meant. Unfit where it would do harm."""
    holder, target = _healthy(cluster, instance, str(instance.virtual_ipaddress[0].ip), node)
    member = instance.member(target)
    if member is None:
        no_part = say("{name} takes no part in {instance}.", name=target, instance=instance.name)
        raise Unfit(Code.NO_PART, no_part, target)
    if reason := faults.why_not(fault, cluster, instance):
        raise Unfit(Code.NO_SUCH_FAULT, reason)
    return holder, member


def _run(
    cluster: Cluster, fault: Fault, instance: Instance, holder: str, member: Member, tell: Tell, lease: str
) -> Report:
    address, target = str(instance.virtual_ipaddress[0].ip), member.node
    states = probe.states([cluster])
    answer = _child(_request(cluster, instance, member, fault, lease), tell)
    if answer["error"]:
        why = answer["error"] if isinstance(answer["error"], Said) else loaded(answer["error"])
        raise Unfit(Code.DRILL_FAILED, say("The failover test could not be done: {why}", why=why), target)
    given = {
        "cluster": cluster.name,
        "fault": fault.name,
        "node": target,
        "address": address,
        "fault_at": answer["fault_at"],
        "undo_at": answer["undo_at"],
        "predicted_ms": 1000 * fault.outage(cluster, instance),
        "home": _home(instance, holder, target),
        "allowed_twice": fault.twice,
        "states": _states(answer, instance.name),
    }
    return _judged(
        answer,
        _watched(cluster, instance),
        given,
        {name: state for name, state in states.items() if isinstance(state, HostState)},
    )


def _instance(cluster: Cluster, name: str | None) -> Instance:
    found = next((instance for instance in cluster.instances if name in (None, instance.name)), None)
    if found is None:
        raise Unfit(Code.NO_SUCH_INSTANCE, say("There is no instance {name}.", name=name))
    return found


def _request(cluster: Cluster, instance: Instance, member: Member, fault: Fault, lease: str) -> Request:
    """What `floatip.operate.drill.worker` is asked to do."""
    address, token = str(instance.virtual_ipaddress[0].ip), secrets.token_hex(16)
    floating = [str(address.ip) for each in cluster.instances for address in each.addresses]
    hold = fault.noticed(cluster, instance) + 3
    settle = _recovery(cluster, instance) + AFTER
    total = BEFORE + hold + REBOOT + settle
    return {
        "client": [OBSERVER, dict(cluster.client)] if cluster.client else None,
        "target": member.node,
        "servers": [[node.name, dict(node.connection)] for node in cluster.nodes],
        "watch": {member.node: script.watch(_watched(cluster, instance), total) for member in instance.members},
        "log": script.log(total),
        "reach": script.reach(address),
        "observe": script.observe(address, token, total),
        "token": token,
        "fault": faults.armed(fault, member, floating, hold + SPARE),
        "undo": faults.undone(fault, member, floating),
        "before": BEFORE,
        "hold": hold,
        "settle": settle,
        "breaks": fault.reboots,
        "seconds": total,
        "lease": lease,
    }


def _watched(cluster: Cluster, instance: Instance) -> list[str]:
    """The addresses that the servers write down: the first of each instance that moves together with this one."""
    others = [other for other in cluster.together(instance) if other != instance]
    return [str(each.virtual_ipaddress[0].ip) for each in (instance, *others)]


def _healthy(cluster: Cluster, instance: Instance, address: str, node: str | None) -> tuple[str, str]:
    """Who has the address, and who is meant. Unfit unless one server has it, and two are well: the one that is
    meant, and another one that has the address or takes it over."""
    seen = handover.look(cluster)
    holders = [name for name, found in seen.found.items() if address in found.held]
    target = node or (holders[0] if holders else instance.preferred.node)
    handover.must_be_fit(cluster, seen, target)
    reasons = [handover.unfit(cluster, seen, member.node) for member in instance.peers(target)]
    if None not in reasons:
        raise refusals.all_unfit(reason for reason in reasons if reason)
    if not holders and instance.foreign:
        elsewhere = say(
            "No server holds {address}: {device}, which floatip does not manage, may. Only a server can be tested.",
            address=address,
            device=any_of([device.node for device in instance.foreign]),
        )
        raise Unfit(Code.ELSEWHERE, elsewhere)
    if len(holders) != 1:
        one_holder = say("{address} is not held by exactly one server now.", address=address)
        raise Unfit(Code.NOT_ONE_HOLDER, one_holder)
    return holders[0], target


def _home(instance: Instance, holder: str, target: str) -> str:
    """Who has it in the end: whoever had it, but with nopreempt it does not come back to who lost it."""
    others = [
        member for member in sorted(instance.members, key=lambda member: -member.priority) if member.node != target
    ]
    return others[0].node if instance.nopreempt and target == holder else holder


def _recovery(cluster: Cluster, instance: Instance) -> float:
    tracked = [script for script in cluster.scripts if script.name in cluster.tracked(instance)]
    checks = max((timing.recovery_bound(script) for script in tracked), default=0.0)
    return timing.slowest(cluster, instance, timing.election_bound) + checks


def _child(request: Request, tell: Tell) -> Answer:
    """The last of what it says, which is its answer; all before that is only told."""
    try:
        for document in workers.documents(["floatip.operate.drill.worker"], request, request["seconds"] + 60):
            if "error" in document:
                answer: Answer = document
                return answer
            tell(document)
    except workers.Failed as failed:
        return {"error": failed.message}
    return {"error": say("it printed nothing")}


def _states(answer: Answer, instance: str) -> dict[str, list[tuple[float, str]]]:
    """Server → when its daemon went into which state, by this computer's clock; nothing where that makes no sense."""
    found: dict[str, list[tuple[float, str]]] = {}
    for name, lines in answer["logs"].items():
        ahead = answer["offsets"].get(name, 0.0)
        with suppress(ValueError):
            found[name] = [(at - ahead, state) for at, state in script.states(map(str, lines or ()), instance)]
    return found


def _judged(
    answer: Answer, addresses: Sequence[str], given: Mapping[str, Any], states: Mapping[str, HostState]
) -> Report:
    try:
        seen = script.answers([str(line) for line in answer["observed"] or ()])
    except ValueError:
        raise Unfit(Code.DRILL_FAILED, say("The measurement could not be started.")) from None
    ahead = answer["offsets"].get(OBSERVER, 0.0)
    seen = script.Answers(
        seen.begin - ahead,
        seen.end - ahead,
        tuple(at - ahead for at in seen.at),
        tuple((at - ahead, mac) for at, mac in seen.macs),
    )
    first, *others = [_changes(answer, address) for address in addresses]
    owners = {link.mac: name for name, state in states.items() for link in state.links if link.mac}
    return judge(given, first, seen, owners, dict(zip(addresses[1:], others, strict=True)))


def _changes(answer: Answer, address: str) -> Changes:
    """Server → when it took or lost an address, by this computer's clock."""
    changes: dict[str, list[script.Change] | None] = {}
    for name, lines in answer["watched"].items():
        ahead = answer["offsets"].get(name, 0.0)
        try:
            read = script.changes([str(line) for line in lines or ()], address)
            changes[name] = [script.Change(change.at - ahead, change.holds) for change in read]
        except ValueError:
            changes[name] = None
    return changes
