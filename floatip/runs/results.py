"""How a run stands, and what came of it, from what it has told."""

from __future__ import annotations

from typing import Literal, TypeVar

from floatip.runs.events import Event, Proved, Stopped
from floatip.runs.jobs import Run

State = Literal["going", "done", "stopped", "failed"]
E = TypeVar("E", bound=Event)


def state(run: Run) -> State:
    """How it stands. A move that ended without an error is done only where it was seen."""
    if run.code is None:
        return "going"
    if run.code == 0:
        return "failed" if astray(run) else "done"
    return "stopped" if all_of_kind(run, Stopped) else "failed"


def astray(run: Run) -> list[Proved]:
    """The addresses of a move that were seen elsewhere at its end."""
    return [proof for proof in proved(run) if proof.instance in run.moved and proof.holder != run.moved[proof.instance]]


def proved(run: Run) -> list[Proved]:
    """Who was seen to hold each address; after two deploys, as with a reboot, what the second has seen."""
    return list({proof.address: proof for proof in all_of_kind(run, Proved)}.values())


def all_of_kind(run: Run, kind: type[E]) -> list[E]:
    """The events of one kind."""
    return [event for event in run.events if isinstance(event, kind)]
