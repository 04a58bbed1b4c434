"""How each cluster is, looked at in the background for as long as somebody has a page open: one child process for all
of them, whose looks at a server are never closer than EVERY."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence

from floatip.hosts import workers
from floatip.hosts.daemon import DaemonState
from floatip.hosts.distinct import DistinctServers
from floatip.hosts.following import Following, Wanted
from floatip.hosts.monitor import Snapshot
from floatip.model.cluster import Cluster

EVERY = 2.0  # seconds between two looks at a server
EACH = 0.1  # seconds of this computer for one look: many servers are asked less often
SLOW = 15.0  # seconds between two looks at servers that no open page shows
SHOWN = 6.0  # seconds for which a page that does not ask again is taken for open
FORGOTTEN = 20.0  # seconds after which nobody seems to look at anything any more
STALE = 3.0  # seconds on top of the pace, after which a look says nothing about now
Key = str


class Watchers:
    """One for all clusters, however many pages show them."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._servers = DistinctServers()
        self._names: dict[Key, dict[str, str]] = {}
        self._asked: dict[Key, float] = {}
        self._seen: dict[str, Snapshot] = {}
        self._wanted: Wanted = {}
        self._following: Following | None = None

    def newest(self, cluster: Cluster, patience: float) -> Snapshot | None:
        """The newest look at the servers; None where there is none that is fresh, after `patience` seconds."""
        with self._news:
            self._ask([cluster])
            self._news.wait_for(lambda: self._fresh(cluster), timeout=patience)
            return self._fresh(cluster)

    def early(self, cluster: Cluster) -> Snapshot:
        """What is known already, while others of its servers are still being asked."""
        with self._news:
            names = self._names.get(_key(cluster), {})
            return self._together({name: key for name, key in names.items() if not self._old(key)})

    def glances(self, clusters: Sequence[Cluster]) -> list[Snapshot | None]:
        """The same of many, without waiting."""
        with self._news:
            self._ask(clusters)
            return [self._fresh(cluster) for cluster in clusters]

    def _ask(self, clusters: Sequence[Cluster]) -> None:
        now = time.monotonic()
        for cluster in clusters:
            key = _key(cluster)
            self._asked[key] = now
            self._names[key] = {
                node.name: self._servers.add(node.name, dict(node.connection)) for node in cluster.nodes
            }
        self._want()
        if self._wanted and self._following is None:
            self._following = Following()
            self._following.want(self._wanted)
            # Nobody who ends the wizard waits for it; its child ends when nobody speaks to it.
            threading.Thread(target=self._follow, args=(self._following,), daemon=True).start()
            self._later(self._following, FORGOTTEN)

    def _later(self, following: Following, seconds: float) -> None:
        timer = threading.Timer(seconds, self._unwatched, (following,))
        timer.daemon = True
        timer.start()

    def _unwatched(self, following: Following) -> None:
        """End it as soon as nobody looks any more: the next look may be long in coming, and would be for nobody."""
        with self._news:
            self._want()
            if self._following is not following:
                return
            if not self._wanted:
                following.stop()
                return
            last = max(self._asked.values(), default=time.monotonic())
            self._later(following, max(0.0, last + FORGOTTEN - time.monotonic()) + 0.1)

    def _want(self) -> None:
        """Tell the child who is wanted at which pace, where that has changed."""
        now = time.monotonic()
        last = max(self._asked.values(), default=-FORGOTTEN)
        self._asked = {key: at for key, at in self._asked.items() if now - last < FORGOTTEN}
        shown = {name for key, at in self._asked.items() if now - at < SHOWN for name in self._names[key].values()}
        fast = max(EVERY, EACH * len(shown))
        every = dict.fromkeys((name for key in self._asked for name in self._names[key].values()), max(SLOW, fast))
        every |= dict.fromkeys(shown, fast)
        wanted = {name: (self._servers.data[name], seconds) for name, seconds in every.items()}
        if wanted != self._wanted:
            self._wanted = wanted
            self._seen = {name: monitor for name, monitor in self._seen.items() if name in wanted}
            if self._following:
                self._following.want(wanted)

    def _follow(self, following: Following) -> None:
        try:
            for look in following.looks():
                with self._news:
                    self._seen |= dict.fromkeys({**look.found, **look.failures}, look)
                    self._want()
                    self._news.notify_all()
                    if not self._wanted:
                        break
        except workers.Failed:
            pass  # whoever asks next starts another one
        finally:
            with self._news:
                self._following = None
            following.end()

    def _fresh(self, cluster: Cluster) -> Snapshot | None:
        """What was seen of all its servers; None where one of them was not, or too long ago."""
        names = self._names[_key(cluster)]
        return None if any(self._old(key) for key in names.values()) else self._together(names)

    def _old(self, key: str) -> bool:
        """Whether nothing is known of a server, or only how it was too long ago."""
        if key not in self._seen or key not in self._wanted:
            return True
        return time.time() - self._seen[key].at > STALE + self._wanted[key][1]

    def _together(self, names: Mapping[str, str]) -> Snapshot:
        """The looks at these servers as one: as old as the oldest."""
        looks = {name: self._seen[key] for name, key in names.items()}
        oldest = min((look.at for look in looks.values()), default=time.time())
        found: dict[str, DaemonState] = {n: look.found[names[n]] for n, look in looks.items() if names[n] in look.found}
        failures = {n: look.failures[names[n]] for n, look in looks.items() if names[n] in look.failures}
        return Snapshot(oldest, found, failures)


def _key(cluster: Cluster) -> Key:
    return repr((cluster.name, cluster.nodes))
