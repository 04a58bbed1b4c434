"""Judging what a client noticed, with the control that ran in the same window (see `lab.probe`).

A gap that the control shows as well is the machine's: the story is told once more, alone (`tests.schedule`). A gap
without one is the cluster's: it fails at once, and is never tried again.
"""

from __future__ import annotations

from lab import Pings
from tests.schedule import MachineWasLate

AROUND = 50.0
"""Milliseconds before and after a ping that was lost in which the control must show what kept it."""
LATE = 3
"""Intervals without an answer for the control after which the machine was late."""


def answered_within(pings: Pings, seconds: float, what: str = "") -> None:
    """The client was never without an answer for longer than that."""
    begin, gap = max(pings.gaps, key=lambda gap: gap[1])
    excess = gap - 1000 * seconds
    if excess <= 0:
        return
    late = pings.late(begin, begin + gap)
    said = f"{what or 'no answer'}: {gap:.0f} ms, at most {1000 * seconds:.0f}; the control: {late:.0f} ms"
    raise (MachineWasLate if late >= excess + interval(pings) else AssertionError)(said)


def lost_at_most(pings: Pings, count: int) -> None:
    """No more questions than that stayed without an answer."""
    if pings.lost <= count:
        return
    lost = [sent for sent, answer in zip(pings.sent, pings.answered, strict=True) if answer is None]
    late = [pings.late(at - AROUND, at + AROUND) for at in lost]
    said = f"{pings.summary()}, {count} may be; lost at {lost[:10]} ms, the control then: {late[:10]} ms"
    excused = sum(ping >= LATE * interval(pings) for ping in late)
    raise (MachineWasLate if excused >= pings.lost - count else AssertionError)(said)


def interval(pings: Pings) -> float:
    """Milliseconds from question to question, as they were meant to follow each other."""
    between = sorted(after - before for before, after in zip(pings.sent, pings.sent[1:], strict=False))
    return between[len(between) // 2] if between else 0.0
