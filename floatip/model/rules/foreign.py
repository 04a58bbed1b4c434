"""Rules on the devices of an instance that floatip does not manage: not deployed, but counted on."""

from __future__ import annotations

from collections.abc import Iterator

from floatip.model.cluster import Cluster, Foreign, Instance
from floatip.model.messages import Said, say
from floatip.model.problems import Level, Problem
from floatip.model.rules.known import device_path, family, family_name, instance_path, lift, own_addresses, ranked
from floatip.model.rules.subnets import members_with_address

OWNER = 255  # RFC 9568, section 5.2.4: the priority of the router that has the address as its own


def names_of_their_own(cluster: Cluster) -> Iterator[Problem]:
    """A device called like a server: reports could not tell them apart."""
    servers = {node.name for node in cluster.nodes}
    for instance, device in _devices(cluster):
        if device.node in servers:
            message = say(
                "{instance} has {node} as a device that floatip does not manage, but it is one of the servers.",
                instance=instance.name,
                node=device.node,
            )
            hint = say("Call the device something else.")
            yield Problem(instance_path(instance, f"foreign.{device.node}"), "name-clash", message, hint)


def priorities_of_their_own(cluster: Cluster) -> Iterator[Problem]:
    """A device with the priority of a server, or of another device: who leads would be left to chance."""
    for instance in cluster.instances:
        seen = {member.priority: member.node for member in instance.members}
        for device in instance.foreign:
            first = seen.setdefault(device.priority, device.node)
            if device.priority and first != device.node:
                message = say(
                    "{subject} is {priority}, like {first}'s.",
                    subject=_of(device, "priority"),
                    priority=device.priority,
                    first=first,
                )
                hint = say("Write the priority that the device has, and give the servers others.")
                yield Problem(device_path(instance, device, "priority"), "equal-priorities", message, hint)


def addresses_of_their_own(cluster: Cluster) -> Iterator[Problem]:
    """A device with an address that a server, another device or nobody in particular has."""
    servers = {ip: member.node for _, member, ip in own_addresses(cluster)}
    for instance in cluster.instances:
        owner = dict(servers)
        floating = {address.ip for address in instance.virtual_ipaddress}
        for device in instance.foreign:
            path, ip = device_path(instance, device, "address"), device.address
            hint = say("Write the address that its adverts come from.")
            if owner.setdefault(ip, device.node) != device.node:
                message = say("{subject} is {ip}, which is {owner}'s too.", subject=_at(device), ip=ip, owner=owner[ip])
                yield Problem(path, "shared-address", message, hint)
            elif ip in floating and device.priority != OWNER:
                message = say("{subject} is {ip}, a floating address.", subject=_at(device), ip=ip)
                yield Problem(path, "own-address", message, hint)


def in_the_network(cluster: Cluster) -> Iterator[Problem]:
    """A device of another address family, or in another subnet than the servers: they would not hear each other."""
    for instance, device in _devices(cluster):
        path, ip = device_path(instance, device, "address"), device.address
        if family(instance) not in (None, ip.version):
            name = family_name(family(instance))
            message = say(
                "{subject} is {address}, but its floating addresses are {family}.",
                subject=_at(device),
                address=ip,
                family=name,
            )
            yield Problem(path, "mixed-families", message, say("IPv4 and IPv6 need an instance each."))
            continue
        outside = [member for member in members_with_address(instance) if ip not in member.address.network]
        if outside:
            message = say(
                "{subject} is {ip}, outside {network}, the subnet of {node}.",
                subject=_at(device),
                ip=ip,
                network=outside[0].address.network,
                node=outside[0].node,
            )
            level = Level.WARNING if instance.unicast else Level.ERROR
            yield Problem(path, "split-subnets", message, say("VRRP's multicast stays within a subnet."), level)


def leads(cluster: Cluster) -> Iterator[Problem]:
    """A device that has the addresses while it is well: then no server of ours has them."""
    for instance in cluster.instances:
        first = next(iter(ranked(instance, lift(cluster, instance))), None)
        if isinstance(first, Foreign):
            message = say(
                "{node}, which floatip does not manage, has the highest priority in {instance}: while it is up, "
                "no server has the addresses.",
                node=first.node,
                instance=instance.name,
            )
            path = device_path(instance, first, "priority")
            yield Problem(
                path, "foreign-leads", message, say("Give a server a higher priority to change that."), Level.INFO
            )


def authentication(cluster: Cluster) -> Iterator[Problem]:
    """A password is for devices that ask for one, and VRRP version 3 has none (RFC 9568, section 9)."""
    for instance in cluster.instances:
        path = instance_path(instance, "authentication")
        if instance.authentication and not instance.foreign:
            message = say(
                "{instance} has authentication, but no device that floatip does not manage.", instance=instance.name
            )
            hint = say("Remove it: servers that trust their network need none. Or name the device in foreign.")
            yield Problem(path, "needless-password", message, hint)
        if instance.authentication and instance.version == 3:
            message = say("{instance} has authentication, which VRRP version 3 does not know.", instance=instance.name)
            yield Problem(path, "password-version", message, say("Remove it, or use version 2."))


def _devices(cluster: Cluster) -> Iterator[tuple[Instance, Foreign]]:
    return ((instance, device) for instance in cluster.instances for device in instance.foreign)


def _of(device: Foreign, key: str) -> Said:
    return say("{key} of {name}", key=key, name=device.node)


def _at(device: Foreign) -> Said:
    return _of(device, "address")


RULES = (names_of_their_own, priorities_of_their_own, addresses_of_their_own, in_the_network, leads, authentication)
