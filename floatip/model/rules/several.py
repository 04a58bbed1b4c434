"""What must hold between clusters that one inventory describes: pyinfra would mix two of the same servers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from floatip.model.cluster import Cluster, Node
from floatip.model.messages import say
from floatip.model.problems import Level, Problem


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
            say("{address} floats in {first}, and in {second}.", address=text, first=first.name, second=second.name),
            say("Two clusters in one network would both hold it."),
            Level.WARNING,
        )
        for text in twice
    ]


def _where(node: Node) -> tuple[object, object]:
    told = dict(node.connection)
    return told.get("ssh_hostname", node.name), told.get("ssh_port", 22)
