"""Drills that were asked for in the browser: one at a time for a cluster, each a `floatip drill` of its own that
needs neither the browser nor the wizard; the server itself undoes the fault, whatever becomes of them."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from floatip.model import inventory
from floatip.model.cluster import Cluster, Instance
from floatip.model.messages import NO_MESSAGE, Said, say
from floatip.operate.drill import FAULTS, Progress, Report, faults, progress, reports
from floatip.runs import detached
from floatip.runs.events import Event, Failed

MOST = 10  # earlier drills that are shown
WHAT = {
    "stop": say("As an administrator would: the server announces that it stops, and the next one takes over at once."),
    "kill": say(
        "keepalived is killed without announcing it. Usually systemd restarts it before the other servers notice."
    ),
    "cut": say("Both servers have the address until they hear each other again; a client reaches one or the other."),
    "link": say(
        "As if its cable was pulled: SSH over this interface breaks off, too. The server restores it by itself."
    ),
    "check": say("All its checks of a process, a port or a web page fail, as if the service was down."),
    "reboot": say(
        "It announces that it stops as it shuts down. The test continues until it is up again, for some minutes."
    ),
}
STAGES = {
    "looking": say("The servers are checked first. Nothing is done yet."),
    "watching": say("The address answers, and the measurement is running."),
    "fault": say("The fault was caused."),
    "undone": say("The fault is undone; the measurement continues until the address is back."),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A fault as it is offered. `seconds`: how long a client waits at most; `noticed`: seconds until the others know
    of it, where that is what takes long; `why_not`: why it is not offered, if it is not."""

    name: str
    label: Said
    what: Said
    seconds: float
    noticed: float | None
    why_not: Said


@dataclass(frozen=True, slots=True)
class Drill:
    """The latest one: under way as long as it has neither a report nor a refusal. `seconds`: how long ago it was
    asked for."""

    key: str
    fault: str
    progress: Progress
    seconds: float
    report: Report | None = None
    refused: str = ""

    @property
    def under_way(self) -> bool:
        """Whether it goes on."""
        return self.report is None and not self.refused


class Drills:
    """The latest drill of each cluster, in a directory for it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def latest(self, cluster: str) -> Drill | None:
        """What was last asked for."""
        return next((drill for place in _places(self._directory / cluster) if (drill := _read(place))), None)

    def start(self, cluster: Cluster, fault: str, instance: str, node: str | None, language: str = "") -> None:
        """Begin; nothing where one is under way. Those before it are forgotten: their reports are kept elsewhere."""
        place = self._directory / cluster.name
        with detached.exclusive(place):
            latest = self.latest(cluster.name)
            if latest and latest.under_way:
                return
            for old in _places(place):
                shutil.rmtree(old)
            file = inventory.save(cluster, place)  # as it is now, whatever becomes of the draft
            command = ["drill", str(file), "--json", "--fault", fault, "--instance", instance]
            command += ["--node", node] if node else []
            program = [sys.executable, "-m", "floatip"]
            detached.start(place, [*program, *command], {"fault": fault}, language=language)


def choices(cluster: Cluster, instance: Instance) -> list[Choice]:
    """Every fault, with what it would do to this group of addresses."""
    return [_choice(cluster, instance, name) for name in FAULTS]


def earlier(cluster: str) -> list[reports.Kept]:
    """What is kept of earlier drills, the newest first."""
    return reports.kept(cluster)[:MOST]


def kept(cluster: str, key: str) -> Report | None:
    """The report of an earlier drill; None where there is none of this key."""
    return next((entry.report for entry in earlier(cluster) if entry.key == key), None)


def when(key: str) -> str:
    """The day and the time that a report's key begins with."""
    return f"{key[:4]}-{key[4:6]}-{key[6:8]} {key[9:11]}:{key[11:13]}"


def _choice(cluster: Cluster, instance: Instance, name: str) -> Choice:
    fault = FAULTS[name]
    why_not = faults.why_not(fault, cluster, instance)
    return Choice(
        name,
        fault.label,
        WHAT[name],
        fault.outage(cluster, instance),
        fault.noticed(cluster, instance) if name == "check" and not why_not else None,
        why_not or NO_MESSAGE,
    )


def _places(directory: Path) -> list[Path]:
    """The newest first."""
    return sorted((path for path in directory.glob("*") if detached.KEY.fullmatch(path.name)), reverse=True)


def _read(place: Path) -> Drill | None:
    try:
        fault, asked = (place / "fault").read_text("utf-8"), (place / "fault").stat().st_mtime
        ended = detached.code(place)
        lines = (place / detached.LOG).read_text("utf-8", "replace").splitlines()
    except OSError:
        return None
    report = None if ended is None else reports.read(place / detached.RESULT)
    refused = "" if report or ended is None else _why(detached.events_of(place), lines)
    return Drill(place.name, fault, progress.read(detached.noted(place)), time.time() - asked, report, refused)


def _why(events: Iterable[Event], lines: list[str]) -> str:
    """What it has told; else the end of its log, which is not ours to say."""
    last = next((line for line in reversed(lines) if line.strip()), "")
    otherwise = last or say("The failover test was ended from outside. The server undoes the fault by itself.")
    return next((event.message for event in events if isinstance(event, Failed)), otherwise)
