"""How long things take, as the settings predict: upper bounds in seconds.

VRRP's own timers (RFC 3768 section 6.1, RFC 9568 section 6.1), plus `SLACK` for the kernel, the
daemon's wake-up and the first gratuitous ARP, which was measured to be far less on an idle host.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from floatip.model.cluster import Cluster, Instance
from floatip.model.tracking import Script

Fault = Literal["stop", "crash"]
SLACK = 0.3
ADVERTS_MISSED = 3


def skew(instance: Instance, priority: int) -> float:
    """What a member of this priority waits on top: the higher, the less.

    Version 2 counts it in seconds whatever `advert_int` is; version 3 in parts of `advert_int`.
    """
    unit = instance.advert_int if instance.version == 3 else 1.0
    return (256 - priority) / 256 * unit


def master_down(instance: Instance, priority: int) -> float:
    """The silence after which a backup of this priority takes over."""
    return ADVERTS_MISSED * instance.advert_int + skew(instance, priority)


def takeover_bound(instance: Instance, fault: Fault) -> float:
    """How long a client goes without an answer at most, when the preferred server fails.

    `stop`: the daemon says goodbye (priority 0 advert). `crash`: it falls silent, its link is cut or
    its adverts no longer arrive. The next in rank takes over.
    """
    priority = successor_priority(instance)
    waited = skew(instance, priority) if fault == "stop" else master_down(instance, priority)
    return waited + SLACK


def slowest(cluster: Cluster, instance: Instance, bound: Callable[[Instance], float]) -> float:
    """A time of an instance: its own, or the longest of those that move with it, since the last one decides."""
    return max(bound(sibling) for sibling in cluster.together(instance))


def successor_priority(instance: Instance) -> int:
    """The priority of whoever takes over from the one that leads while all are well."""
    return sorted(contender.priority for contender in instance.contenders)[-2]


def election_bound(instance: Instance) -> float:
    """When, after all members have started or a link has healed, exactly one of them leads.

    From a cold start the quickest waits its whole silence; one that returns to its place waits
    `preempt_delay` on top.
    """
    slowest = max(master_down(instance, contender.priority) for contender in instance.contenders)
    return slowest + instance.advert_int + instance.preempt_delay + SLACK


def detection_bound(script: Script) -> float:
    """How long a health check fails before keepalived acts on it."""
    return script.fall * script.interval + min(script.timeout, script.interval) + SLACK


def recovery_bound(script: Script) -> float:
    """How long a health check succeeds before keepalived believes it."""
    return script.rise * script.interval + min(script.timeout, script.interval) + SLACK


def settle_bound(cluster: Cluster) -> float:
    """When exactly one server holds each address of this cluster, the health checks' first runs included."""
    checks = max((recovery_bound(script) for script in cluster.scripts), default=0.0)
    return checks + max(election_bound(instance) for instance in cluster.instances)
