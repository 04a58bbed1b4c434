"""Looking at servers once, as values: the answers of `floatip.hosts.probe_worker`, a child process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from floatip.hosts import host_answer, network_script, worker_answers, workers
from floatip.hosts.host_state import HostState
from floatip.hosts.ssh_errors import Reason, Untold, Why
from floatip.hosts.worker_answers import Answer, ProbeRequest
from floatip.model.cluster import Cluster
from floatip.model.messages import say

LET_IN = 12.0  # seconds until a server has let us in: a name is looked up, a connection made, a key exchanged
TELLS = 12.0  # seconds for the answer of a script that does not wait for anything
LISTENS = 3.5  # seconds that a diagnosis listens: three adverts a second apart, and no longer than a person must wait
SPARE = 10.0  # seconds for the child process to start and to end


def patience(request: Sequence[Sequence[Any]]) -> float:
    """Seconds within which each server should have answered: what `floatip.hosts.probe_worker` is asked for, one after
    the other. All that a server is asked, it is asked at the same time."""
    listening = any(network.get("listen") for _, _, *more in request for network in more)
    return LET_IN + TELLS + workers.MORE * len(request) + (network_script.SECONDS if listening else 0)


def ask(request: Sequence[Sequence[Any]], seconds: float | None = None) -> dict[str, Answer]:
    """Server → its answer. `request`: what `floatip.hosts.probe_worker` takes; `seconds`:
    for each, where it is not `patience`. One child process asks them all."""
    seconds = patience(request) if seconds is None else seconds
    try:
        asked = ProbeRequest(servers=request, seconds=seconds, tell=True)
        [answers] = workers.documents([workers.PROBE], asked, seconds + SPARE)
    except (workers.Failed, ValueError) as error:
        said = error.message if isinstance(error, workers.Failed) else say("its answer cannot be understood")
        return {str(question[0]): worker_answers.answer(Untold(Why.NOT_CHECKED, said=said)) for question in request}
    return dict(answers)


def states(clusters: Sequence[Cluster], only: str | None = None) -> dict[str, HostState | Reason]:
    """Server → what it is like, or why that cannot be known; of all of them, or of one."""
    data = {
        node.name: dict(node.connection) for cluster in clusters for node in cluster.nodes if only in (None, node.name)
    }
    return states_of(data)


def states_of(data: Mapping[str, Mapping[str, Any]], seconds: float | None = None) -> dict[str, HostState | Reason]:
    """The same of servers by their host data, right or wrong. `seconds`: as in `ask`."""
    answers = ask([[name, entry] for name, entry in data.items()], seconds)
    read = worker_answers.by_lines(host_answer.by_root)
    return {name: worker_answers.result(answers.get(name), entry, read) for name, entry in data.items()}
