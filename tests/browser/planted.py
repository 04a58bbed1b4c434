"""`python -m tests.browser.planted wizard …`: the wizard with servers that are as planted.

What a server is like stands in its SSH port: those of the clusters `well` and `ill`. At all others nobody answers.
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
from floatip.hosts.daemon import DaemonState, Vrrp
from floatip.hosts.following import Wanted
from floatip.hosts.host_state import File, HostState, Link
from floatip.hosts.monitor import Snapshot
from floatip.hosts.surroundings import Aside
from floatip.keepalived import render
from floatip.model.cluster import Cluster
from floatip.operate import handover
from floatip.operate.doctor import Case, Seen, case, examining

PACE = 1.5  # seconds between two looks
WELL, ILL, SLOW = (11, 12), (21, 22), (31, 32)
"""The SSH ports of d1 and d2, cluster by cluster."""
OWN = {"d1": "10.9.1.16/24", "d2": "10.9.1.61/24"}
LEADS = DaemonState(
    True, 864000, frozenset({"10.9.1.6"}), {"VI_1": Vrrp("master", 150, 7200, {}, 101, 150)}, {"web": True}
)
STANDS_BY = DaemonState(True, 864000, frozenset(), {"VI_1": Vrrp("backup", 100, 7200, {}, 101, 100)}, {"web": True})
FAILS = replace(LEADS, held=frozenset(), instances={"VI_1": Vrrp("fault", 0, 90, {}, 101, 150)}, checks={"web": False})
STOPPED = DaemonState(False, 90, frozenset(), {}, {})
VITALS = {11: LEADS, 12: STANDS_BY, 21: FAILS, 22: STOPPED}
JOURNAL = (
    "(/etc/keepalived/keepalived.conf: Line 14) Unknown keyword 'prioritty'",
    "keepalived.service: Main process exited, code=exited, status=2/INVALIDARGUMENT",
    "keepalived.service: Failed with result 'exit-code'.",
)


def ask(request: Sequence[Sequence[Any]], seconds: float | None = None) -> dict[str, Any]:
    """Nobody answers, as the library says it."""
    _late()
    return {str(name): {"error": f"Unable to connect to port {data.get('ssh_port', 22)}"} for name, data, *_ in request}


Hosts = Sequence[tuple[str, Mapping[str, Any]]]


def glance(hosts: Hosts) -> Snapshot:
    """What is planted."""
    known = [(name, data["ssh_port"]) for name, data in hosts if data.get("ssh_port") in VITALS]
    failures = _failures([[name, data] for name, data in hosts if data.get("ssh_port") not in VITALS])
    found = {name: STOPPED if str(port) == _stopped() else VITALS[port] for name, port in known}
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
    ports = {node.name: dict(node.connection).get("ssh_port") for node in cluster.nodes}
    if set(SLOW) & set(ports.values()):
        threading.Event().wait()  # for as long as the wizard runs
    if not VITALS.keys() & set(ports.values()):
        return case(cluster, {}, _failures([[node.name, dict(node.connection)] for node in cluster.nodes]))
    ill = ports["d1"] in ILL
    seen = {name: Seen(_state(cluster, name), VITALS[int(port or 0)]) for name, port in ports.items()}
    if ill:
        edited = seen["d2"].state.files["conf"].text.replace("priority 100", "prioritty 99")
        files = {**seen["d2"].state.files, "conf": File("640:root:root", edited)}
        aside = Aside(result="exit-code", journal=JOURNAL)
        seen["d2"] = replace(seen["d2"], state=replace(seen["d2"].state, files=files), aside=aside, clock=-7300.0)
    return case(cluster, seen, {})


def _failures(hosts: Sequence[Sequence[Any]]) -> dict[str, str]:
    data = {str(name): data for name, data in hosts}
    return {name: worker_answers.result(answer, data[name], str) for name, answer in ask(hosts).items()}


def _state(cluster: Cluster, name: str) -> HostState:
    files = {
        "conf": File("640:root:root", render.keepalived_conf(cluster, name)),
        "rsyslog": File("644:root:root", render.rsyslog_conf()),
        "check": File("755:root:root", render.check_script()),
    }
    units = dict.fromkeys(("keepalived", "rsyslog"), ("active", "enabled"))
    packages = {"keepalived": "1:2.2.7-1+b2", "rsyslog": "8.2302.0-1", "logrotate": "3.21.0-1"}
    mac = f"02:00:00:00:00:{name[1:]:0>2}"
    links = (Link("eth1", True, frozenset({OWN[name]}), mac),)
    return HostState(0, "debian", "12", True, packages, units, links, False, files)


if __name__ == "__main__":
    assert "wizard" not in sys.modules, "what has been imported has the names as they were"
    following.Following, handover.look = Always, look  # type: ignore[misc, assignment]
    probe.ask, examining.examine = ask, examine
    from floatip import cli  # now: the wizard takes the names as they are

    cli.main()
