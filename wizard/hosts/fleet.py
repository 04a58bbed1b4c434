"""What the servers of all saved clusters run: found out beside the page that shows it, which never waits."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from floatip.model.cluster import Cluster
from floatip.model.inventory.data import hosts_data
from floatip.operate import running
from floatip.operate.running import Running, Source
from floatip.runs import deployed

FRESH = 15.0  # seconds for which the servers' own files are not read again


class Found(NamedTuple):
    """`deployed`: when the cluster was deployed last, as it was known then; `at`: when it was found out, as monotonic
    seconds."""

    deployed: float
    at: float
    running: Running


class Fleet:
    """By the cluster as its file has it."""

    def __init__(self) -> None:
        self._found: dict[Cluster, Found] = {}
        self._asking = False
        self._lock = threading.Lock()

    def of(self, clusters: Sequence[Cluster]) -> list[Running | None]:
        """What runs of each; None where that is being found out."""
        records = deployed.every()
        kept = [deployed.of(cluster.name, hosts_data(cluster), records) for cluster in clusters]
        times = {cluster: record.at if record else 0.0 for cluster, record in zip(clusters, kept, strict=True)}
        with self._lock:
            self._found = {cluster: found for cluster, found in self._found.items() if cluster in times}
            missing = [cluster for cluster in clusters if self._stale(cluster, times)]
            if missing and not self._asking:
                self._asking = True
                threading.Thread(target=self._ask, args=(missing, times), daemon=True).start()
            return [self._known(cluster, times) for cluster in clusters]

    def _known(self, cluster: Cluster, times: Mapping[Cluster, float]) -> Running | None:
        """What was found out of it, unless it was deployed since."""
        found = self._found.get(cluster)
        return found.running if found and found.deployed == times[cluster] else None

    def _stale(self, cluster: Cluster, times: Mapping[Cluster, float]) -> bool:
        known = self._known(cluster, times)
        settled = known is not None and known.source is Source.FILE and known.record is not None
        return known is None or (not settled and time.monotonic() - self._found[cluster].at > FRESH)

    def _ask(self, clusters: Sequence[Cluster], times: Mapping[Cluster, float]) -> None:
        try:
            found = running.of_files([[cluster] for cluster in clusters])
            with self._lock:
                for cluster, (runs,) in zip(clusters, found, strict=True):
                    self._found[cluster] = Found(times[cluster], time.monotonic(), runs)
        finally:
            with self._lock:
                self._asking = False
