"""A run as a table: step by step, server by server, from the events that it has told. Values in, values out."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from floatip.change.landmarks import Landmark
from floatip.model.messages import Said, say
from floatip.runs.events import Begin, Done, End, Event, Outcome

ESCAPES = re.compile(
    r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
)
WORDS = {
    Outcome.CHANGED: say("● done"),
    Outcome.UNCHANGED: say("○ unchanged"),
    Outcome.FAILED: say("▲ failed"),
}


@dataclass(slots=True)
class Step:
    """One operation. `states`: server → how it ended there; `begin`, `end`: seconds since the epoch; `end` is None
    where it has not ended; `landmark`: what is known at its end."""

    name: Said
    begin: float
    states: dict[str, Outcome] = field(default_factory=dict)
    end: float | None = None
    landmark: Landmark | None = None

    @property
    def begun(self) -> str:
        """The time of day."""
        return time.strftime("%H:%M:%S", time.localtime(self.begin))

    @property
    def took(self) -> float | None:
        """Seconds, once it has ended."""
        return None if self.end is None else max(0.0, self.end - self.begin)

    @property
    def idle(self) -> bool:
        """Whether it has ended, and left everything as it was."""
        return self.end is not None and set(self.states.values()) <= {Outcome.UNCHANGED}


def steps(events: Iterable[Event]) -> list[Step]:
    """What was begun so far, in order."""
    found: list[Step] = []
    for event in events:
        if isinstance(event, Begin):
            found.append(Step(event.what, event.begin, landmark=event.landmark))
        elif isinstance(event, Done) and found:
            found[-1].states[event.node] = event.outcome
        elif isinstance(event, End) and found:
            found[-1].end = event.end
    return found


def total(events: Sequence[Event]) -> int:
    """How many steps the run has, as far as it has said so."""
    return next((event.of for event in reversed(events) if isinstance(event, Begin)), 0)


def of_note(found: Sequence[Step]) -> list[Step]:
    """Without the steps that have left everything as it was."""
    return [step for step in found if not step.idle]


def elapsed(found: Sequence[Step], *, going: bool) -> float:
    """Seconds since the first step began; up to the end of the last one where the run has ended."""
    if not found:
        return 0.0
    last = found[-1].end or found[-1].begin
    return max(0.0, (time.time() if going else last) - found[0].begin)


def changed(events: Iterable[Event]) -> bool:
    """Whether anything was changed on any server."""
    return any(isinstance(event, Done) and event.outcome is Outcome.CHANGED for event in events)


def plain(log: str) -> str:
    """The log without what steers a terminal."""
    return ESCAPES.sub("", log)
