"""What is the cluster's fault and what the machine's: a gap without one in the control fails at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lab import Pings
from tests.lab.measuring import answered_within, interval, lost_at_most
from tests.schedule import MachineWasLate

SENT = tuple(float(ms) for ms in range(0, 2000, 10))


def series(lost: tuple[int, int] | None, *, sent: tuple[float, ...] = SENT) -> Pings:
    """A ping each ten milliseconds for two seconds; those from … to … (ms) were never answered."""
    silent = range(*lost) if lost else range(0)
    return Pings(1000.0, 2000.0, sent, tuple(None if int(at) in silent else at + 0.5 for at in sent))


def measured(lost: tuple[int, int] | None, control: tuple[int, int] | None) -> Pings:
    """The same with a control, whose pings were not even sent from … to …: the machine was late."""
    paused = range(*control) if control else range(0)
    asked = series(lost)
    on_time = tuple(at for at in SENT if int(at) not in paused)
    return Pings(asked.start, asked.stop, asked.sent, asked.answered, series(None, sent=on_time))


GAPS = [
    ("no gap at all", None, None, None),
    ("a gap within the bound", (500, 700), None, None),
    ("the cluster's own gap", (500, 1000), None, AssertionError),
    ("the machine was late all the while", (500, 1000), (500, 1000), MachineWasLate),
    ("the machine was late for what is too much", (500, 800), (600, 730), MachineWasLate),
    ("the machine was late for less than that", (500, 1000), (600, 700), AssertionError),
    ("the machine was late at another time", (500, 1000), (1500, 1990), AssertionError),
]


def outcome(judge: Callable[[], None]) -> type[BaseException] | None:
    """What came of it: nothing, a failure, or a failure that is the machine's."""
    try:
        judge()
    except AssertionError as failed:
        return type(failed)
    return None


@pytest.mark.parametrize(("lost", "control", "expected"), [row[1:] for row in GAPS], ids=[row[0] for row in GAPS])
def test_a_gap(lost: tuple[int, int], control: tuple[int, int], expected: type[BaseException] | None) -> None:
    assert outcome(lambda: answered_within(measured(lost, control), 0.25)) is expected


LOSSES = [
    ("nothing is lost", None, None, 0, None),
    ("as many as may be", (500, 510), None, 1, None),
    ("one too many", (500, 510), None, 0, AssertionError),
    ("one, while the machine was late", (500, 510), (480, 540), 0, MachineWasLate),
    ("one, and the machine was late by the usual", (500, 510), (500, 510), 0, AssertionError),
    ("one, and the machine was late long after", (500, 510), (1000, 1100), 0, AssertionError),
    ("many, the machine was late for the first only", (500, 900), (480, 540), 0, AssertionError),
]


@pytest.mark.parametrize(
    ("lost", "control", "may", "expected"), [row[1:] for row in LOSSES], ids=[row[0] for row in LOSSES]
)
def test_pings_that_are_lost(
    lost: tuple[int, int], control: tuple[int, int], may: int, expected: type[BaseException] | None
) -> None:
    assert outcome(lambda: lost_at_most(measured(lost, control), may)) is expected


def test_where_there_is_no_control_nothing_is_excused() -> None:
    assert outcome(lambda: answered_within(series((500, 1000)), 0.25)) is AssertionError
    assert outcome(lambda: lost_at_most(series((500, 510)), 0)) is AssertionError


def test_the_interval_is_that_of_most_pings() -> None:
    assert interval(series(None)) == 10
    assert interval(Pings(0, 0, (), ())) == 0
