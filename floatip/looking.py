"""Looking at servers once, as values: the answers of `floatip.discover`, a child process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from floatip import children, heard, host_state, reach, vitals
from floatip.cluster import Cluster
from floatip.doctor import Case, Seen, aside, case
from floatip.host_state import HostState
from floatip.reach import Reason, Untold, Why
from floatip.words import say

LET_IN = 12.0  # seconds until a server has let us in: a name is looked up, a connection made, a key exchanged
TELLS = 12.0  # seconds for the answer of a script that does not wait for anything
LISTENS = 3.5  # seconds that a diagnosis listens: three adverts a second apart, and no longer than a person must wait
MORE = 0.2  # seconds for each server, since this computer exchanges all keys by itself
SPARE = 10.0  # seconds for the child process to start and to end


def patience(request: Sequence[Sequence[Any]]) -> float:
    """Seconds within which each server should have answered: what `floatip.discover` is asked for, one after the other.
    All that a server is asked, it is asked at the same time."""
    listening = any(network.get("listen") for _, _, *more in request for network in more)
    return LET_IN + TELLS + MORE * len(request) + (heard.SECONDS if listening else 0)


def ask(request: Sequence[Sequence[Any]], seconds: float | None = None) -> dict[str, Any]:
    """Server → {"lines": …}, {"error": …} or {"why": …}. `request`: what `floatip.discover` takes; `seconds`: for each,
    where it is not `patience`. One child process asks them all."""
    seconds = patience(request) if seconds is None else seconds
    try:
        [answers] = children.spoken(["floatip.discover", str(seconds)], request, seconds + SPARE)
    except (children.Failed, ValueError) as error:
        said = error.message if isinstance(error, children.Failed) else say("its answer cannot be understood")
        return {str(one[0]): reach.answer(Untold(Why.NOT_CHECKED, said=said)) for one in request}
    return dict(answers)


def states(clusters: Sequence[Cluster], only: str | None = None) -> dict[str, HostState | Reason]:
    """Server → what it is like, or why that cannot be known; of all of them, or of one."""
    data = {
        node.name: dict(node.connection) for cluster in clusters for node in cluster.nodes if only in (None, node.name)
    }
    return states_of(data)


def states_of(data: Mapping[str, Mapping[str, Any]], seconds: float | None = None) -> dict[str, HostState | Reason]:
    """The same of servers by their host data, right or wrong. `seconds`: as in `ask`."""
    answers = ask([[name, one] for name, one in data.items()], seconds)
    read = reach.by_lines(host_state.by_root)
    return {name: reach.told(answers.get(name), one, read) for name, one in data.items()}


def examine(clusters: Sequence[Cluster]) -> list[Case]:
    """Everything that a diagnosis wants to know of each cluster."""
    answers = ask(questions(clusters))
    return [understood(cluster, answers) for cluster in clusters]


def questions(clusters: Sequence[Cluster]) -> list[list[Any]]:
    """What `ask` is asked for a diagnosis: everything, of every server and its network. A server may be in several."""
    data = {node.name: dict(node.connection) for cluster in clusters for node in cluster.nodes}
    return [[name, one, _network(clusters, name)] for name, one in data.items()]


def understood(cluster: Cluster, answers: Mapping[str, Any]) -> Case:
    """What `ask` brought back for a diagnosis, as values."""
    values = {node.name: reach.told(answers.get(node.name), dict(node.connection), _seen) for node in cluster.nodes}
    seen = {name: value for name, value in values.items() if isinstance(value, Seen)}
    failures: dict[str, str] = {name: value for name, value in values.items() if isinstance(value, Reason)}
    return case(cluster, seen, failures)


def _seen(answer: Mapping[str, Any]) -> Seen:
    lines = {key: reach.lines(answer, key) for key in ("lines", "vitals", "aside", "heard")}
    state = host_state.by_root(lines["lines"])
    clock = 0.0 if state.clock is None else state.clock - float(answer["at"])
    own = vitals.parse(lines["vitals"])
    return Seen(state, own, aside.parse(lines["aside"]), heard.parse(lines["heard"]), clock)


def _network(clusters: Sequence[Cluster], name: str) -> dict[str, Any]:
    instances = [one for cluster in clusters for one in cluster.instances_of(name)]
    places = [(member.interface, one) for one in instances if (member := one.member(name))]
    pairs = [[interface, str(address.ip)] for interface, one in places for address in one.virtual_ipaddress]
    return {"doctor": True, "listen": sorted({interface for interface, _ in places}), "ask": pairs}
