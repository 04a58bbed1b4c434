"""A picture of what happened, in text: a lane for each server and one for the client's pings."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lab.probe import Pings
from lab.watch import Change

HOLDS, IDLE = "#", "."
ANSWERED, SOME, NONE = "+", "~", "-"
_MARGIN = 9


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that was done from outside at `at` (seconds since the epoch), in a few words."""

    at: float
    words: str


def draw(pings: Pings, changes: Sequence[Change], hosts: Iterable[str], marks: Sequence[Mark], width: int = 64) -> str:
    """The whole picture, with a line that explains the signs."""
    seconds = pings.stop / 1000
    slot = seconds / width
    lines = [_line(host, _lane(pings.start, slot, width, changes, host)) for host in hosts]
    lines.append(_line("client", _answers(pings, slot * 1000, width)))
    lines += [_flag((mark.at - pings.start) / slot, mark.words, width) for mark in marks]
    lines.append(_line("seconds", _axis(seconds, width)))
    legend = f"{HOLDS} has the address   {ANSWERED} pings answered   {SOME} some lost   {NONE} no answer"
    return "\n".join([*lines, "", " " * _MARGIN + legend])


def _line(name: str, signs: str) -> str:
    return f"{name:<{_MARGIN}}{signs}"


def _lane(start: float, slot: float, width: int, changes: Sequence[Change], host: str) -> str:
    """A server's lane: in each slot, whether it had the address at the slot's end."""
    mine = sorted((change.at, change.holds) for change in changes if change.host == host)
    times = [at for at, _ in mine]
    signs = ""
    for number in range(width):
        known = bisect_left(times, start + (number + 1) * slot)
        signs += HOLDS if known and mine[known - 1][1] else IDLE
    return signs


def _answers(pings: Pings, slot_ms: float, width: int) -> str:
    """The client's lane, by when the questions were asked."""
    asked, lost = [0] * width, [0] * width
    for sent, answered in zip(pings.sent, pings.answered, strict=True):
        number = min(width - 1, int(sent / slot_ms))
        asked[number] += 1
        lost[number] += answered is None
    return "".join(_sign(of, gone) for of, gone in zip(asked, lost, strict=True))


def _sign(asked: int, lost: int) -> str:
    if not asked:
        return " "
    return ANSWERED if not lost else NONE if lost == asked else SOME


def _flag(column: float, label: str, width: int) -> str:
    place = min(width - 1, max(0, int(column)))
    text = f"^ {label}" if place + len(label) + 2 <= width else f"{label} ^"
    return " " * (_MARGIN + (place if text[0] == "^" else place + 1 - len(text))) + text


def _axis(seconds: float, width: int) -> str:
    """Whole seconds, as many as fit without touching."""
    step = next(step for step in (1, 2, 5, 10, 30, 60, 300) if width * step / seconds >= 6 or step == 300)
    signs = [" "] * (width + 4)
    for second in range(0, int(seconds) + 1, step):
        place = int(second / seconds * width)
        for offset, digit in enumerate(str(second)):
            signs[place + offset] = digit
    return "".join(signs).rstrip()
