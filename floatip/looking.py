"""Looking at servers once, as values: the answers of `floatip.discover`, a child process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from floatip import children, heard, host_state, reach, vitals
from floatip.cluster import Cluster
from floatip.doctor import Case, Seen, aside, case
from floatip.host_state import HostState

PATIENCE = 30.0  # seconds for an answer
TIMEOUT = 40.0  # seconds for the child process


def ask(request: Sequence[Sequence[Any]], patience: float = PATIENCE) -> dict[str, Any]:
    """Server → {"lines": …} or {"error": …}. `request`: what `floatip.discover` takes; `patience`: seconds for each."""
    try:
        [answers] = children.spoken(["floatip.discover", str(patience)], request, TIMEOUT)
    except (children.Failed, ValueError) as error:
        return {str(one[0]): {"error": f"the check itself failed: {error}"} for one in request}
    return dict(answers)


def states(cluster: Cluster, only: str | None = None) -> dict[str, HostState | str]:
    """Server → what it is like, or why that cannot be known; of all of them, or of one."""
    data = {node.name: dict(node.connection) for node in cluster.nodes if only in (None, node.name)}
    answers = ask([[name, one] for name, one in data.items()])
    read = reach.by_lines(host_state.parse)
    return {name: reach.told(answers.get(name), one, read) for name, one in data.items()}


def examine(cluster: Cluster) -> Case:
    """Everything that a diagnosis wants to know."""
    return understood(cluster, ask(questions(cluster)))


def questions(cluster: Cluster) -> list[list[Any]]:
    """What `ask` is asked for a diagnosis: everything, of every server and its network."""
    return [[node.name, dict(node.connection), _network(cluster, node.name)] for node in cluster.nodes]


def understood(cluster: Cluster, answers: Mapping[str, Any]) -> Case:
    """What `ask` brought back for a diagnosis, as values."""
    values = {node.name: reach.told(answers.get(node.name), dict(node.connection), _seen) for node in cluster.nodes}
    seen = {name: value for name, value in values.items() if isinstance(value, Seen)}
    failures = {name: value for name, value in values.items() if isinstance(value, str)}
    return case(cluster, seen, failures)


def _seen(answer: Mapping[str, Any]) -> Seen:
    lines = {key: reach.lines(answer, key) for key in ("lines", "vitals", "aside", "heard")}
    state = host_state.parse(lines["lines"])
    clock = 0.0 if state.clock is None else state.clock - float(answer["at"])
    own = vitals.parse(lines["vitals"])
    return Seen(state, own, aside.parse(lines["aside"]), heard.parse(lines["heard"]), clock)


def _network(cluster: Cluster, name: str) -> dict[str, Any]:
    instances = cluster.instances_of(name)
    places = [(member.interface, one) for one in instances if (member := one.member(name))]
    pairs = [[interface, str(address.ip)] for interface, one in places for address in one.virtual_ipaddress]
    return {"doctor": True, "listen": sorted({interface for interface, _ in places}), "ask": pairs}
