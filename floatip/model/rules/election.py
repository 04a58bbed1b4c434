"""Rules on who leads: priorities, virtual router ids, VRRP versions, preemption and interfaces."""

from __future__ import annotations

from collections.abc import Iterator

from floatip.model.cluster import Cluster, Instance
from floatip.model.messages import say
from floatip.model.problems import Level, Problem
from floatip.model.rules.known import family, instance_path, member_path, of_instance, of_member

FEWEST_MEMBERS = 2
LONGEST_V3 = 40.95  # 12 bits of centiseconds, RFC 9568 section 5.2.7


def enough_members(cluster: Cluster) -> Iterator[Problem]:
    """An instance on fewer than two servers has nobody to take over."""
    for instance in cluster.instances:
        if len(instance.members) < FEWEST_MEMBERS:
            who = say("only {node}", node=instance.members[0].node) if instance.members else say("no server")
            message = say("{instance} has {who} taking part.", instance=instance.name, who=who)
            hint = say(
                "Add {instance} to the vrrp of at least {fewest} servers.",
                instance=instance.name,
                fewest=FEWEST_MEMBERS,
            )
            yield Problem(f"vrrp_instances.{instance.name}", "too-few-members", message, hint)


def equal_priorities(cluster: Cluster) -> Iterator[Problem]:
    """Two members with one priority: who leads would be left to chance and to who came first."""
    for instance in cluster.instances:
        seen: dict[int, str] = {}
        for member in instance.members:
            if member.priority and seen.setdefault(member.priority, member.node) != member.node:
                first = seen[member.priority]
                message = say(
                    "{subject} is {priority}, like {first}'s.",
                    subject=of_member(instance, member, "priority"),
                    priority=member.priority,
                    first=first,
                )
                hint = say("Give each server a priority of its own; the highest is preferred.")
                yield Problem(member_path(instance, member, "priority"), "equal-priorities", message, hint)


def shared_vrid(cluster: Cluster) -> Iterator[Problem]:
    """Two instances of one family with one VRID on the same interface of a server."""
    seen: dict[tuple[str, str, int, int | None], Instance] = {}
    reported = set()
    for instance in cluster.instances:
        for member in instance.members:
            key = (member.node, member.interface, instance.virtual_router_id, family(instance))
            if not all(key):
                continue
            other = seen.setdefault(key, instance)
            if other is not instance and (other.name, instance.name) not in reported:
                reported.add((other.name, instance.name))
                vrid, where = (
                    instance.virtual_router_id,
                    say("{interface} of {node}", interface=member.interface, node=member.node),
                )
                message = say(
                    "{subject} is {vrid}, like {other}'s, both on {where}.",
                    subject=of_instance(instance, "virtual_router_id"),
                    vrid=vrid,
                    other=other.name,
                    where=where,
                )
                path = instance_path(instance, "virtual_router_id")
                yield Problem(path, "duplicate-vrid", message, say("Give each instance a number of its own."))


def shared_vmac(cluster: Cluster) -> Iterator[Problem]:
    """Two virtual MAC interfaces of one name on a server: it is made of family and VRID alone."""
    seen: dict[tuple[str, int, int | None], tuple[Instance, str]] = {}
    for instance in cluster.instances:
        for member in instance.members if instance.use_vmac else ():
            key = (member.node, instance.virtual_router_id, family(instance))
            if not all(key):
                continue
            other, interface = seen.setdefault(key, (instance, member.interface))
            if other is not instance and interface != member.interface:
                vrid = instance.virtual_router_id
                message = say(
                    "{subject} is {vrid}, like {other}'s, both with a virtual MAC.",
                    subject=of_instance(instance, "virtual_router_id"),
                    vrid=vrid,
                    other=other.name,
                )
                path = instance_path(instance, "virtual_router_id")
                yield Problem(path, "duplicate-vmac", message, say("Give each instance a number of its own."))
                break


