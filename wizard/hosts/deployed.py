"""What the servers of a draft run: the pages about a running cluster speak of that, not of the draft."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from floatip.model import inventory
from floatip.model.cluster import Cluster
from floatip.operate import running
from floatip.operate.running import Running
from floatip.runs import deployed
from wizard.drafts import Draft
from wizard.drafts.inventories import Inventories
from wizard.hosts.background import Background, Task

FRESH = 15.0  # seconds for which the servers' own files are not read again
ENOUGH = 60.0  # seconds; the asking ends sooner
Key = tuple[object, ...]


class Deployed:
    """Of all drafts. What has to be asked of servers is asked beside the page that shows it."""

    def __init__(self) -> None:
        self._found: dict[Key, tuple[float, Running]] = {}
        self._asking: set[Key] = set()
        self._first = Background()
        self._lock = threading.Lock()

    def of(self, draft: Draft) -> Running:
        """What its servers run: waited for, where that is not known yet."""
        return self.soon(draft, ENOUGH).result.result()

    def soon(self, draft: Draft, patience: float | None = None) -> Task[Running]:
        """The same, where it is known within so many seconds, usually SOON."""
        record = deployed.of(draft.name, draft.hosts)
        key = (draft.key, draft.version, record and record.at)
        with self._lock:
            at, found = self._found.get(key, (0.0, None))
            stale = found is not None and time.monotonic() - at > FRESH and key not in self._asking
            if stale:
                self._asking.add(key)
        if found is None:
            return self._first.task(key, lambda: self._ask(key, draft), 0.0, patience)
        if stale:  # nobody who ends the wizard waits for it
            threading.Thread(target=self._ask, args=(key, draft), daemon=True).start()
        known: Task[Running] = Task()
        known.result.set_result(found)
        return known

    def _ask(self, key: Key, draft: Draft) -> Running:
        try:
            found = running.of_draft(draft.name, draft.hosts, draft.parsed().cluster)
            with self._lock:
                others = {key: known for key, known in self._found.items() if key[0] != draft.key}
                self._found = {**others, key: (time.monotonic(), found)}
            return found
        finally:
            with self._lock:
                self._asking.discard(key)


def file(found: Running, draft: Draft, inventories: Inventories) -> Path:
    """The inventory of what runs, for a move or a reboot: the saved one, where it says just that. `care.Unfit` where
    there is none."""
    known = saved(draft, inventories)
    if known and found.cluster and inventory.dumps(known[0]) == inventory.dumps(found.cluster):
        return known[1]
    return running.file(found, None)


def drafted(draft: Draft, inventories: Inventories) -> bool:
    """Whether the draft was not even saved as it is."""
    cluster, known = draft.parsed().cluster, saved(draft, inventories)
    return cluster is None or known is None or inventory.dumps(known[0]) != inventory.dumps(cluster)


def saved(draft: Draft, inventories: Inventories) -> tuple[Cluster, Path] | None:
    """The inventory that a draft was saved as, and what that says, whatever the draft has become since."""
    if draft.name not in inventories.names():
        return None
    path = inventories.directory / f"{draft.name}.py"
    (first, *_) = inventory.read(path)
    return (first.cluster, path) if first.cluster else None
