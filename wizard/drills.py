"""Drills that were asked for in the browser: one at a time for a cluster. The server itself undoes the fault, so
nothing stays broken where the wizard is ended meanwhile."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from floatip import drilling
from floatip.care import Unfit
from floatip.cluster import Cluster
from floatip.drill import Report


@dataclass(slots=True)
class Drill:
    """One drill: under way as long as it has neither a report nor a refusal."""

    fault: str
    report: Report | None = None
    refused: str = ""

    @property
    def under_way(self) -> bool:
        """Whether it goes on."""
        return self.report is None and not self.refused


class Drills:
    """The latest drill of each cluster."""

    def __init__(self) -> None:
        self._latest: dict[str, Drill] = {}
        self._lock = threading.Lock()

    def latest(self, cluster: str) -> Drill | None:
        """What was last asked for since the wizard started."""
        return self._latest.get(cluster)

    def start(self, cluster: Cluster, fault: str, node: str | None) -> None:
        """Begin; nothing where one is under way."""
        with self._lock:
            known = self._latest.get(cluster.name)
            if known and known.under_way:
                return
            drill = self._latest[cluster.name] = Drill(fault)
        threading.Thread(target=_run, args=(drill, cluster, node), daemon=True).start()


def earlier(cluster: str) -> list[dict[str, Any]]:
    """What is kept of earlier drills, the newest first."""
    return drilling.kept(cluster)[:10]


def _run(drill: Drill, cluster: Cluster, node: str | None) -> None:
    try:
        report = drilling.run(cluster, drill.fault, node)
        drilling.keep(report)
        drill.report = report
    except Unfit as unfit:
        drill.refused = unfit.reason
    except Exception as error:
        drill.refused = f"{type(error).__name__}: {error}"
        raise
