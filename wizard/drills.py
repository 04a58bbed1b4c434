"""Drills that were asked for in the browser: one at a time for a cluster. The server itself undoes the fault, so
nothing stays broken where the wizard is ended meanwhile."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass, field, fields
from itertools import islice
from typing import Any

from floatip import drilling
from floatip.care import Unfit
from floatip.cluster import Cluster, Instance
from floatip.drill import FAULTS, Report, draw, faults
from floatip.words import SILENT, Said, say

MOST = 10  # earlier drills that are shown
KEY = re.compile(r"[0-9]{8}-[0-9]{6}-[a-z]{1,20}")
WHAT = {
    "stop": say("As an administrator would: it says goodbye, and the next server takes over at once."),
    "kill": say("It dies without a goodbye. Mostly systemd has started it again before the others notice."),
    "cut": say("Both servers have the address until they hear each other again; a client reaches one or the other."),
    "link": say("As if its cable was pulled: SSH over this interface breaks off, too. The server itself mends it."),
    "check": say("All its checks of a process, a port or a web page fail, as if the service was down."),
    "reboot": say("It says goodbye on the way down; the drill goes on until it is up again, for some minutes."),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A fault as it is offered. `seconds`: how long a client waits at most; `noticed`: seconds until the others know
    of it, where that is what takes long; `why_not`: why it is not offered, if it is not."""

    name: str
    words: Said
    what: Said
    seconds: float
    noticed: float | None
    why_not: Said


@dataclass(slots=True)
class Drill:
    """One drill: under way as long as it has neither a report nor a refusal."""

    fault: str
    report: Report | None = None
    refused: str = ""
    begun: float = field(default_factory=time.monotonic)

    @property
    def under_way(self) -> bool:
        """Whether it goes on."""
        return self.report is None and not self.refused

    @property
    def seconds(self) -> float:
        """How long ago it was asked for."""
        return time.monotonic() - self.begun


class Drills:
    """The latest drill of each cluster."""

    def __init__(self) -> None:
        self._latest: dict[str, Drill] = {}
        self._lock = threading.Lock()

    def latest(self, cluster: str) -> Drill | None:
        """What was last asked for since the wizard started."""
        return self._latest.get(cluster)

    def start(self, cluster: Cluster, fault: str, instance: str, node: str | None) -> None:
        """Begin; nothing where one is under way."""
        with self._lock:
            known = self._latest.get(cluster.name)
            if known and known.under_way:
                return
            drill = self._latest[cluster.name] = Drill(fault)
        threading.Thread(target=_run, args=(drill, cluster, instance, node), daemon=True).start()


def choices(cluster: Cluster, instance: Instance) -> list[Choice]:
    """Every fault, with what it would do to this group of addresses."""
    return [_choice(cluster, instance, name) for name in FAULTS]


def earlier(cluster: str) -> list[dict[str, Any]]:
    """What is kept of earlier drills, the newest first; what nobody can read is left out."""
    readable = (one for one in drilling.kept(cluster) if KEY.fullmatch(one["key"]) and _report(one))
    return list(islice(readable, MOST))


def kept(cluster: str, key: str) -> Report | None:
    """The report of an earlier drill; None where there is none of this key."""
    return next((_report(one) for one in earlier(cluster) if one["key"] == key), None)


def when(key: str) -> str:
    """The day and the time that a report's key begins with."""
    return f"{key[:4]}-{key[4:6]}-{key[6:8]} {key[9:11]}:{key[11:13]}"


def _choice(cluster: Cluster, instance: Instance, name: str) -> Choice:
    fault = FAULTS[name]
    why_not = faults.why_not(fault, cluster, instance)
    return Choice(
        name,
        fault.words,
        WHAT[name],
        fault.outage(instance),
        fault.noticed(cluster, instance) if name == "check" and not why_not else None,
        why_not or SILENT,
    )


def _report(values: dict[str, Any]) -> Report | None:
    try:
        full = {"states": {}, **values}  # those of earlier days have none
        report = Report(**{one.name: full[one.name] for one in fields(Report)})
        draw.picture(report)
    except (LookupError, TypeError, ValueError, AttributeError):
        return None
    return report


def _run(drill: Drill, cluster: Cluster, instance: str, node: str | None) -> None:
    try:
        report = drilling.run(cluster, drill.fault, node, instance)
        drilling.keep(report)
        drill.report = report
    except Unfit as unfit:
        drill.refused = unfit.reason
    except Exception as error:
        drill.refused = f"{type(error).__name__}: {error}"
        raise
