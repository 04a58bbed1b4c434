"""What a deploy would do on these hosts, from what was found on them: the deploy acts on it, the wizard shows it."""

from __future__ import annotations

from collections.abc import Mapping

from floatip import firewall
from floatip import plan as planner
from floatip.cluster import Cluster
from floatip.host_state import HostState


def live(found: HostState) -> planner.Live:
    """A host's state as the planner sees it."""
    return planner.Live(found.text("conf") or None, found.active("keepalived"), found.pending, found.held)


def steps(cluster: Cluster, wanted: Mapping[str, str], states: Mapping[str, HostState]) -> planner.Plan:
    """The plan that takes these hosts to the wanted configurations. PlanError where there is none."""
    return planner.make(cluster, wanted, {name: live(one) for name, one in states.items()})


def restless(cluster: Cluster, states: Mapping[str, HostState]) -> bool:
    """Whether an address will move by itself yet."""
    return planner.restless(cluster, {name: live(one) for name, one in states.items()})


def firewall_plan(cluster: Cluster, name: str, found: HostState) -> firewall.Plan:
    """What the firewall of one node needs so that its peers' adverts arrive. FirewallError where it cannot be had."""
    observed = firewall.observe(found.firewall)
    peers = [
        (member.interface, peer.address.ip, instance.unicast)
        for instance in cluster.instances_of(name)
        if (member := instance.member(name))
        for peer in instance.peers(name)
    ]
    return firewall.plan(observed, peers if cluster.firewall == "auto" else [])
