"""Rules on the options of floating addresses: what keepalived passes over, or the kernel refuses while it runs.

The daemon's own test of the file finds none of it; a kernel that refuses an address leaves a MASTER without it.
"""

from __future__ import annotations

from collections.abc import Iterator

from floatip.model.cluster import Cluster, Floating, Instance
from floatip.model.instance import EXCLUDED
from floatip.model.messages import Said, say
from floatip.model.problems import Problem
from floatip.model.rules.known import family, family_name, known, of_instance, own_addresses
from floatip.model.rules.subnets import Place, floating
from floatip.model.settings.addresses import options

GLOBAL = "global"
V4_ONLY = ("label", "brd", "scope")
OWN_INTERFACE = ("dev", "label")  # of which the virtual MAC's own interface leaves none


def only_ipv4(cluster: Cluster) -> Iterator[Problem]:
    """keepalived leaves these out for IPv6, or the whole address."""
    for instance, place, address in _optional(cluster):
        for key in V4_ONLY:
            if address.version == 6 and getattr(address, key) is not None:
                message = say("{subject}: IPv6 addresses have none.", subject=_of(address, key))
                yield Problem(place.path(instance, key), "ipv4-only", message, say("Leave it out."))


def labels(cluster: Cluster) -> Iterator[Problem]:
    """A label belongs to an interface: on each server to the one that has the address."""
    for instance, place, address in _optional(cluster):
        wrong = [
            m for m in instance.members if m.interface and not (address.label or "").startswith(f"{address.device(m)}:")
        ]
        if address.label and wrong and not instance.use_vmac:
            device, name = address.device(wrong[0]), address.label.partition(":")[2]
            message = say(
                "{subject} is {label}, but {node} has the address on {device}.",
                subject=_of(address, "label"),
                label=address.label,
                node=wrong[0].node,
                device=device,
            )
            hint = say("Write {label}.", label=f"{device}:{name}")
            if len({address.device(member) for member in instance.members}) > 1:
                hint = say("Leave it out: the interfaces of the servers have different names.")
            yield Problem(place.path(instance, "label"), "foreign-label", message, hint)


def broadcasts(cluster: Cluster) -> Iterator[Problem]:
    """The kernel sends nothing to a machine whose address is a broadcast address; a /31 or /32 has none of its own."""
    taken = {str(ip) for _, _, ip in own_addresses(cluster)} | cluster.floating
    for instance, place, address in _optional(cluster):
        path, subject = place.path(instance, "brd"), _of(address, "brd")
        if address.brd in taken:
            message = say(
                "{subject} is {address}, which is a server's own or a floating address.",
                subject=subject,
                address=address.brd,
            )
            hint = say("Write the broadcast address of the subnet, or leave it out.")
            yield Problem(path, "broadcast-taken", message, hint)
        elif address.brd in ("+", "-") and address.network.prefixlen > 30 and address.version == 4:
            message = say(
                "{subject} is {sign}, but a /{prefixlen} has no broadcast address.",
                subject=subject,
                sign=address.brd,
                prefixlen=address.network.prefixlen,
            )
            hint = say("Write the broadcast address itself, or leave it out.")
            yield Problem(path, "no-broadcast", message, hint)


def scopes(cluster: Cluster) -> Iterator[Problem]:
    """The kernel refuses a second scope among the addresses of one subnet on an interface."""
    for instance, place, address in _optional(cluster):
        other = next(
            (neighbour for neighbour, scope in _neighbours(instance, address) if scope != (address.scope or GLOBAL)),
            None,
        )
        if address.scope is not None and address.version == 4 and other and not instance.use_vmac:
            message = say(
                "{subject} is {scope}, but {other} is in the same subnet with another scope: Linux refuses that.",
                subject=_of(address, "scope"),
                scope=address.scope,
                other=other,
            )
            hint = say("Write {ip}/32, or leave the scope out.", ip=address.ip)
            yield Problem(place.path(instance, "scope"), "scope-of-subnet", message, hint)


def _neighbours(instance: Instance, address: Floating) -> Iterator[tuple[str, str | int]]:
    """Addresses of the same subnet on the same interface, as (address, scope): the servers' own, and floating ones."""
    for member in instance.members:
        if known(member.address) and (address.device(member), address.network) == (
            member.interface,
            member.address.network,
        ):
            yield str(member.address), GLOBAL
    for other in instance.addresses:
        if other is not address and (other.dev, other.network) == (address.dev, address.network):
            yield str(other.address), other.scope or GLOBAL


def virtual_macs(cluster: Cluster) -> Iterator[Problem]:
    """With a virtual MAC address the interface is keepalived's own; on another one the address would not have it."""
    for instance, place, address in _optional(cluster):
        for key in OWN_INTERFACE:
            if instance.use_vmac and getattr(address, key) is not None:
                message = say(
                    "{subject}: with use_vmac keepalived has an interface of its own for the address.",
                    subject=_of(address, key),
                )
                hint = say("Leave {key} out, or use_vmac.", key=key)
                yield Problem(place.path(instance, key), "virtual-mac", message, hint)


def other_families(cluster: Cluster) -> Iterator[Problem]:
    """From 2.2 on keepalived puts them on the interface itself, 2.1.5 on the one with the virtual MAC address."""
    for instance, place, address in floating(cluster):
        if instance.use_vmac and place.key == EXCLUDED and family(instance) not in (None, address.version):
            message = say(
                "{subject}: {address} is {family}, and has the virtual MAC address on Debian 11 only.",
                subject=of_instance(instance, EXCLUDED),
                address=address.ip,
                family=family_name(address.version),
            )
            hint = say("Give it an instance of its own, or leave use_vmac out.")
            yield Problem(place.path(instance), "virtual-mac", message, hint)


def _optional(cluster: Cluster) -> Iterator[tuple[Instance, Place, Floating]]:
    """Those that have options, with their place in the instance."""
    return (found for found in floating(cluster) if options(found[2]))


def _of(address: Floating, key: str) -> Said:
    return say("{key} of {name}", key=key, name=address.address)


RULES = (only_ipv4, labels, broadcasts, scopes, virtual_macs, other_families)
