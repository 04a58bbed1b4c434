"""Rules on addresses: floating ones, the servers' own, and the subnets they share."""

from __future__ import annotations

from collections.abc import Iterator

from floatip.model.cluster import Cluster, Instance, Member
from floatip.model.fields import Address
from floatip.model.instance import FLOATING
from floatip.model.messages import say
from floatip.model.problems import Problem
from floatip.model.rules.known import (
    family,
    family_name,
    instance_path,
    member_path,
    of_instance,
    of_member,
    own_addresses,
)
from floatip.model.rules.subnets import (
    Place,
    floating,
    member_subnet_ends,
    mixed_families,
    outside_subnet,
    split_subnets,
    subnet_ends,
)
from floatip.model.settings import MEMBER, Setting
from floatip.model.settings.values import Own

# keepalived moves what does not fit into one advert to the unannounced addresses (vrrp.c)
MOST_ADDRESSES = {4: 255, 6: 89}


def own_address_floats(cluster: Cluster) -> Iterator[Problem]:
    """A floating address that a server has for itself: the daemon would delete it and lock everyone out."""
    owner = {ip: member.node for _, member, ip in own_addresses(cluster)}
    for instance, place, value in floating(cluster):
        if value.ip in owner:
            message = say(
                "{subject}: {address} is {owner}'s own address.",
                subject=of_instance(instance, place.key),
                address=value.ip,
                owner=owner[value.ip],
            )
            hint = say("Choose an address that no machine has.")
            yield Problem(place.path(instance), "own-address", message, hint)


def floats_twice(cluster: Cluster) -> Iterator[Problem]:
    """An address that stands twice in a list or in two instances."""
    seen: dict[Address, tuple[Instance, Place]] = {}
    for instance, place, value in floating(cluster):
        before, first = seen.setdefault(value.ip, (instance, place))
        if before is not instance or first != place:
            where = (
                say("is listed twice here")
                if before is instance
                else say("is listed in {before} too", before=before.name)
            )
            subject = of_instance(instance, place.key)
            message = say("{subject}: {address} {where}.", subject=subject, address=value.ip, where=where)
            yield Problem(place.path(instance), "duplicate-address", message, say("Keep one of them."))


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
                "{subject} is {address}, but its floating addresses are {family}.",
                subject=subject,
                address=ip,
                family=name,
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


def too_many(cluster: Cluster) -> Iterator[Problem]:
    """More addresses than one advert can announce."""
    for instance in cluster.instances:
        most = MOST_ADDRESSES[family(instance) or 4]
        if len(instance.virtual_ipaddress) > most:
            message = say(
                "{subject}: {count} are too many; an advert holds {most}.",
                subject=of_instance(instance, FLOATING),
                count=len(instance.virtual_ipaddress),
                most=most,
            )
            path = instance_path(instance, FLOATING)
            yield Problem(path, "too-many-addresses", message, say("Spread them over several instances."))


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
