"""What takes longer than a page may: done in the background, while pages say so and come back for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from floatip.hosts import workers

SOON = 0.4  # seconds that a page waits: what is that quick needs no page that says what it waits for
MOST = 100  # results that are kept
T = TypeVar("T")


@dataclass
class Task(Generic[T]):
    """One piece of work. `begun`, `at`: when it began and ended, in seconds since the epoch; `answered`: the servers
    that have answered so far."""

    begun: float = field(default_factory=time.time)
    at: float | None = None
    answered: list[str] = field(default_factory=list)
    result: Future[T] = field(default_factory=Future)

    @property
    def done(self) -> bool:
        """Whether its result is there."""
        return self.result.done()

    def get(self, patience: float = 0.0) -> T | None:
        """The result; None where it is not there within so many seconds. What the work raised is raised here."""
        try:
            return self.result.result(timeout=patience)
        except NotYet:
            return None

    def run(self, work: Callable[[], T]) -> None:
        """Do it."""
        try:
            with workers.reporting(self.answered.append):
                found = work()
        except Exception as error:
            self.at = time.time()
            self.result.set_exception(error)
        else:
            self.at = time.time()
            self.result.set_result(found)


class Background:
    """Work by its key: whoever wants the same joins what is under way."""

    def __init__(self) -> None:
        self._tasks: dict[object, Task[Any]] = {}
        self._lock = threading.Lock()

    def known(self, key: object) -> Task[Any] | None:
        """What was begun last, if anything was."""
        return self._tasks.get(key)

    def forget(self, key: object) -> None:
        """Its result is used up: whoever asks again wants another one."""
        self._tasks.pop(key, None)

    def task(self, key: object, work: Callable[[], T], since: float, patience: float | None = None) -> Task[T]:
        """The work under way; else the last one, where it ended after `since` (seconds since the epoch); else a new
        one. Waits up to `patience` seconds for the result, usually SOON."""
        with self._lock:
            known: Task[T] | None = self._tasks.pop(key, None)
            if known is None or (known.done and not (known.at and known.at > since)):
                known = Task()
                # Nobody who ends the wizard waits for it.
                threading.Thread(target=known.run, args=(work,), daemon=True).start()
            self._tasks[key] = known
            for old in [ended for ended, task in self._tasks.items() if task.done][: max(0, len(self._tasks) - MOST)]:
                del self._tasks[old]
        wait([known.result], SOON if patience is None else patience)
        return known
