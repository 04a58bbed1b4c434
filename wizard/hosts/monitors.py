"""How each cluster is, looked at in the background for as long as somebody has its page open."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

from floatip.hosts.monitor import Snapshot, snapshots
from floatip.model.cluster import Cluster

EVERY = 1.5  # seconds between two looks
FORGOTTEN = 20.0  # seconds after which nobody seems to look any more
STALE = 5.0  # seconds after which a look says nothing about now


class Watchers:
    """One background reader a cluster, however many pages show it."""

    def __init__(self) -> None:
        self._running: dict[str, _Watcher] = {}
        self._lock = threading.Lock()

    def newest(self, cluster: Cluster, patience: float) -> Snapshot | None:
        """The newest look at the servers; None where there is none that is fresh, after `patience` seconds."""
        name = repr((cluster.name, cluster.nodes))
        with self._lock:
            self._running = {key: one for key, one in self._running.items() if one.alive}
            if name not in self._running:
                self._running[name] = _Watcher(cluster)
            watcher = self._running[name]
        return watcher.newest(patience)


class _Watcher:
    def __init__(self, cluster: Cluster) -> None:
        self._asked = time.monotonic()
        self._newest: Snapshot | None = None
        self._news = threading.Condition()
        self.alive = True
        hosts = [(node.name, dict(node.connection)) for node in cluster.nodes]
        # Nobody who ends the wizard waits for it; its child ends when nobody reads what it says.
        threading.Thread(target=self._follow, args=(snapshots(hosts, EVERY),), daemon=True).start()

    def newest(self, patience: float) -> Snapshot | None:
        self._asked = time.monotonic()
        with self._news:
            self._news.wait_for(self._fresh, timeout=patience)
        return self._newest if self._fresh() else None

    def _fresh(self) -> bool:
        return self._newest is not None and time.time() - self._newest.at < STALE

    def _follow(self, seen: Iterator[Snapshot]) -> None:
        try:
            for look in seen:
                with self._news:
                    self._newest = look
                    self._news.notify_all()
                if time.monotonic() - self._asked > FORGOTTEN:
                    break
        finally:
            self.alive = False
