"""What the servers of a saved cluster are like at this moment: found out beside the page that compares it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from floatip.hosts import probe
from wizard.drafts import Draft
from wizard.hosts import discovery
from wizard.hosts.background import Background, Task

MOST = 50  # looks that are kept: each may have the files of eight servers
FRESH = 15.0  # seconds for which the servers are not asked again


@dataclass(frozen=True, slots=True)
class Look:
    """`draft`: with what its servers said last; `at`: when, in seconds since the epoch, None where they have not been
    asked since the wizard was started; `task`: the asking that is under way, None where there is none."""

    draft: Draft
    at: float | None
    task: Task[Draft] | None


class Looks:
    """By the ways to the servers: two drafts of the same servers need one look."""

    def __init__(self) -> None:
        self._tasks = Background()
        self._last: dict[str, tuple[float, Draft]] = {}

    def of(self, draft: Draft, patience: float | None = None) -> Look:
        """The last look; another one is begun where that is old."""
        key = discovery.connections(draft)
        task = self._tasks.task(key, lambda: _asked(draft), time.time() - FRESH, patience)
        done = task.done  # looked at once: what ends a moment later is shown a moment later
        if done and task.at and (found := task.get()):
            others = [known for known in self._last.items() if known[0] != key][-MOST:]
            self._last = {**dict(others), key: (task.at, found)}
        at, found = self._last.get(key, (None, draft))
        return Look(replace(draft, found=found.found), at, None if done else task)


def _asked(draft: Draft) -> Draft:
    """Unlike what is kept on disk, this may hold passwords of a keepalived.conf: it is compared, and never written."""
    return replace(draft, found={**probe.ask(draft.hosts), "": discovery.connections(draft)})
