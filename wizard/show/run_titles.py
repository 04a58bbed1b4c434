"""What a run is called, and how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeVar

from floatip.model.messages import Said, say
from floatip.runs.events import (
    Event,
    Proved,
    Stopped,
)
from floatip.runs.jobs import Run
from floatip.server_side.lease.model import What

State = Literal["going", "done", "stopped", "failed"]
E = TypeVar("E", bound=Event)
TITLES: Mapping[What, Mapping[State, Said]] = {
    What.DEPLOY: {
        "going": say("Deploying {file}", file=""),
        "done": say("Deployed {file}", file=""),
        "stopped": say("The deploy of {file} was stopped", file=""),
        "failed": say("The deploy of {file} failed", file=""),
    },
    What.MOVE: {
        "going": say("Moving to {name}", name=""),
        "done": say("Moved to {name}", name=""),
        "stopped": say("The move to {name} was stopped", name=""),
        "failed": say("The move to {name} failed", name=""),
    },
    What.REBOOT: {
        "going": say("Rebooting {name}", name=""),
        "done": say("Rebooted {name}", name=""),
        "stopped": say("The reboot of {name} was stopped", name=""),
        "failed": say("The reboot of {name} failed", name=""),
    },
    What.REMOVE: {
        "going": say("Removing {cluster} from its servers", cluster=""),
        "done": say("Removed {cluster} from its servers", cluster=""),
        "stopped": say("The removal of {cluster} was stopped", cluster=""),
        "failed": say("The removal of {cluster} failed", cluster=""),
    },
}
CALLED: Mapping[What, Said] = {
    What.DEPLOY: say("{cluster}, deploy", cluster=""),
    What.MOVE: say("{cluster}, move to {name}", cluster="", name=""),
    What.REBOOT: say("{cluster}, reboot of {name}", cluster="", name=""),
    What.REMOVE: say("{cluster}, removal", cluster=""),
}


def state(run: Run) -> State:
    """How it stands. A move that ended without an error is done only where it was seen."""
    if run.code is None:
        return "going"
    if run.code == 0:
        return "failed" if astray(run) else "done"
    return "stopped" if all_of_kind(run, Stopped) else "failed"


def title(run: Run) -> Said:
    """What it is, and how it stands."""
    return _of(run, TITLES[run.what][state(run)])


def called(run: Run) -> Said:
    """What it is, in a list of runs."""
    return _of(run, CALLED[run.what])


def _of(run: Run, words: Said) -> Said:
    return say(words.template, file=run.inventory.name, cluster=run.inventory.stem, name=run.node)


def astray(run: Run) -> list[Proved]:
    """The addresses of a move that were seen elsewhere at its end."""
    return [one for one in proved(run) if one.instance in run.moved and one.holder != run.moved[one.instance]]


def proved(run: Run) -> list[Proved]:
    """Who was seen to hold each address; after two deploys, as with a reboot, what the second has seen."""
    return list({one.address: one for one in all_of_kind(run, Proved)}.values())


def all_of_kind(run: Run, kind: type[E]) -> list[E]:
    """The events of one kind."""
    return [event for event in run.events if isinstance(event, kind)]
