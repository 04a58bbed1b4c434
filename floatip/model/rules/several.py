"""What must hold between two clusters: of one inventory, whose servers pyinfra would mix, or of two."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from floatip.model.cluster import Cluster, Instance, Node
from floatip.model.messages import say
from floatip.model.problems import Level, Problem
from floatip.model.rules.subnets import places


def check(clusters: Sequence[Cluster]) -> dict[str, tuple[Problem, ...]]:
    """Cluster → what is wrong with it beside an earlier one."""
    found: dict[str, tuple[Problem, ...]] = {}
    for first, second in combinations(clusters, 2):
        found[second.name] = (*found.get(second.name, ()), *_between(first, second))
    return found


def _between(first: Cluster, second: Cluster) -> list[Problem]:
    problems = [
        Problem(
            f"nodes.{node.name}",
            "server-twice",
            say("{name} belongs to {first}, and to {second}.", name=node.name, first=first.name, second=second.name),
            say("A server belongs to one cluster. Put all its instances there."),
        )
        for node in second.nodes
        if any(node.name == other.name or _where(node) == _where(other) for other in first.nodes)
    ]
    twice = sorted(first.floating & second.floating)
    return problems + [
        Problem(
            "vrrp_instances",
            "address-twice",
            say(
                "{address} is a floating address of {first} and of {second}.",
                address=text,
                first=first.name,
                second=second.name,
            ),
            say("In one network, both clusters would hold it."),
            Level.WARNING,
        )
        for text in twice
    ]


def rivals(cluster: Cluster, other: Cluster, file: str) -> list[Problem]:
    """Warnings about what a cluster of another inventory, `file`, claims too. A VRID counts in one network only."""
    pairs = [(mine, theirs) for mine in cluster.instances for theirs in other.instances if _share_network(mine, theirs)]
    found = [
        Problem(
            f"vrrp_instances.{mine.name}.virtual_router_id",
            "vrid-elsewhere",
            say("{file} has VRID {vrid} in this network, too.", file=file, vrid=mine.virtual_router_id),
            say("Give each cluster a VRID of its own: servers with the same VRID act as one cluster."),
            Level.WARNING,
        )
        for mine, theirs in pairs
        if mine.virtual_router_id == theirs.virtual_router_id
    ]
    found += [
        Problem(
            place.path(mine),
            "address-elsewhere",
            say("{address} is a floating address in {file}, too.", address=address.ip, file=file),
            say("In one network, both clusters would hold it."),
            Level.WARNING,
        )
        for mine, theirs in pairs
        for place, address in places(mine)
        if address.ip in {other.ip for other in theirs.addresses}
    ]
    there = {_where(node) for node in other.nodes}
    return found + [
        Problem(
            f"nodes.{node.name}",
            "server-elsewhere",
            say("{name} is a server of {file}, too.", name=node.name, file=file),
            say("A server has one keepalived.conf: whoever deploys last replaces the other's."),
            Level.WARNING,
        )
        for node in cluster.nodes
        if _where(node) in there
    ]


def _share_network(mine: Instance, theirs: Instance) -> bool:
    networks = [member.address.network for member in theirs.members]
    return any(
        member.address.version == network.version and member.address.network.overlaps(network)
        for member in mine.members
        for network in networks
    )


def _where(node: Node) -> tuple[object, object]:
    data = dict(node.connection)
    return data.get("ssh_hostname", node.name), data.get("ssh_port", 22)
