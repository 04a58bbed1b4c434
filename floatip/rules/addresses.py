"""Rules on addresses: floating ones, the servers' own, and the subnets they share."""

from __future__ import annotations

from collections.abc import Iterator

from floatip.cluster import Cluster, Instance, Interface, Member
from floatip.fields import Address, subnet_role
from floatip.problems import Level, Problem
from floatip.rules.known import family, family_name, instance_path, known, member_path, own_addresses

# keepalived moves what does not fit into one advert to the unannounced addresses (vrrp.c)
MOST_ADDRESSES = {4: 255, 6: 89}


def own_address_floats(cluster: Cluster) -> Iterator[Problem]:
    """A floating address that a server has for itself: the daemon would delete it and lock everyone out."""
    owner = {ip: member.node for _, member, ip in own_addresses(cluster)}
    for instance, number, value in _floating(cluster):
        if value.ip in owner:
            message = f"{instance.name} floats {value.ip}, which is {owner[value.ip]}'s own address."
            hint = "Choose an address that no machine has."
            yield Problem(_vip_path(instance, number), "own-address", message, hint)


def floats_twice(cluster: Cluster) -> Iterator[Problem]:
    """An address that stands twice in a list or in two instances."""
    seen: dict[Address, Instance] = {}
    for instance, number, value in _floating(cluster):
        before = seen.setdefault(value.ip, instance)
        if (before, number) != (instance, _first(instance, value.ip)):
            where = "twice" if before is instance else f"and so does {before.name}"
            message = f"{instance.name} floats {value.ip} {where}."
            yield Problem(_vip_path(instance, number), "duplicate-address", message, "Keep one of them.")


def subnet_ends(cluster: Cluster) -> Iterator[Problem]:
    """A floating address that is the network or broadcast address of its subnet or of the servers'."""
    for instance, number, value in _floating(cluster):
        nets = [value, *(m.address for m in instance.members if known(m.address) and value.ip in m.address.network)]
        role = next(filter(None, (_role(value.ip, net) for net in nets)), "")
        if role:
            message = f"{instance.name} floats {value.ip}, the {role} of its subnet."
            yield Problem(_vip_path(instance, number), "subnet-end", message, "Choose an address within the subnet.")


def member_subnet_ends(cluster: Cluster) -> Iterator[Problem]:
    """A server whose own address is the network or broadcast address of its subnet."""
    for instance, member, ip in own_addresses(cluster):
        role = subnet_role(member.address)
        if role:
            message = f"address of {member.node} in {instance.name} is {ip}, the {role} of its subnet."
            path = member_path(instance, member, "address")
            yield Problem(path, "subnet-end", message, "Write the address that the server has.")


def mixed_families(cluster: Cluster) -> Iterator[Problem]:
    """IPv4 and IPv6 in one instance, among the floating addresses or between them and the servers' own."""
    hint = "IPv4 and IPv6 need an instance each."
    for instance in cluster.instances:
        name = family_name(family(instance))
        for number, value in enumerate(instance.virtual_ipaddress):
            if value.version != family(instance):
                message = f"{instance.name} floats {value.ip}, but its first address is {name}."
                yield Problem(_vip_path(instance, number), "mixed-families", message, hint)
        for member in _members(instance):
            if family(instance) not in (None, member.address.version):
                message = (
                    f"address of {member.node} in {instance.name} is {member.address.ip}, but {name} floats there."
                )
                yield Problem(member_path(instance, member, "address"), "mixed-families", message, hint)


def outside_subnet(cluster: Cluster) -> Iterator[Problem]:
    """A floating address outside the servers' subnet: mostly a typo, but some providers route one so."""
    for instance, number, value in _floating(cluster):
        members = [m for m in _members(instance) if m.address.version == value.version]
        strangers = [m for m in members if value.ip not in m.address.network]
        if strangers and not (value.version == 6 and value.ip.is_link_local):
            at = strangers[0]
            message = (
                f"{instance.name} floats {value.ip}, which is outside {at.address.network}, the subnet of {at.node}."
            )
            hint = "Choose an address of that subnet, unless your network routes this one to the servers."
            yield Problem(_vip_path(instance, number), "outside-subnet", message, hint, Level.WARNING)
        elif members and value.network.prefixlen < min(m.address.network.prefixlen for m in members):
            message = (
                f"{instance.name} floats {value}, a wider subnet than {members[0].address.network} of the servers."
            )
            hint = f"Write {value.ip}/{members[0].address.network.prefixlen}."
            yield Problem(_vip_path(instance, number), "wide-prefix", message, hint, Level.WARNING)


def shared_own_address(cluster: Cluster) -> Iterator[Problem]:
    """Two servers with one address."""
    owner: dict[Address, str] = {}
    for instance, member, ip in own_addresses(cluster):
        if member.node and owner.setdefault(ip, member.node) != member.node:
            message = f"address of {member.node} in {instance.name} is {ip}, which is {owner[ip]}'s too."
            path = member_path(instance, member, "address")
            yield Problem(path, "shared-address", message, "Write the address that each server has.")


def split_subnets(cluster: Cluster) -> Iterator[Problem]:
    """Members in different subnets: multicast adverts do not cross, and the address could not answer in both."""
    for instance in cluster.instances:
        members = _members(instance)
        for member in members[1:]:
            first = members[0]
            if member.address.version == first.address.version and member.address.network != first.address.network:
                message = (
                    f"address of {member.node} in {instance.name} is in {member.address.network}, "
                    f"but {first.node} is in {first.address.network}."
                )
                level = Level.WARNING if instance.unicast else Level.ERROR
                hint = "Give both the same subnet; VRRP's multicast does not leave it."
                yield Problem(member_path(instance, member, "address"), "split-subnets", message, hint, level)


def too_many(cluster: Cluster) -> Iterator[Problem]:
    """More addresses than one advert can announce."""
    for instance in cluster.instances:
        most = MOST_ADDRESSES[family(instance) or 4]
        if len(instance.virtual_ipaddress) > most:
            message = f"{instance.name} floats {len(instance.virtual_ipaddress)} addresses; an advert holds {most}."
            path = instance_path(instance, "virtual_ipaddress")
            yield Problem(path, "too-many-addresses", message, "Spread them over several instances.")


def _floating(cluster: Cluster) -> Iterator[tuple[Instance, int, Interface]]:
    for instance in cluster.instances:
        for number, value in enumerate(instance.virtual_ipaddress):
            yield instance, number, value


def _members(instance: Instance) -> list[Member]:
    return [member for member in instance.members if known(member.address)]


def _first(instance: Instance, ip: Address) -> int:
    return [value.ip for value in instance.virtual_ipaddress].index(ip)


def _role(ip: Address, net: Interface) -> str:
    return subnet_role(type(net)(f"{ip}/{net.network.prefixlen}"))


def _vip_path(instance: Instance, number: int) -> str:
    return instance_path(instance, f"virtual_ipaddress.{number}")


RULES = (
    own_address_floats,
    floats_twice,
    subnet_ends,
    member_subnet_ends,
    mixed_families,
    outside_subnet,
    shared_own_address,
    split_subnets,
    too_many,
)
