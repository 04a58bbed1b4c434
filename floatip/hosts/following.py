"""Servers that are followed for as long as somebody wants to know, by one child process: `follow_worker`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from floatip.hosts import workers
from floatip.hosts.monitor import Snapshot, understood
from floatip.hosts.worker_answers import Followed

Wanted = Mapping[str, tuple[Mapping[str, Any], float]]
"""Name → how the server is reached, and how many seconds are between two looks."""


class Following:
    """Begins with nobody."""

    def __init__(self) -> None:
        self._talk = workers.Talk([workers.FOLLOW])
        self._data: dict[str, Mapping[str, Any]] = {}

    def want(self, wanted: Wanted) -> None:
        """From now on these servers, and no others."""
        self._data |= {name: data for name, (data, _) in wanted.items()}
        with suppress(OSError):  # it has ended: whoever waits for looks gets to know
            self._talk.say(
                [Followed(name=name, data=dict(data), every=every) for name, (data, every) in wanted.items()]
            )

    def looks(self) -> Iterator[Snapshot]:
        """One look at one server after the other. `workers.Failed` where the child prints something else."""
        for answers in self._talk.answers():
            if isinstance(answers, dict):
                yield understood(answers, self._data)

    def stop(self) -> None:
        """No more looks come, whoever waits for them."""
        self._talk.stop()

    def end(self) -> None:
        """Have the child end."""
        self._talk.end()
