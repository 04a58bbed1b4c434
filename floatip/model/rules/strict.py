"""Rules on `vrrp_strict`: what the daemon's test of the file refuses beside it, and what nobody expects of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from floatip.model.cluster import Cluster, Instance
from floatip.model.messages import say
from floatip.model.problems import Level, Problem
from floatip.model.rules.known import family, instance_path

BESIDE: Final = ("use_vmac", "preempt_delay", "garp_lower_prio_delay", "garp_lower_prio_repeat")


def nothing_beyond_the_standard(cluster: Cluster) -> Iterator[Problem]:
    """keepalived resets each of these, says so, and its test of the file fails."""
    for instance in cluster.instances if cluster.vrrp_strict else ():
        for key in BESIDE:
            if getattr(instance, key):
                message = say("{key} of {name} cannot be used with vrrp_strict.", key=key, name=instance.name)
                yield Problem(instance_path(instance, key), "not-strict", message, say("Remove one of the two."))
        if instance.unicast:
            message = say("keepalived of Debian 11 refuses unicast of {name} with vrrp_strict.", name=instance.name)
            path = instance_path(instance, "unicast")
            yield Problem(path, "not-strict", message, say("Remove one of the two."), Level.WARNING)
        if _global_first(instance):
            message = say("With vrrp_strict the first IPv6 address of {name} must be link-local.", name=instance.name)
            hint = say("Put an fe80:: address first, or leave vrrp_strict out.")
            yield Problem(instance_path(instance, "virtual_ipaddress.0"), "not-strict", message, hint)


def drops_packets(cluster: Cluster) -> Iterator[Problem]:
    """A MASTER drops all that is sent to the address: shown by its own firewall rules."""
    if cluster.vrrp_strict:
        message = say(
            "With vrrp_strict keepalived drops every packet to and from a floating address: no client reaches a "
            "service on it."
        )
        hint = say("Leave it out, unless the servers are routers, and the address is only a gateway.")
        yield Problem("vrrp_strict", "strict-drops", message, hint, Level.WARNING)


def _global_first(instance: Instance) -> bool:
    return family(instance) == 6 and not instance.virtual_ipaddress[0].ip.is_link_local


RULES = (nothing_beyond_the_standard, drops_packets)
