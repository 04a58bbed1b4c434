"""What a run is called, how it stands and what came of it: only what it has told itself. Values in, values out.

A run that says nothing has claimed nothing: its exit code alone makes no sentence about a server.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from floatip.change import summary
from floatip.model.messages import SILENT, Said, one_after_the_other, say
from floatip.model.problems import Level
from floatip.runs.detached import VANISHED
from floatip.runs.events import (
    CheckSeen,
    CheckTried,
    Cleared,
    Event,
    Failed,
    Failure,
    LeftAlone,
    NotConnected,
    Outcome,
    Proved,
    Refused,
    Remark,
    Restored,
    Stopped,
    WentOn,
    told,
)
from floatip.runs.jobs import Run
from floatip.server_side.lease.model import What
from wizard.show import progress

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
TODO: Mapping[Failure, Said] = {
    Failure.REFUSED_BY_DAEMON: say("Correct the setting that keepalived names, then deploy again."),
    Failure.NOT_SETTLED: say("Diagnose the cluster before you deploy again."),
    Failure.PACKAGES: say("Check the package sources and the free space of that server, then run it again."),
    Failure.PACKAGES_BUSY: say("Wait until that process has ended, then run it again."),
    Failure.LEASE_LOST: say("Check who else is working on these servers, then run it again."),
    Failure.NOT_CONFIRMED: say("Check that the server can be reached over SSH, then run it again."),
    Failure.FELL_SILENT: say("Check that the server is on and can be reached over SSH, then run it again."),
    Failure.NOT_KEPT: say("Check the free space and the file systems of that server, then run it again."),
    Failure.STEP: say("Fix that on the server, then run it again."),
    Failure.NOT_REMOVED: say("Run the removal again; it continues where it stopped."),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a run failed: what has happened, on which server, and what to do now; `said`: a line that is not ours."""

    what: Said
    todo: Said = SILENT
    said: str = ""


def state(run: Run) -> State:
    """How it stands. A move that ended without an error is done only where it was seen."""
    if run.code is None:
        return "going"
    if run.code == 0:
        return "failed" if _astray(run) else "done"
    return "stopped" if _all(run, Stopped) else "failed"


def title(run: Run) -> Said:
    """What it is, and how it stands."""
    return _of(run, TITLES[run.what][state(run)])


def called(run: Run) -> Said:
    """What it is, in a list of runs."""
    return _of(run, CALLED[run.what])


def verdict(run: Run) -> Said:
    """What came of a run that ended without an error."""
    if run.what is What.REMOVE:
        return SILENT if _all(run, Cleared) else _unseen()
    if run.what is What.REBOOT:
        return say("{name} was rebooted, and takes part again.", name=run.node) if _rebooted(run) else _unseen()
    held = _proved(run)
    if not held:
        return _unseen()
    if not progress.changed(run.events):
        return say("Nothing had to be changed: every server already has what the inventory says.")
    if all(one.holder for one in held):
        return say("Exactly one server holds each address: the run has checked.")
    return say("The servers of this run have the configuration.")


def seen(run: Run) -> list[Said]:
    """What it has seen at its end: who holds each address, and whether it answers; what is left after a removal."""
    cleared = sorted(_all(run, Cleared), key=lambda one: one.node)
    held = {address: [one.node for one in cleared if address in one.held] for address in _looked_for(cleared)}
    return [
        *(say("{sentence}.", sentence=told(one)) for one in _proved(run)),
        *(told(one) for one in cleared),
        *(_after_removal(address, nodes) for address, nodes in held.items()),
    ]


def reasons(run: Run) -> list[Reason]:
    """Why it failed, the cause first. What nobody has told is not made up: then the end of its log is shown."""
    found = list(dict.fromkeys(_reasons(run)))
    if found or not run.code:
        return found
    if run.code == VANISHED:
        return [Reason(say("The run has vanished: its process was ended from outside."))]
    last = next((line.strip() for line in reversed(progress.plain(run.log).splitlines()) if line.strip()), "")
    return [Reason(say("It ended with code {code}, and did not say why. Its log ends with:", code=run.code), said=last)]


def untouched(run: Run) -> bool:
    """Whether it has ended before its first step."""
    return not progress.steps(run.events) and bool(_all(run, Refused) or _all(run, NotConnected))


def aftermath(run: Run) -> list[Said]:
    """What has become of the servers of a run that failed."""
    return [told(one) for one in run.events if isinstance(one, Restored | WentOn | LeftAlone)]


def warnings(run: Run) -> list[Said]:
    """What it has found worth a word, and was no obstacle."""
    return list(dict.fromkeys(_whole(one) for one in _all(run, Remark) if one.level is Level.WARNING))


def unwell(run: Run) -> list[Said]:
    """What is to be said of health checks that do not succeed: what the daemon says, or how it went when they were
    tried, where the run did not get so far."""
    told_last = {(one.check, one.node): one.message for one in run.events if isinstance(one, CheckTried | CheckSeen)}
    return [message for message in told_last.values() if message]


def stopping(run: Run) -> Said:
    """Why a run that was stopped says that it ended."""
    return next((one.message for one in reversed(_all(run, Stopped))), SILENT)


def _of(run: Run, words: Said) -> Said:
    return say(words.template, file=run.inventory.name, cluster=run.inventory.stem, name=run.node)


def _reasons(run: Run) -> Iterator[Reason]:
    for failed in _all(run, Failed):
        yield Reason(failed.message, TODO.get(failed.code, SILENT))
    for lost in _all(run, NotConnected):
        yield Reason(lost.message)
    for refused in _all(run, Refused):
        yield Reason(refused.message)
    if _all(run, Refused):
        for remark in _all(run, Remark):
            if remark.level is Level.ERROR:
                yield Reason(remark.message, remark.hint)
    if run.code == 0:
        for one in _astray(run):
            yield Reason(say("It was not moved: {sentence}.", sentence=told(one)))


def _astray(run: Run) -> list[Proved]:
    """The addresses of a move that were seen elsewhere at its end."""
    return [one for one in _proved(run) if one.instance in run.moved and one.holder != run.moved[one.instance]]


def _proved(run: Run) -> list[Proved]:
    """Who was seen to hold each address; after two deploys, as with a reboot, what the second has seen."""
    return list({one.address: one for one in _all(run, Proved)}.values())


def _rebooted(run: Run) -> bool:
    named = (one for one in progress.steps(run.events) if one.name.template == summary.REBOOT)
    return any(one.states.get(run.node) is Outcome.CHANGED for one in named)


def _looked_for(cleared: list[Cleared]) -> list[str]:
    return list(dict.fromkeys(address for one in cleared for address in one.addresses))


def _after_removal(address: str, nodes: list[str]) -> Said:
    if not nodes:
        return say("None of these servers holds {address}.", address=address)
    return say(
        "{names} holds {address}: the keepalived that was there before floatip runs again.",
        names=", ".join(nodes),
        address=address,
    )


def _whole(remark: Remark) -> Said:
    return one_after_the_other([remark.message, remark.hint]) if remark.hint else remark.message


def _unseen() -> Said:
    return say("The run ended without an error, but did not note who holds the addresses. The status shows it.")


def _all(run: Run, kind: type[E]) -> list[E]:
    return [one for one in run.events if isinstance(one, kind)]
