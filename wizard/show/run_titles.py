"""What a run is called, and how it stands."""

from __future__ import annotations

from collections.abc import Mapping

from floatip.model.messages import Said, say
from floatip.runs.jobs import Run
from floatip.runs.results import State, all_of_kind, astray, proved, state
from floatip.server_side.lease.model import What

__all__ = ["State", "all_of_kind", "astray", "called", "proved", "state", "title"]
STATES: tuple[State, ...] = ("going", "done", "stopped", "failed")
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
    What.DRILL: dict.fromkeys(STATES, say("A failover test of {cluster} was refused", cluster="")),
    What.CHECK: {
        **dict.fromkeys(STATES, say("Not every server is known to have what {file} says", file="")),
        "done": say("Every server has what {file} says", file=""),
    },
}
CALLED: Mapping[What, Said] = {
    What.DEPLOY: say("deploy"),
    What.MOVE: say("move to {name}", name=""),
    What.REBOOT: say("reboot of {name}", name=""),
    What.REMOVE: say("removal"),
    What.DRILL: say("refused failover test"),
    What.CHECK: say("check of the servers"),
}


def title(run: Run) -> Said:
    """What it is, and how it stands."""
    return _of(run, TITLES[run.what][state(run)])


def called(run: Run) -> Said:
    """What it is, in a list of runs of its cluster."""
    return _of(run, CALLED[run.what])


def _of(run: Run, label: Said) -> Said:
    return say(label.template, file=run.inventory.name, cluster=run.inventory.stem, name=run.node)
