"""What a deploy would do on these hosts, from what was found on them: the deploy acts on it, the wizard shows it."""

from __future__ import annotations

from collections.abc import Mapping

from floatip import firewall
from floatip.change import plan as planner
from floatip.hosts import systems
from floatip.hosts.host_state import HostState
from floatip.model.cluster import Cluster
from floatip.model.settings import KINDS
from floatip.server_side.pending import voices

NEEDED = ("keepalived",)
FOR_LOG = ("rsyslog", "logrotate")


def live(found: HostState) -> planner.Live:
    """A host's state as the planner sees it."""
    daemon = systems.keepalived_of(found)
    return planner.Live(found.conf, found.active("keepalived"), found.pending, found.held, daemon)


def steps(
    cluster: Cluster,
    wanted: Mapping[str, str],
    states: Mapping[str, HostState],
    lead: Mapping[str, str] = planner.NOBODY,
) -> planner.Plan:
    """The plan that takes these hosts to the wanted configurations. PlanError where there is none.

    `lead`: instance → who shall have its addresses from now on.
    """
    return planner.make(cluster, wanted, {name: live(state) for name, state in states.items()}, lead)


def unsettled(cluster: Cluster, states: Mapping[str, HostState]) -> bool:
    """Whether an address will move by itself yet."""
    return planner.unsettled(cluster, {name: live(state) for name, state in states.items()})


def firewall_plan(cluster: Cluster, name: str, found: HostState) -> firewall.Plan:
    """What the firewall of one node needs so that its peers' adverts arrive. FirewallError where it cannot be had."""
    observed = firewall.observe(found.firewall)
    peers = [
        (member.interface, peer.source, instance.unicast)
        for instance in cluster.instances_of(name)
        if (member := instance.member(name))
        for peer in instance.senders(name)
    ]
    return firewall.plan(observed, peers if cluster.firewall == "auto" else [])


def missing(cluster: Cluster, found: HostState) -> list[str]:
    """The Debian packages that a host lacks."""
    for_checks = (name for script in cluster.scripts for name in KINDS[script.kind].packages(script))
    needed = (*NEEDED, *(FOR_LOG if cluster.log_file else ()), *for_checks)
    return [name for name in dict.fromkeys(needed) if name not in found.packages]


def recording(cluster: Cluster, found: HostState) -> bool:
    """Whether the record has to be written: there is none, or packages are installed now that do not stand in it."""
    return found.text("record") is None or bool(missing(cluster, found))


def private(found: HostState) -> bool:
    """Whether only root can read the configuration that is there."""
    file = found.files.get("conf")
    return file is not None and file.mode == "640:root:root"


def under_way(states: Mapping[str, HostState]) -> tuple[str, ...]:
    """The servers on which a change was not brought to its end yet."""
    return tuple(name for name, found in states.items() if found.change)


def slowest(wanted: Mapping[str, str], states: Mapping[str, HostState]) -> float:
    """The longest time between two adverts, before a change of these hosts or after it: seconds."""
    texts = [*wanted.values(), *(found.conf_before or "" for found in states.values())]
    return max(voices.advert_int(text) for text in texts)


def proven(cluster: Cluster, states: Mapping[str, HostState]) -> bool:
    """Whether exactly one of all servers had each address when they were looked at."""
    return all(sum(address in found.held for found in states.values()) == 1 for address in cluster.floating)
