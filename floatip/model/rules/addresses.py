"""Rules on addresses: floating ones, the servers' own, and the subnets they share."""

from __future__ import annotations

from collections.abc import Iterator

from floatip.model.cluster import Cluster, Instance, Interface, Member
from floatip.model.fields import Address, subnet_role
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
from floatip.model.settings import MEMBER, Setting
from floatip.model.settings.values import Own

VIP = "virtual_ipaddress"

# keepalived moves what does not fit into one advert to the unannounced addresses (vrrp.c)
MOST_ADDRESSES = {4: 255, 6: 89}


def own_address_floats(cluster: Cluster) -> Iterator[Problem]:
    """A floating address that a server has for itself: the daemon would delete it and lock everyone out."""
    owner = {ip: member.node for _, member, ip in own_addresses(cluster)}
    for instance, number, value in _floating(cluster):
        if value.ip in owner:
            message = say(
                "{subject}: {address} is {owner}'s own address.",
                subject=of_instance(instance, VIP),
                address=value.ip,
                owner=owner[value.ip],
            )
            hint = say("Choose an address that no machine has.")
            yield Problem(_vip_path(instance, number), "own-address", message, hint)


def floats_twice(cluster: Cluster) -> Iterator[Problem]:
    """An address that stands twice in a list or in two instances."""
    seen: dict[Address, Instance] = {}
    for instance, number, value in _floating(cluster):
        before = seen.setdefault(value.ip, instance)
        if (before, number) != (instance, _first(instance, value.ip)):
            where = say("twice here") if before is instance else say("in {before} too", before=before.name)
            subject = of_instance(instance, VIP)
            message = say("{subject}: {address} floats {where}.", subject=subject, address=value.ip, where=where)
            yield Problem(_vip_path(instance, number), "duplicate-address", message, say("Keep one of them."))


def subnet_ends(cluster: Cluster) -> Iterator[Problem]:
    """A floating address that is the network or broadcast address of its subnet or of the servers'."""
    for instance, number, value in _floating(cluster):
        nets = [value, *(m.address for m in instance.members if known(m.address) and value.ip in m.address.network)]
        role = next(filter(None, (_role(value.ip, net) for net in nets)), "")
        if role:
            message = say(
                "{subject}: {address} is the {role} of its subnet.",
                subject=of_instance(instance, VIP),
                address=value.ip,
                role=role,
            )
            yield Problem(
                _vip_path(instance, number), "subnet-end", message, say("Choose an address within the subnet.")
            )


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
                    "{subject}: {address} stands there, but the first one is {family}.",
                    subject=of_instance(instance, VIP),
                    address=value.ip,
                    family=name,
                )
                yield Problem(_vip_path(instance, number), "mixed-families", message, hint)
        for member in _members(instance):
            if family(instance) not in (None, member.address.version):
                message = say(
                    "{subject} is {address}, but {family} floats there.",
                    subject=of_member(instance, member, "address"),
                    address=member.address.ip,
                    family=name,
                )
                yield Problem(member_path(instance, member, "address"), "mixed-families", message, hint)


def outside_subnet(cluster: Cluster) -> Iterator[Problem]:
    """A floating address outside the servers' subnet: mostly a typo, but some providers route one so."""
    for instance, number, value in _floating(cluster):
        members = [m for m in _members(instance) if m.address.version == value.version]
        strangers = [m for m in members if value.ip not in m.address.network]
        if strangers and not (value.version == 6 and value.ip.is_link_local):
            at = strangers[0]
            message = say(
                "{subject}: {address} is outside {network}, the subnet of {node}.",
                subject=of_instance(instance, VIP),
                address=value.ip,
                network=at.address.network,
                node=at.node,
            )
            hint = say("Choose an address of that subnet, unless your network routes this one to the servers.")
            yield Problem(_vip_path(instance, number), "outside-subnet", message, hint, Level.WARNING)
        elif members and value.network.prefixlen < min(m.address.network.prefixlen for m in members):
            message = say(
                "{subject}: {address} is a wider subnet than {network} of the servers.",
                subject=of_instance(instance, VIP),
                address=value,
                network=members[0].address.network,
            )
            hint = say("Write {address}/{prefixlen}.", address=value.ip, prefixlen=members[0].address.network.prefixlen)
            yield Problem(_vip_path(instance, number), "wide-prefix", message, hint, Level.WARNING)


