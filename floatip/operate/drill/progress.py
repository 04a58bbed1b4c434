"""A drill under way, from what its notes say: values in, values out. Times: seconds since this computer's epoch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from floatip.operate.drill.script import INTERVAL

PHASES = ("looking", "watching", "fault", "undone")
SLICE = 0.1  # seconds of pings that are shown as one
SHOWN = 20.0  # seconds that are shown
FEW = 0.5  # of the pings in a slice: with fewer answers it counts as silence


@dataclass(frozen=True, slots=True)
class Progress:
    """`phase`: one of PHASES; `since`: when each of them began; `upto`: how far the answers are known; `answers`: when
    they came, one after the other."""

    phase: str = PHASES[0]
    since: tuple[tuple[str, float], ...] = ()
    upto: float = 0.0
    answers: tuple[float, ...] = ()

    @property
    def shown(self) -> tuple[float, float]:
        """From when until when the pings are shown: the first of them may come late, as a connection is made first."""
        begin = min([self.upto, *self.answers[:1]])
        return max(begin, self.upto - SHOWN), self.upto

    def slices(self) -> tuple[bool, ...]:
        """Whether there were answers, a tenth of a second after the other, as far as is shown."""
        begin, end = self.shown
        counts = [0] * round((end - begin) / SLICE)
        for at in self.answers:
            place = int((at - begin) / SLICE) if at >= begin else len(counts)
            if place < len(counts):
                counts[place] += 1
        return tuple(count >= FEW * SLICE / INTERVAL for count in counts)

    def silence(self) -> float:
        """The longest time without an answer so far, in seconds."""
        marks = [*self.answers, max([self.upto, *self.answers[-1:]])]
        return max((after - before for before, after in pairwise(marks)), default=0.0)


def read(entries: Iterable[Mapping[str, Any]]) -> Progress:
    """How far it is."""
    since: list[tuple[str, float]] = []
    answers: list[float] = []
    upto = 0.0
    for entry in entries:
        if entry.get("phase") in PHASES:
            since.append((entry["phase"], float(entry["at"])))
        elif "answers" in entry:
            upto = float(entry["at"])
            answers.extend(float(at) for at in entry["answers"])
    return Progress(since[-1][0] if since else PHASES[0], tuple(since), upto, tuple(sorted(answers)))
