"""What came of a program of floatip: its exit code, its texts, and the events that it told on its way."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from floatip.model.problems import Level
from floatip.runs import detached
from floatip.runs.events import Begin, Done, Event, Failed, Outcome, Planned, Refused, Remark
from lab.shell import Completed

E = TypeVar("E", bound=Event)


class Ran(Completed):
    """A finished program. `planned`, `refused` and `failed` fail the test where it did not say just one of these."""

    def __init__(self, done: Completed, place: Path) -> None:
        super().__init__(done.args, done.returncode, done.stdout, done.stderr)
        self.events: Sequence[Event] = detached.events_of(place)

    def all(self, kind: type[E]) -> list[E]:
        """The events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def _one(self, kind: type[E]) -> E:
        found = self.all(kind)
        assert len(found) == 1, f"{found}\n{self.stdout}\n{self.stderr}"
        return found[0]

    @property
    def planned(self) -> Planned:
        """What it was going to do."""
        return self._one(Planned)

    @property
    def refused(self) -> Refused:
        """Why it did not begin."""
        return self._one(Refused)

    @property
    def failed(self) -> Failed:
        """What went wrong."""
        return self._one(Failed)

    @property
    def errors(self) -> list[Remark]:
        """The problems that block."""
        return [remark for remark in self.all(Remark) if remark.level is Level.ERROR]

    @property
    def changes(self) -> list[tuple[Begin, tuple[str, ...]]]:
        """The steps that changed something, and on which servers."""
        steps: list[tuple[Begin, list[str]]] = []
        for event in self.events:
            if isinstance(event, Begin):
                steps.append((event, []))
            elif isinstance(event, Done) and event.outcome is Outcome.CHANGED:
                steps[-1][1].append(event.node)
        return [(begin, tuple(sorted(nodes))) for begin, nodes in steps if nodes]

    @property
    def document(self) -> Any:
        """What it printed with --json."""
        return json.loads(self.stdout)

    @property
    def error(self) -> Mapping[str, str]:
        """Why it did nothing, as --json says it."""
        document = self.document
        assert document["ok"] is False
        error: Mapping[str, str] = document["error"]
        return error
