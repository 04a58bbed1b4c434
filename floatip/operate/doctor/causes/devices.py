"""Devices that share the addresses and that floatip does not manage: what is heard of them is not what was expected."""

from __future__ import annotations

from collections.abc import Iterator

from floatip.hosts.network_scan import Advert
from floatip.model.cluster import Foreign, Instance
from floatip.model.messages import Said, say
from floatip.operate.doctor.model import Case, Code, Finding

GOODBYE = 0  # the priority of a router that lets go (RFC 9568, section 5.2.4)


def device_apart(case: Case) -> Iterator[Finding]:
    """It sends adverts while a server does: two masters, which do not take each other's adverts."""
    for instance, device in _devices(case):
        own = {str(member.source) for member in instance.members}
        for name, seen in case.seen.items():
            theirs = [advert for advert in _heard(case, name, instance) if advert.source == str(device.address)]
            both = theirs and any(advert.source in own for advert in _heard(case, name, instance))
            holds = any(str(address.ip) in seen.daemon.held for address in instance.addresses)
            if theirs and (both or holds):
                what = say(
                    "{device} and a server are both MASTER in {instance}.", device=device.node, instance=instance.name
                )
                mend = say(
                    "They do not accept each other's adverts: compare the password, advert_int, VRRP version and "
                    "list of addresses on {device} with the inventory.",
                    device=device.node,
                )
                yield Finding(Code.DEVICE_APART, name, what, mend, _evidence(name, theirs))
                break


def device_differs(case: Case) -> Iterator[Finding]:
    """It has another priority than the inventory says: rules and forecasts are wrong."""
    for instance, device in _devices(case):
        for name in case.seen:
            adverts = [advert for advert in _heard(case, name, instance) if advert.source == str(device.address)]
            others = [advert for advert in adverts if advert.priority not in (GOODBYE, device.priority)]
            if others:
                what = say(
                    "{device} has priority {heard} in {instance}; the inventory says {priority}.",
                    device=device.node,
                    heard=others[0].priority,
                    instance=instance.name,
                    priority=device.priority,
                )
                mend = say("Correct the inventory, so that rules and forecasts are right.")
                yield Finding(Code.DEVICE_DIFFERS, name, what, mend, _evidence(name, others))
                break


def _devices(case: Case) -> Iterator[tuple[Instance, Foreign]]:
    return ((instance, device) for instance in case.cluster.instances for device in instance.foreign)


def _heard(case: Case, name: str, instance: Instance) -> list[Advert]:
    vrid = instance.virtual_router_id
    return [advert for advert in case.seen[name].scan.adverts if advert.virtual_router_id == vrid]


def _evidence(name: str, adverts: list[Advert]) -> tuple[str, ...]:
    return tuple(advert_line(name, advert) for advert in adverts)


def advert_line(name: str, advert: Advert) -> Said:
    """What a server has heard."""
    return say(
        "{name}, {interface}: {protocol} version {version} from {source}, number {vrid}, priority {priority}, "
        "addresses: {addresses}",
        name=name,
        interface=advert.interface,
        protocol=advert.protocol,
        version=advert.version,
        source=advert.source,
        vrid=advert.virtual_router_id,
        priority=advert.priority,
        addresses=", ".join(advert.addresses) or "-",
    )
