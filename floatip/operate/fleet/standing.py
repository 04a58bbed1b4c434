"""A cluster in one line: values in, values out. What is not known is never called well."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from floatip.change import origin
from floatip.hosts.monitor import Snapshot
from floatip.model.messages import NO_MESSAGE, Said, all_of, one_after_the_other, say
from floatip.operate import status
from floatip.operate.drill.reports import Kept
from floatip.operate.running import Running, Source
from floatip.operate.status import Level, Row
from floatip.runs.lock import process


class Need(StrEnum):
    """Why a person should look."""

    ADDRESS = "address"  # held twice, or by nobody
    CHECKS = "checks"  # health checks fail
    SERVER = "server"  # one answers, and takes no part
    SILENT = "silent"  # servers that do not answer
    FULL = "full"  # nothing can be written on a server
    AT_WORK = "at-work"  # a run has the servers, or a change was not brought to its end
    NOT_DEPLOYED = "not-deployed"  # none of it
    CHANGED = "changed"  # what runs is not what the file says
    MOVED = "moved"  # an address, on purpose
    ELSEWHERE = "elsewhere"  # deployed by somebody else since


@dataclass(frozen=True, slots=True)
class Note:
    """What needs a person."""

    code: Need
    message: Said


@dataclass(frozen=True, slots=True)
class Tested:
    """The last failover test. `at`: seconds since the epoch; `key`: of its report."""

    at: float
    held: bool
    outage_ms: float
    fault: str
    key: str


@dataclass(frozen=True, slots=True)
class Standing:
    """`well`: how many of `servers` are, None where nobody has looked yet."""

    rows: tuple[Row, ...]
    well: int | None
    servers: int
    notes: tuple[Note, ...]
    tested: Tested | None = None

    @property
    def level(self) -> Level:
        """The worst of all addresses; "unknown" where there is none."""
        levels = {row.level for row in self.rows}
        order: tuple[Level, ...] = ("bad", "unknown", "warning")
        return (
            next((level for level in order if level in levels), "good")
            if self.rows and self.well is not None
            else "unknown"
        )


def of(running: Running, seen: Snapshot | None, report: Kept | None) -> Standing:
    """How a cluster is. `seen`: None where nobody has looked yet; `report`: of its last failover test."""
    cluster = running.cluster
    rows = tuple(status.read(cluster, seen.found if seen else {})) if cluster else ()
    names = [node.name for node in cluster.nodes] if cluster else []
    ill = _ill(rows)
    well = None if seen is None else sum(name in seen.found and name not in ill for name in names)
    notes = tuple(_notes(running, rows, seen))
    return Standing(rows, well, len(names), notes, _tested(report) if report else None)


def _tested(kept: Kept) -> Tested:
    report = kept.report
    return Tested(report.at, report.held(), report.outage_ms, report.fault, kept.key)


def _notes(running: Running, rows: Sequence[Row], seen: Snapshot | None) -> Iterator[Note]:
    if seen is not None:
        yield from _seen(rows, seen)
    if text := elsewhere(running, seen):
        yield Note(Need.ELSEWHERE, text)
    if running.source is Source.NOTHING:
        yield Note(Need.NOT_DEPLOYED, say("Not deployed yet."))
    elif running.changes:
        yield Note(Need.CHANGED, say("Changes are not deployed yet."))
    for row in rows:
        if row.code is status.Code.MOVED:
            yield Note(Need.MOVED, say("{address} was moved on purpose.", address=row.address))


def elsewhere(running: Running, seen: Snapshot | None) -> Said:
    """What is to be said where somebody else has deployed another inventory since; nothing where that is not known."""
    reasons = [running.deployed for running in seen.found.values()] if seen else []
    kept = running.record.cluster if running.record else None
    found = origin.elsewhere(reasons, process.who(), (running.cluster, kept))
    if found is None:
        return NO_MESSAGE
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(found.at))
    return say("{who} deployed another inventory on {when}. This one may be out of date.", who=found.who, when=when)


def _seen(rows: Sequence[Row], seen: Snapshot) -> Iterator[Note]:
    for row in rows:
        if row.verdict == "bad":
            yield Note(Need.ADDRESS, one_after_the_other([row.sentence, row.cause]))
        elif row.level == "warning":
            yield Note(Need.CHECKS, row.cause)
    if seen.failures:
        yield Note(Need.SILENT, say("No answer from {names}.", names=all_of(sorted(seen.failures))))
    for name, state in _ill(rows).items():
        if state is not None:
            yield Note(Need.SERVER, say("{name}: {state}.", name=name, state=state))
    for message in status.full(seen.found):
        yield Note(Need.FULL, message)
    for text in status.at_work(seen.found):
        yield Note(Need.AT_WORK, text)


def _ill(rows: Sequence[Row]) -> dict[str, Said | None]:
    """The servers that are not well, and in which state; without words where others tell of it."""
    found: dict[str, Said | None] = {}
    for row in rows:
        for node in row.nodes:
            failing = not all((node.checks or {}).values())
            clashing = node.name in row.clashing
            if node.state not in ("master", "backup") or failing or clashing:
                found[node.name] = None if failing or clashing or node.state == "unknown" else node.label
    return found
