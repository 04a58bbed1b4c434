"""The status of a cluster, round after round: the answers of `monitor_worker`, a child process, as values."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from floatip.hosts import daemon, worker_answers, workers
from floatip.hosts.daemon import DaemonState
from floatip.hosts.worker_answers import MonitorRequest

FIRST = 5.0  # seconds for the first round, in which all servers are connected to: at least


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One look at all servers. `at`: seconds since the epoch; `failures`: server → why nothing is known of it."""

    at: float
    found: Mapping[str, DaemonState]
    failures: Mapping[str, str]


def first(servers: int) -> float:
    """Seconds for the first round with so many servers."""
    return max(FIRST, workers.MORE * servers)


def snapshots(
    hosts: Sequence[tuple[str, Mapping[str, Any]]], every: float, number: int | None = None
) -> Iterator[Snapshot]:
    """Look every so many seconds, `number` times or until nobody wants to know: closing the iterator ends the child."""
    servers = [[name, dict(data)] for name, data in hosts]
    request = MonitorRequest(servers=servers, every=every, rounds=number, first=first(len(hosts)))
    for answers in workers.documents([workers.MONITOR], request):
        yield understood(answers, dict(hosts))


def understood(answers: Mapping[str, Any], data: Mapping[str, Mapping[str, Any]]) -> Snapshot:
    """The answers of one round as values; a server whose answer makes no sense has failed."""
    read = worker_answers.by_lines(daemon.parse)
    values = {name: worker_answers.result(answer, data.get(name, {}), read) for name, answer in answers.items()}
    found = {name: value for name, value in values.items() if not isinstance(value, str)}
    failures = {name: value for name, value in values.items() if isinstance(value, str)}
    return Snapshot(time.time(), found, failures)
