"""A run that is over, or under way, as it has left its place."""

from __future__ import annotations

from pathlib import Path

from floatip.change.landmarks import landmark
from floatip.model.messages import Said, say
from floatip.runs import detached, events
from floatip.runs.events import Begin, Done, End, Event, Outcome
from floatip.runs.jobs import Run, read

KEY = "20260101-000000-abcdef"


def step(name: Said, **ends: Outcome) -> list[Event]:
    """A step that took a second and a half, and how it ended on each server."""
    return [Begin(1000.0, 2, name, landmark(name)), *(Done(node, how) for node, how in ends.items()), End(1001.5)]


INSTALL = step(say("Install packages"), d1=Outcome.CHANGED, d2=Outcome.UNCHANGED)
IDLE = step(say("Install packages"), d1=Outcome.UNCHANGED, d2=Outcome.UNCHANGED)


def ran(runs: Path, *event: Event, **files: str) -> Run:
    """Plant a run of `/x/lab.py` that ended without an error, unless `files` say otherwise; `code=""`: that goes on."""
    place = runs / KEY
    place.mkdir(parents=True)
    for name, text in {"inventory": "/x/lab.py", "log": "", "pid": "1", "code": "0", **files}.items():
        if text or name == "log":
            (place / name).write_text(text)
    (place / detached.STEPS).write_text("".join(map(events.line, event)))
    found = read(runs, KEY)
    assert found
    return found
