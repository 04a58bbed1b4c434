"""What a cluster with holes is sure about."""

from __future__ import annotations

from collections.abc import Iterator

from floatip.model.cluster import Cluster, Contender, Foreign, Instance, Interface, Member
from floatip.model.fields import Address
from floatip.model.messages import Said, say


def known(value: Interface) -> bool:
    """Whether this is a real address, not the neutral value of one that was wrong."""
    return not value.ip.is_unspecified


def family(instance: Instance) -> int | None:
    """4 or 6 where the instance has an address, else None."""
    return instance.virtual_ipaddress[0].version if instance.virtual_ipaddress else None


def family_name(version: int | None) -> str:
    """`IPv4` or `IPv6`."""
    return f"IPv{version}"


def ranked(instance: Instance, lift: int = 0) -> list[Contender]:
    """Members and devices by falling priority; empty unless all priorities are known and differ. `lift`: what the
    health checks of the members add while they succeed."""
    priorities = {contender.priority for contender in instance.contenders}
    if 0 in priorities or len(priorities) != len(instance.contenders):
        return []
    return sorted(
        instance.contenders, key=lambda contender: (-_standing(contender, lift), isinstance(contender, Foreign))
    )


def lift(cluster: Cluster, instance: Instance) -> int:
    """What the health checks add to the priority of every member of an instance while all succeed."""
    return sum(script.weight for script in instance.checks(cluster.scripts) if script.weight > 0)


def _standing(contender: Contender, lift: int) -> int:
    return contender.priority + (lift if isinstance(contender, Member) else 0)


def member_path(instance: Instance, member: Member, key: str) -> str:
    """The path of one setting of a member."""
    return f"nodes.{member.node}.vrrp.{instance.name}.{key}"


def instance_path(instance: Instance, key: str) -> str:
    """The path of one setting of an instance."""
    return f"vrrp_instances.{instance.name}.{key}"


def device_path(instance: Instance, device: Foreign, key: str) -> str:
    """The path of one setting of a device that floatip does not manage."""
    return instance_path(instance, f"foreign.{device.node}.{key}")


def of_member(instance: Instance, member: Member, key: str) -> Said:
    """One setting of a member, as the subject of a sentence; the same words as in `floatip.model.parse`."""
    return say(
        "{key} of {where}", key=key, where=say("{label} in {instance}", label=member.node, instance=instance.name)
    )


def of_instance(instance: Instance, key: str) -> Said:
    """One setting of an instance, as the subject of a sentence."""
    return say("{key} of {name}", key=key, name=instance.name)


def own_addresses(cluster: Cluster) -> Iterator[tuple[Instance, Member, Address]]:
    """Every address that a server has for itself."""
    for instance in cluster.instances:
        for member in instance.members:
            if known(member.address):
                yield instance, member, member.address.ip