def version_fits(cluster: Cluster) -> Iterator[Problem]:
    """VRRP version 2 knows whole seconds and IPv4 only; version 3 hundredths up to 40.95 s."""
    for instance in cluster.instances:
        advert, path = instance.advert_int, instance_path(instance, "advert_int")
        if instance.version == 2 and family(instance) == 6:
            message = say("{subject} is 2, which does not support IPv6.", subject=of_instance(instance, "version"))
            yield Problem(instance_path(instance, "version"), "version-ipv6", message, say("Write 3, or leave it out."))
        if instance.version == 2 and not advert.is_integer():
            message = say(
                "{subject} is {advert}, but VRRP version 2 counts whole seconds.",
                subject=of_instance(instance, "advert_int"),
                advert=f"{advert:g}",
            )
            yield Problem(
                path, "version-advert", message, say("Set version to 3 or leave it out, or use whole seconds.")
            )
        if instance.version == 3 and (advert > LONGEST_V3 or advert != round(advert, 2)):
            message = say(
                "{subject} is {advert}, but VRRP version 3 allows 0.01 to 40.95 in steps of 0.01.",
                subject=of_instance(instance, "advert_int"),
                advert=f"{advert:g}",
            )
            yield Problem(path, "version-advert", message, say("Round it to hundredths of a second."))


def preemption(cluster: Cluster) -> Iterator[Problem]:
    """`preempt_delay` says when to take the address back, `nopreempt` never to: keepalived resets one."""
    for instance in cluster.instances:
        if instance.nopreempt and instance.preempt_delay:
            message = say(
                "{instance} has nopreempt and preempt_delay {preempt_delay}, which exclude each other.",
                instance=instance.name,
                preempt_delay=instance.preempt_delay,
            )
            yield Problem(instance_path(instance, "preempt_delay"), "preempt", message, say("Keep one of the two."))


def vmac_with_unicast(cluster: Cluster) -> Iterator[Problem]:
    """Debian 11's keepalived drops the virtual MAC where peers are unicast; 12 and 13 have both."""
    for instance in cluster.instances:
        if instance.use_vmac and instance.unicast:
            message = say(
                "{instance} has use_vmac and unicast, which Debian 11 cannot do together.", instance=instance.name
            )
            hint = say("Debian 12 and later can. Otherwise remove one of the two.")
            yield Problem(instance_path(instance, "use_vmac"), "unicast-vmac", message, hint, Level.WARNING)


def tracked_interfaces(cluster: Cluster) -> Iterator[Problem]:
    """Tracked twice, or tracked though keepalived does it anyway."""
    for instance in cluster.instances:
        for member in instance.members:
            for number, name in enumerate(member.track_interface):
                path = member_path(instance, member, f"track_interface.{number}")
                if name in member.track_interface[:number]:
                    message = say(
                        "track_interface of {node} in {instance} has {name} twice.",
                        node=member.node,
                        instance=instance.name,
                        name=name,
                    )
                    yield Problem(path, "duplicate-track", message, say("Keep one of them."))
                elif name == member.interface:
                    message = say(
                        "track_interface of {node} in {instance} has its own interface {name}.",
                        node=member.node,
                        instance=instance.name,
                        name=name,
                    )
                    level = Level.ERROR if name in {interface for _, interface, _ in member.weights} else Level.INFO
                    yield Problem(path, "tracks-itself", message, say("keepalived watches it anyway."), level)


def mixed_interfaces(cluster: Cluster) -> Iterator[Problem]:
    """One address on two interfaces of a server, according to two instances."""
    seen: dict[tuple[str, str], tuple[str, str]] = {}
    for instance in cluster.instances:
        for member in instance.members:
            key = (member.node, str(member.address.ip))
            if not (member.node and member.interface) or member.address.ip.is_unspecified:
                continue
            interface, first = seen.setdefault(key, (member.interface, instance.name))
            if interface != member.interface:
                message = say(
                    "{subject} is {interface} with {address}, but {first} says that {other} has this address.",
                    subject=of_member(instance, member, "interface"),
                    interface=member.interface,
                    address=key[1],
                    first=first,
                    other=interface,
                )
                path = member_path(instance, member, "interface")
                yield Problem(path, "address-moved", message, say("Write the interface that has the address."))


RULES = (
    enough_members,
    equal_priorities,
    shared_vrid,
    shared_vmac,
    version_fits,
    preemption,
    vmac_with_unicast,
    tracked_interfaces,
    mixed_interfaces,
)
