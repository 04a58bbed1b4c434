"""What the network does: a firewall, other routers, other machines."""

from __future__ import annotations

from collections.abc import Iterator

from floatip import firewall
from floatip.change import requirements
from floatip.hosts.network_scan import Protocol
from floatip.model.messages import say
from floatip.operate.doctor.causes.devices import advert_line
from floatip.operate.doctor.model import Case, Code, Finding

VIRTUAL_MAC = "00:00:5e:00:0"


def firewall_drops(case: Case) -> Iterator[Finding]:
    """A firewall drops VRRP."""
    for name, seen in case.seen.items():
        try:
            needed = requirements.firewall_plan(case.cluster, name, seen.state)
        except firewall.FirewallError:
            continue
        if needed.script and needed.arm:
            what = say("The firewall of {name} drops VRRP.", name=name)
            lines = (*needed.changes, *seen.aside.drops)
            yield Finding(Code.FIREWALL, name, what, say("Deploy again: it adds the rules that are missing."), lines)


def foreign_vrrp(case: Case) -> Iterator[Finding]:
    """Another router in the network uses the same group number, and is none that the inventory names."""
    ours = {str(contender.source) for instance in case.cluster.instances for contender in instance.contenders}
    ours |= {address for seen in case.seen.values() for address in seen.daemon.held}
    speakers: dict[tuple[str, int, Protocol], dict[str, str]] = {}
    for name, seen in case.seen.items():
        for instance in case.cluster.instances_of(name):
            for advert in seen.scan.adverts:
                if advert.virtual_router_id == instance.virtual_router_id and advert.source not in ours:
                    speaker = (advert.source, advert.virtual_router_id, advert.protocol)
                    speakers.setdefault(speaker, {}).setdefault(name, advert_line(name, advert))
    for (source, vrid, protocol), lines in speakers.items():
        what = say("{source}, which is not one of the servers, uses VRID {vrid} too.", source=source, vrid=vrid)
        if protocol is Protocol.CARP:
            what = say("{source} uses CARP with VHID {vrid}, the same number as this VRID.", source=source, vrid=vrid)
        mend = say("Choose another virtual_router_id, or have that router use another.")
        yield Finding(Code.FOREIGN_VRRP, next(iter(lines)), what, mend, tuple(lines.values()))


def address_taken(case: Case) -> Iterator[Finding]:
    """A machine that is none of the servers answers for a floating address. It may be a server that does not answer; a
    device that the inventory names may have it."""
    if case.failures:
        return
    devices = {str(device.address) for instance in case.cluster.instances for device in instance.foreign}
    ours = {link.mac for seen in case.seen.values() for link in seen.state.links}
    ours |= {mac for seen in case.seen.values() for _, address, mac in seen.aside.arp if address in devices}
    others: dict[tuple[str, str], dict[str, str]] = {}
    for name, seen in case.seen.items():
        for interface, address, mac in seen.aside.arp:
            if mac not in ours and not mac.startswith(VIRTUAL_MAC):
                others.setdefault((mac, address), {})[name] = f"{name}, {interface}: ARP {address} {mac}"
    for (mac, address), lines in others.items():
        what = say("{mac}, which is not one of the servers, answers for {address}.", mac=mac, address=address)
        mend = say("Find that machine (the switch knows its port), and give it another address.")
        yield Finding(Code.ADDRESS_TAKEN, next(iter(lines)), what, mend, tuple(lines.values()))
