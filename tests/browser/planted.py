"""`python -m tests.browser.planted wizard …`: the wizard with servers that are as planted.

What a server is like stands in its SSH port, as `planted_servers` has it; at any other port nobody answers.
Neither way is a process started or a connection tried: a page costs what the page costs.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from floatip.hosts import following, probe, worker_answers
from floatip.hosts.following import Wanted
from floatip.hosts.host_state import File
from floatip.hosts.monitor import Snapshot
from floatip.hosts.surroundings import Aside
from floatip.model.cluster import Cluster
from floatip.operate import handover
from floatip.operate.doctor import Case, Seen, case, examining
from tests.browser import planted_servers
from tests.browser.planted_servers import ILL, SLOW, STOPPED, kind

PACE = 1.5  # seconds between two looks
JOURNAL = (
    "(/etc/keepalived/keepalived.conf: Line 14) Unknown keyword 'prioritty'",
    "keepalived.service: Main process exited, code=exited, status=2/INVALIDARGUMENT",
    "keepalived.service: Failed with result 'exit-code'.",
)


def ask(request: Sequence[Sequence[Any]], seconds: float | None = None) -> dict[str, Any]:
    """What each says of itself where something was deployed; else nobody answers, as the library says it. Nobody
    answers for a network either."""
    _late()
    return {str(name): _answer(str(name), data, *more) for name, data, *more in request}


def _answer(name: str, data: Mapping[str, Any], *network: object) -> dict[str, Any]:
    lines = None if network else planted_servers.answer(name, data)
    if lines is None:
        return {"error": f"Unable to connect to port {data.get('ssh_port', 22)}"}
    return {"lines": lines, "at": time.time()}


Hosts = Sequence[tuple[str, Mapping[str, Any]]]


def glance(hosts: Hosts) -> Snapshot:
    """What is planted."""
    answers = {name: planted_servers.vitals(name, data) for name, data in hosts}
    failures = _failures([[name, data] for name, data in hosts if answers[name] is None])
    stopped = {name for name, data in hosts if str(data.get("ssh_port")) == _stopped()}
    found = {name: STOPPED if name in stopped else seen for name, seen in answers.items() if seen}
    return Snapshot(time.time(), found, failures)


def snapshots(hosts: Hosts, every: float, number: int | None = None) -> Iterator[Snapshot]:
    """The same, again and again."""
    while True:
        yield glance(hosts)
        if number == 1:
            break
        time.sleep(every)


class Once:
    """Servers that are followed, without a child process: all of them are looked at once, whenever who is wanted
    changes, or not at all where there is no look."""

    def __init__(self, look: Callable[[Hosts], Snapshot | None]) -> None:
        self.look, self.hosts = look, list[tuple[str, Mapping[str, Any]]]()

    def want(self, wanted: Wanted) -> None:
        """These and no others."""
        self.hosts = [(name, data) for name, (data, _) in wanted.items()]

    def looks(self) -> Iterator[Snapshot]:
        """At those that are wanted."""
        seen = self.look(self.hosts)
        yield from [] if seen is None else [seen]

    def stop(self) -> None:
        """Nobody wants to know any more."""

    def end(self) -> None:
        """Nothing is open."""


class Always(Once):
    """The same again and again."""

    def __init__(self) -> None:
        super().__init__(glance)

    def looks(self) -> Iterator[Snapshot]:
        """For as long as somebody listens."""
        _late()
        while True:
            yield from super().looks()
            time.sleep(PACE)


def _late() -> None:
    """Servers that are slow, by so many seconds as a story says."""
    threading.Event().wait(float(os.environ.get("FLOATIP_LATE", "0")))


def _stopped() -> str:
    """The SSH port of a server whose keepalived was stopped meanwhile, in a file that a story writes."""
    file = Path(os.environ.get("FLOATIP_STOPPED", "/nowhere"))
    return file.read_text() if file.exists() else ""


def look(cluster: Cluster) -> Snapshot:
    """How the servers are, before anything is moved."""
    return next(snapshots([(node.name, dict(node.connection)) for node in cluster.nodes], 1, 1))


def examine(clusters: Sequence[Cluster]) -> list[Case]:
    """How each cluster is."""
    return [_examine(cluster) for cluster in clusters]


def _examine(cluster: Cluster) -> Case:
    """Everything that a diagnosis wants to know: d1's check fails, d2's file was edited and its daemon has failed."""
    data = {node.name: dict(node.connection) for node in cluster.nodes}
    kinds = {kind(entry) for entry in data.values()}
    if kinds & {*SLOW}:
        threading.Event().wait()  # for as long as the wizard runs
    answers = {name: planted_servers.vitals(name, entry) for name, entry in data.items()}
    seen = {name: Seen(planted_servers.state(cluster, name), daemon) for name, daemon in answers.items() if daemon}
    if kinds & {*ILL}:
        edited = seen["d2"].state.files["conf"].text.replace("priority 100", "prioritty 99")
        files = {**seen["d2"].state.files, "conf": File("640:root:root", edited)}
        aside = Aside(result="exit-code", journal=JOURNAL)
        seen["d2"] = replace(seen["d2"], state=replace(seen["d2"].state, files=files), aside=aside, clock=-7300.0)
    return case(cluster, seen, _failures([[name, entry] for name, entry in data.items() if name not in seen]))


def _failures(hosts: Sequence[Sequence[Any]]) -> dict[str, str]:
    """Why nobody answers."""
    late = {str(name): _answer(str(name), data, None) for name, data in hosts}
    return {name: worker_answers.result(late[str(name)], data, str) for name, data in hosts}


if __name__ == "__main__":
    assert "wizard" not in sys.modules, "what has been imported has the names as they were"
    following.Following, handover.look = Always, look  # type: ignore[misc, assignment]
    probe.ask, examining.examine = ask, examine
    from floatip import cli  # now: the wizard takes the names as they are

    cli.main()
