"""What a run says of itself is read as it was written; what is half there, or of another kind, is left out."""

from __future__ import annotations

import pytest

from floatip.change.landmarks import Landmark
from floatip.change.plan import Kind
from floatip.hosts.daemon import Health
from floatip.model.messages import say
from floatip.model.problems import Level, Problem
from floatip.runs.events import (
    Begin,
    Cause,
    CheckSeen,
    CheckTried,
    Done,
    End,
    Event,
    Failed,
    Failure,
    Outcome,
    Planned,
    Proved,
    Refusal,
    Refused,
    Remark,
    Restored,
    TrialResult,
    line,
    read,
)

MEANT = say("{meant}It has {listed}.", meant=say("Did you mean {close}? ", close="'eth1'"), listed="'eth0', 'eth1'")
EVENTS: list[Event] = [
    Planned("lab", Kind.START_OVER, {"VI_1": Kind.START_OVER, "VI_2": Kind.NOTHING}, {"VI_1": "d2"}, say("So.")),
    Remark.of(Problem("nodes.d1", "no-such-interface", say("d1 has no {what}.", what="eht1"), MEANT, Level.WARNING)),
    Refused(Refusal.UNREACHABLE, say("No connection to {names}.", names="d1, d2"), ("d1", "d2")),
    Begin(1.5, 16, say("Activate the configuration: {why}", why=say("start keepalived"))),
    Begin(1.5, 16, say("Reboot"), Landmark.REBOOTED),
    Done("d1", Outcome.UNCHANGED),
    End(2.5),
    Failed(Failure.REFUSED_BY_DAEMON, say("Нет\n{code}", code=5), "d1", "Unknown keyword '{x}'\n"),
    Failed(Failure.NOT_SETTLED, say("Late."), holders={"::6": ("d1", "d2")}, silent=("d3",), cause=Cause.VRRP_DROPPED),
    Restored("d1", False, "no route"),
    Proved("10.9.1.6", "d1", True),
    Proved("10.9.1.6", "", None),
    CheckTried("d1", "web", TrialResult.NOT_RUN, say("The user {user} cannot.", user="nobody"), "env: no"),
    CheckSeen("d1", "web", Health.DISABLED, say("It does not run {check}.", check="web")),
    CheckSeen("d2", "web", Health.WELL),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_comes_back_as_it_was(event: Event) -> None:
    written = line(event)
    assert written.isascii() and written.find("\n") == len(written) - 1
    assert read(written) == [event]


def test_a_sentence_can_still_be_said_in_another_language() -> None:
    (remark,) = read(line(EVENTS[1]))
    assert isinstance(remark, Remark)
    assert (remark.hint.template, remark.hint.values) == (MEANT.template, MEANT.values)
    assert remark.hint.values["meant"].template == "Did you mean {close}? "  # type: ignore[attr-defined]


def test_half_a_line_and_notes_of_other_kinds_are_left_out() -> None:
    others = '{"at": 2.0, "phase": "fault"}\n{"event": "of tomorrow", "at": 1}\n'
    assert read(line(End(1.0)) + others + line(Begin(3.0, 2, MEANT))[:-2]) == [End(1.0)]
    assert read("") == []


BROKEN = [
    '{"event": "failed", "co',
    "[]",
    "7",
    "null",
    '{"event": "failed"}',
    '{"event": "failed", "code": "of tomorrow"}',
]


@pytest.mark.parametrize("broken", [*BROKEN, '{"event": "planned", "kind": "x"}', "[" * 100000])
def test_a_line_in_the_middle_that_nobody_understands_hides_no_other(broken: str) -> None:
    assert read(f"{line(End(1.0))}{broken}\n{line(End(2.0))}") == [End(1.0), End(2.0)]
    assert read(f"{line(End(1.0))}{broken}{line(End(2.0))}{line(End(3.0))}") == [End(1.0), End(3.0)]


def test_the_steps_of_an_earlier_release_can_be_read() -> None:
    assert read('{"begin": 1.8e9, "of": 16}\n{"end": 1.9e9}\n') == [Begin(1.8e9, 16), End(1.9e9)]
