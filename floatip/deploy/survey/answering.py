"""Who answers for the floating addresses: asked by the servers themselves, each in its own network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pyinfra.api import Host, State

from floatip.change.plan import addresses
from floatip.deploy.survey import notices
from floatip.deploy.survey.result import Survey
from floatip.hosts import connection, neighbours
from floatip.hosts.asking import asked
from floatip.hosts.host_state import HostState
from floatip.hosts.ssh_errors import Untold
from floatip.model.cluster import Instance, Member
from floatip.model.messages import say
from floatip.model.problems import Level

PATIENCE = 10  # seconds for an answer
Answers = Mapping[str, Mapping[str, frozenset[str]]]
"""Server that asked → address → the hardware addresses that answered it."""


def ask(state: State, hosts: Mapping[str, Host], pairs: Mapping[str, list[tuple[str, str]]]) -> Answers:
    """Have these servers ask for (interface, address), all at the same time. One that cannot ask is left out."""
    found = connection.each(
        [name for name, wanted in pairs.items() if wanted], lambda name: _ask(state, hosts[name], pairs[name])
    )
    return {name: entry for name, entry in found.items() if entry is not None}


def _ask(state: State, host: Host, pairs: list[tuple[str, str]]) -> dict[str, frozenset[str]] | None:
    try:
        lines = asked(state, host, neighbours.script(pairs), neighbours.MARK, timeout=PATIENCE)
        found = neighbours.parse(lines)
    except (Untold, ValueError):
        return None
    return {address: frozenset(mac for _, of, mac in found if of == address) for _, address in pairs}


def own(instance: Instance, address: str, name: str, state: HostState) -> frozenset[str]:
    """The hardware addresses from which a server may answer for a floating address that it holds: with a virtual one,
    only that. Otherwise any of its own: Linux answers on each interface in that network, whichever has the address
    (arp_ignore in the kernel's ip-sysctl.rst)."""
    if instance.use_vmac:
        return frozenset({neighbours.virtual(instance, address)})
    return frozenset(link.mac for link in state.links if link.mac and instance.member(name))


def asker(instance: Instance, address: str, holder: str, among: Iterable[str]) -> Member | None:
    """A server in the same network as the holder, that can ask it directly; None where there is none."""
    there = instance.member(holder)
    members = [member for name in among if name != holder and (member := instance.member(name))]
    near = [member for member in members if there and there.address.ip in member.address.network]
    return next((member for member in near if _askable(instance, member, address)), None)


def _askable(instance: Instance, member: Member, address: str) -> bool:
    """An IPv6 address is resolved by the kernel, where that has a route on the link: it is known only of the interface
    with the server's own address."""
    floating = instance.floating(address)
    return floating.version == 4 or (
        floating.device(member) == member.interface and floating.ip in member.address.network
    )


def taken(state: State, survey: Survey) -> list[tuple[str, str, str]]:
    """(server that has seen it, address, hardware address) of other machines that have what a server of ours is to get.

    Only of addresses that are to come, and where all servers are in this run: one that is left out may have it, and so
    may a device that floatip does not manage.
    """
    everybody = {node.name for node in survey.cluster.nodes} <= set(survey.hosts)
    if not survey.plan.steps or not everybody or survey.departures.kept or survey.departures.leaving:
        return []
    held = {address for state in survey.states.values() for address in state.held}
    managed = [instance for instance in survey.cluster.instances if not instance.foreign]
    wanted = [(instance, address) for instance in managed for address in sorted(addresses(instance) - held)]
    pairs: dict[str, list[tuple[str, str]]] = {name: [] for name in survey.hosts}
    for instance, address in wanted:
        for member in instance.members:
            if _askable(instance, member, address):
                pairs[member.node].append((instance.floating(address).device(member), address))
    ours = {link.mac for state in survey.states.values() for link in state.links}
    answers = ask(state, survey.hosts, pairs)
    found = []
    for instance, address in wanted:
        macs = {mac for answer in answers.values() for mac in answer.get(address, ())}
        for mac in sorted(macs - ours - {neighbours.virtual(instance, address)}):
            name = next(name for name, answer in answers.items() if mac in answer.get(address, ()))
            found.append((name, address, mac))
    return found


def remark(name: str, address: str, mac: str) -> None:
    """Say that another machine has an address, before it is given to a server of ours."""
    message = say(
        "{address} is in use: {name} sees {mac} answer for it, which is not one of the servers. Choose "
        "another address, or take it off that machine.",
        address=address,
        mac=mac,
        name=name,
    )
    notices.remark(name, "address-taken", Level.WARNING, message)