def shared_own_address(cluster: Cluster) -> Iterator[Problem]:
    """Two servers with one address."""
    owner: dict[Address, str] = {}
    for instance, member, ip in own_addresses(cluster):
        if member.node and owner.setdefault(ip, member.node) != member.node:
            message = say(
                "{subject} is {ip}, which is {owner}'s too.",
                subject=of_member(instance, member, "address"),
                ip=ip,
                owner=owner[ip],
            )
            path = member_path(instance, member, "address")
            yield Problem(path, "shared-address", message, say("Write the address that each server has."))


def sources(cluster: Cluster) -> Iterator[Problem]:
    """Another address of the server's own is of its family, and of no other server's."""
    owner = {ip: member.node for _, member, ip in own_addresses(cluster)}
    for instance, member, row, ip in _sources(cluster):
        path, subject = member_path(instance, member, row.key), of_member(instance, member, row.key)
        hint = say("Write the address that the server has.")
        if family(instance) not in (None, ip.version):
            name = family_name(family(instance))
            message = say(
                "{subject} is {address}, but {family} floats there.", subject=subject, address=ip, family=name
            )
            yield Problem(path, "mixed-families", message, say("IPv4 and IPv6 need an instance each."))
        elif str(ip) in cluster.floating:
            yield Problem(
                path, "own-address", say("{subject} is {ip}, a floating address.", subject=subject, ip=ip), hint
            )
        elif member.node and owner.setdefault(ip, member.node) != member.node:
            message = say("{subject} is {ip}, which is {owner}'s too.", subject=subject, ip=ip, owner=owner[ip])
            yield Problem(path, "shared-address", message, hint)


def _sources(cluster: Cluster) -> Iterator[tuple[Instance, Member, Setting, Address]]:
    for instance in cluster.instances:
        for member in instance.members:
            for row in MEMBER:
                if isinstance(row.value, Own) and row.given(member):
                    yield instance, member, row, row.of(member)


def split_subnets(cluster: Cluster) -> Iterator[Problem]:
    """Members in different subnets: multicast adverts do not cross, and the address could not answer in both."""
    for instance in cluster.instances:
        members = _members(instance)
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


def too_many(cluster: Cluster) -> Iterator[Problem]:
    """More addresses than one advert can announce."""
    for instance in cluster.instances:
        most = MOST_ADDRESSES[family(instance) or 4]
        if len(instance.virtual_ipaddress) > most:
            message = say(
                "{subject}: {count} are too many, an advert holds {most}.",
                subject=of_instance(instance, VIP),
                count=len(instance.virtual_ipaddress),
                most=most,
            )
            path = instance_path(instance, VIP)
            yield Problem(path, "too-many-addresses", message, say("Spread them over several instances."))


def _floating(cluster: Cluster) -> Iterator[tuple[Instance, int, Interface]]:
    for instance in cluster.instances:
        for number, value in enumerate(instance.virtual_ipaddress):
            yield instance, number, value


def _members(instance: Instance) -> list[Member]:
    return [member for member in instance.members if known(member.address)]


def _first(instance: Instance, ip: Address) -> int:
    return [value.ip for value in instance.virtual_ipaddress].index(ip)


def _role(ip: Address, net: Interface) -> Said:
    return subnet_role(type(net)(f"{ip}/{net.network.prefixlen}"))


def _vip_path(instance: Instance, number: int) -> str:
    return instance_path(instance, f"{VIP}.{number}")


RULES = (
    own_address_floats,
    floats_twice,
    subnet_ends,
    member_subnet_ends,
    mixed_families,
    outside_subnet,
    shared_own_address,
    sources,
    split_subnets,
    too_many,
)
