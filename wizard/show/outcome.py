"""What came of a run: only what it has told itself. Values in, values out.

A run that says nothing has claimed nothing: its exit code alone makes no sentence about a server.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from floatip.change.landmarks import Landmark
from floatip.model.messages import NO_MESSAGE, Said, one_after_the_other, say
from floatip.model.problems import Level
from floatip.runs.detached import VANISHED
from floatip.runs.events import (
    CheckSeen,
    CheckTried,
    Cleared,
    Failed,
    Failure,
    LeftAlone,
    NotConnected,
    Outcome,
    Refused,
    Remark,
    Restored,
    Stopped,
    WentOn,
    sentence,
)
from floatip.runs.jobs import Run
from floatip.server_side.lease.model import What
from wizard.show import progress
from wizard.show.run_titles import all_of_kind, astray, proved

TODO: Mapping[Failure, Said] = {
    Failure.REFUSED_BY_DAEMON: say("Correct the setting that keepalived names, then deploy again."),
    Failure.NOT_SETTLED: say("Diagnose the cluster before you deploy again."),
    Failure.ROUTES: say("Check the gateway and the interface of that line, then deploy again."),
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
    todo: Said = NO_MESSAGE
    said: str = ""


def verdict(run: Run) -> Said:
    """What came of a run that ended without an error."""
    if run.what is What.CHECK:
        return say("Their files were compared. Nothing was changed.")
    if run.what is What.REMOVE:
        return NO_MESSAGE if all_of_kind(run, Cleared) else _unseen()
    if run.what is What.REBOOT:
        return NO_MESSAGE if _rebooted(run) else _unseen()
    held = proved(run)
    if not held:
        return _unseen()
    if not progress.changed(run.events):
        return say("Nothing had to be changed: every server already has what the inventory says.")
    if all(proof.holder for proof in held):
        return say("Exactly one server holds each address: this was checked at the end.")
    return say("The servers of this run have the configuration.")


def seen(run: Run) -> list[Said]:
    """What it has seen at its end: who holds each address, and whether it answers; what is left after a removal; that a
    server is up again."""
    cleared = sorted(all_of_kind(run, Cleared), key=lambda proof: proof.node)
    held = {address: [event.node for event in cleared if address in event.held] for address in _looked_for(cleared)}
    return [
        *([say("{name} was rebooted and is healthy again.", name=run.node)] if _rebooted(run) else []),
        *(say("{sentence}.", sentence=sentence(proof)) for proof in proved(run)),
        *(sentence(event) for event in cleared),
        *(_after_removal(address, nodes) for address, nodes in held.items()),
    ]


def reasons(run: Run) -> list[Reason]:
    """Why it failed, the cause first. What nobody has told is not made up: then the end of its log is shown."""
    if run.what is What.CHECK and run.code:
        return [Reason(say("Servers differ, or did not answer. The log says which."))]
    found = list(dict.fromkeys(_reasons(run)))
    if found or not run.code:
        return found
    if run.code == VANISHED:
        return [Reason(say("The run disappeared: its process was ended from outside."))]
    last = next((line.strip() for line in reversed(progress.plain(run.log).splitlines()) if line.strip()), "")
    return [Reason(say("It ended with code {code}, and did not say why. Its log ends with:", code=run.code), said=last)]


def untouched(run: Run) -> bool:
    """Whether it has ended before its first step."""
    if run.what in (What.CHECK, What.DRILL):
        return True
    return not progress.steps(run.events) and bool(all_of_kind(run, Refused) or all_of_kind(run, NotConnected))


def aftermath(run: Run) -> list[Said]:
    """What has become of the servers of a run that failed."""
    return [sentence(event) for event in run.events if isinstance(event, Restored | WentOn | LeftAlone)]


def warnings(run: Run) -> list[Said]:
    """What it has found worth a word, and was no obstacle."""
    return list(dict.fromkeys(_whole(remark) for remark in all_of_kind(run, Remark) if remark.level is Level.WARNING))


def unwell(run: Run) -> list[Said]:
    """What is to be said of health checks that do not succeed: what the daemon says, or how it went when they were
    tried, where the run did not get so far."""
    told_last = {
        (event.check, event.node): event.message for event in run.events if isinstance(event, CheckTried | CheckSeen)
    }
    return [message for message in told_last.values() if message]


def stopping(run: Run) -> Said:
    """Why a run that was stopped says that it ended."""
    return next((stopped.message for stopped in reversed(all_of_kind(run, Stopped))), NO_MESSAGE)


def _reasons(run: Run) -> Iterator[Reason]:
    for failed in all_of_kind(run, Failed):
        yield Reason(failed.message, TODO.get(failed.code, NO_MESSAGE))
    for lost in all_of_kind(run, NotConnected):
        yield Reason(lost.message)
    for refused in all_of_kind(run, Refused):
        yield Reason(refused.message)
    if all_of_kind(run, Refused):
        for remark in all_of_kind(run, Remark):
            if remark.level is Level.ERROR:
                yield Reason(remark.message, remark.hint)
    if run.code == 0:
        for proof in astray(run):
            yield Reason(say("It was not moved: {sentence}.", sentence=sentence(proof)))


def _rebooted(run: Run) -> bool:
    reboots = (step for step in progress.steps(run.events) if step.landmark is Landmark.REBOOTED)
    return any(step.states.get(run.node) is Outcome.CHANGED for step in reboots)


def _looked_for(cleared: list[Cleared]) -> list[str]:
    return list(dict.fromkeys(address for event in cleared for address in event.addresses))


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
