"""What a client notices: pings to one address, many a second, with every answer written down.

Beside them go as many to an address that never moves, over a cable that is never cut: the control. A gap that it shows
as well is no fault of the cluster but of this machine, which did other things meanwhile.
"""

from __future__ import annotations

import json
import subprocess
import time
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

from lab.host import Host
from lab.shell import LabError

_SCRIPT = Path(__file__).with_name("pinger.py")


@dataclass(frozen=True, slots=True)
class Pings:
    """A finished series. `start`: seconds since the epoch; all other times: milliseconds after it. `control`: the
    series in the same window that nothing but the machine can disturb, where there is one."""

    start: float
    stop: float
    sent: tuple[float, ...]
    answered: tuple[float | None, ...]
    control: Pings | None = None

    @property
    def lost(self) -> int:
        """How many questions were never answered."""
        return self.answered.count(None)

    @property
    def gaps(self) -> list[tuple[float, float]]:
        """From answer to answer, the edges included: (beginning, length), in order of time."""
        answers = sorted(when for when in self.answered if when is not None)
        marks = [0.0, *answers, max([self.stop, *answers])]
        return [(before, after - before) for before, after in pairwise(marks)]

    @property
    def gap_ms(self) -> float:
        """The longest time without any answer."""
        return max(length for _, length in self.gaps)

    @property
    def gap_at(self) -> float:
        """When the longest gap began, in seconds since the epoch."""
        return self.start + max(self.gaps, key=lambda gap: gap[1])[0] / 1000

    def late(self, begin: float, end: float) -> float:
        """How long the machine kept the control without an answer at a time that touches begin…end, at most."""
        gaps = self.control.gaps if self.control else []
        return max((length for at, length in gaps if at <= end and at + length >= begin), default=0.0)

    def summary(self) -> str:
        """One line for a person."""
        return f"{len(self.sent)} pings, {self.lost} lost, longest time without an answer {self.gap_ms:.0f} ms"


class Probe:
    """Pings from `host` to `address` every `interval_ms`, for as long as the block lasts; then see `pings`."""

    def __init__(self, host: Host, address: str, interval_ms: float = 10) -> None:
        self.host = host
        self.address = address
        self.interval_ms = interval_ms
        self._pings: Pings | None = None

    def __enter__(self) -> Self:
        addresses = [self.address, *filter(None, [self.host.still])]
        # As keepalived in the lab: it shall be on time however busy the machine is.
        python = ["nice", "-n", "-19", self.host.python]
        script = [*python, "-c", _SCRIPT.read_text(), str(self.interval_ms), *addresses]
        self._child = subprocess.Popen(
            self.host.in_network(script), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._child.stdout is not None
        if self._child.stdout.readline() != "ready\n":
            self._child.communicate()
            raise LabError(f"no pings from {self.host.name} to {self.address}")
        return self

    def __exit__(self, *_: object) -> None:
        answer, _error = self._child.communicate(timeout=30)
        asked, *control = map(_pings, json.loads(answer))
        self._pings = replace(asked, control=control[0] if control else None)

    @property
    def pings(self) -> Pings:
        """The series, once the block has ended."""
        if self._pings is None:
            raise LabError("the probe is still running")
        return self._pings


def _pings(answer: dict[str, Any]) -> Pings:
    return Pings(answer["start"], answer["stop"], tuple(answer["sent"]), tuple(answer["answered"]))


def probe_for(host: Host, address: str, seconds: float, interval_ms: float = 10) -> Pings:
    """Ping for a fixed time."""
    with Probe(host, address, interval_ms) as probe:
        time.sleep(seconds)
    return probe.pings
