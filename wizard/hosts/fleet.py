"""What the servers of all saved clusters run: found out beside the page that shows it, which never waits."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence

from floatip.model.cluster import Cluster
from floatip.model.inventory.data import hosts_data
from floatip.operate import running
from floatip.operate.running import Running, Source
from floatip.runs import deployed

FRESH = 15.0  # seconds for which the servers' own files are not read again
Key = tuple[int, float]


class Fleet:
    """By the cluster as its file has it."""

    def __init__(self) -> None:
        self._found: dict[int, tuple[Key, float, Cluster, Running]] = {}
        self._asking = False
        self._lock = threading.Lock()

    def of(self, clusters: Sequence[Cluster]) -> list[Running | None]:
        """What runs of each; None where that is being found out."""
        records = deployed.every()
        kept = [deployed.of(cluster.name, hosts_data(cluster), records) for cluster in clusters]
        keys = {
            id(cluster): (id(cluster), record.at if record else 0.0)
            for cluster, record in zip(clusters, kept, strict=True)
        }
        with self._lock:
            self._found = {key: found for key, found in self._found.items() if key in keys}
            missing = [cluster for cluster in clusters if self._stale(cluster, keys)]
            if missing and not self._asking:
                self._asking = True
                threading.Thread(target=self._ask, args=(missing, keys), daemon=True).start()
            return [self._known(cluster, keys) for cluster in clusters]

    def _known(self, cluster: Cluster, keys: Mapping[int, Key]) -> Running | None:
        """What was found out of it, unless it was deployed since, or is another cluster at the same place."""
        found = self._found.get(id(cluster))
        return found[3] if found and found[0] == keys[id(cluster)] and found[2] is cluster else None

    def _stale(self, cluster: Cluster, keys: Mapping[int, Key]) -> bool:
        known = self._known(cluster, keys)
        settled = known is not None and known.source is Source.FILE and known.record is not None
        return known is None or (not settled and time.monotonic() - self._found[id(cluster)][1] > FRESH)

    def _ask(self, clusters: Sequence[Cluster], keys: Mapping[int, Key]) -> None:
        try:
            found = running.of_files([[cluster] for cluster in clusters])
            with self._lock:
                for cluster, (monitored,) in zip(clusters, found, strict=True):
                    self._found[id(cluster)] = (keys[id(cluster)], time.monotonic(), cluster, monitored)
        finally:
            with self._lock:
                self._asking = False
