"""Rules on the subnets that floating addresses and servers share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from floatip.model.address_fields import subnet_role
from floatip.model.cluster import Cluster, Floating, Instance, Interface, Member
from floatip.model.fields import Address
from floatip.model.instance import EXCLUDED, FLOATING
from floatip.model.messages import Said, say
from floatip.model.problems import Level, Problem
from floatip.model.rules.known import (
    family,
    family_name,
    instance_path,
    known,
    member_path,
    of_instance,
    of_member,
    own_addresses,
)


def subnet_ends(cluster: Cluster) -> Iterator[Problem]:
    """A floating address that is the network or broadcast address of its subnet or of the servers'."""
    for instance, place, value in floating(cluster):
        nets = [
            value.address,
            *(m.address for m in instance.members if known(m.address) and value.ip in m.address.network),
        ]
        role = next(filter(None, (_role(value.ip, net) for net in nets)), "")
        if role:
            message = say(
                "{subject}: {address} is the {role} of its subnet.",
                subject=of_instance(instance, place.key),
                address=value.ip,
                role=role,
            )
            yield Problem(place.path(instance), "subnet-end", message, say("Choose an address within the subnet."))


def member_subnet_ends(cluster: Cluster) -> Iterator[Problem]:
    """A server whose own address is the network or broadcast address of its subnet."""
    for instance, member, ip in own_addresses(cluster):
        role = subnet_role(member.address)
        if role:
            message = say(
                "{subject} is {ip}, the {role} of its subnet.",
                subject=of_member(instance, member, "address"),
                ip=ip,
                role=role,
            )
            path = member_path(instance, member, "address")
            yield Problem(path, "subnet-end", message, say("Write the address that the server has."))


def mixed_families(cluster: Cluster) -> Iterator[Problem]:
    """IPv4 and IPv6 in one instance, among the floating addresses or between them and the servers' own."""
    hint = say("IPv4 and IPv6 need an instance each.")
    for instance in cluster.instances:
        name = family_name(family(instance))
        for number, value in enumerate(instance.virtual_ipaddress):
            if value.version != family(instance):
                message = say(
                    "{subject}: {address} is among them, but the first one is {family}.",
                    subject=of_instance(instance, FLOATING),
                    address=value.ip,
                    family=name,
                )
                yield Problem(Place(FLOATING, number).path(instance), "mixed-families", message, hint)
        for member in members_with_address(instance):
            if family(instance) not in (None, member.address.version):
                message = say(
                    "{subject} is {address}, but its floating addresses are {family}.",
                    subject=of_member(instance, member, "address"),
                    address=member.address.ip,
                    family=name,
                )
                yield Problem(member_path(instance, member, "address"), "mixed-families", message, hint)


def outside_subnet(cluster: Cluster) -> Iterator[Problem]:
    """A floating address outside the servers' subnet: mostly a typo, but some providers route one so."""
    for instance, place, value in floating(cluster):
        beside = [m for m in members_with_address(instance) if value.device(m) == m.interface]
        members = [m for m in beside if m.address.version == value.version]
        outside = [m for m in members if value.ip not in m.address.network]
        if outside and not (value.version == 6 and value.ip.is_link_local):
            at = outside[0]
            message = say(
                "{subject}: {address} is outside {network}, the subnet of {node}.",
                subject=of_instance(instance, place.key),
                address=value.ip,
                network=at.address.network,
                node=at.node,
            )
            hint = say("Choose an address of that subnet, unless your network routes this one to the servers.")
            yield Problem(place.path(instance), "outside-subnet", message, hint, Level.WARNING)
        elif members and value.network.prefixlen < min(m.address.network.prefixlen for m in members):
            message = say(
                "{subject}: {address} is a wider subnet than {network} of the servers.",
                subject=of_instance(instance, place.key),
                address=value.address,
                network=members[0].address.network,
            )
            hint = say("Write {address}/{prefixlen}.", address=value.ip, prefixlen=members[0].address.network.prefixlen)
            yield Problem(place.path(instance), "wide-prefix", message, hint, Level.WARNING)


def split_subnets(cluster: Cluster) -> Iterator[Problem]:
    """Members in different subnets: multicast adverts do not cross, and the address could not answer in both."""
    for instance in cluster.instances:
        members = members_with_address(instance)
        for member in members[1:]:
            first = members[0]
            if member.address.version == first.address.version and member.address.network != first.address.network:
                message = say(
                    "{subject} is in {network}, but {other} is in {other_network}.",
                    subject=of_member(instance, member, "address"),
                    network=member.address.network,
                    other=first.node,
                    other_network=first.address.network,
                )
                level = Level.WARNING if instance.unicast else Level.ERROR
                hint = say("Give both the same subnet; VRRP's multicast does not leave it.")
                yield Problem(member_path(instance, member, "address"), "split-subnets", message, hint, level)


class Place(NamedTuple):
    """Where a floating address stands in its instance: in which list, and as the how manieth, from 0."""

    key: str
    number: int

    def path(self, instance: Instance, key: str = "") -> str:
        """The path of a problem about it, or about one of its options."""
        return instance_path(instance, f"{self.key}.{self.number}{f'.{key}' if key else ''}")


def floating(cluster: Cluster) -> Iterator[tuple[Instance, Place, Floating]]:
    """Every floating address with its instance and its place there."""
    for instance in cluster.instances:
        for place, value in places(instance):
            yield instance, place, value


def places(instance: Instance) -> Iterator[tuple[Place, Floating]]:
    """Those of one instance."""
    for key, addresses in ((FLOATING, instance.virtual_ipaddress), (EXCLUDED, instance.virtual_ipaddress_excluded)):
        for number, value in enumerate(addresses):
            yield Place(key, number), value


def members_with_address(instance: Instance) -> list[Member]:
    """Those members of an instance whose own address is known."""
    return [member for member in instance.members if known(member.address)]


def _role(ip: Address, net: Interface) -> Said:
    return subnet_role(type(net)(f"{ip}/{net.network.prefixlen}"))
