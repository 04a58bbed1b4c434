"""What came of a drill: values in, values out. Times in seconds after its begin; outages in milliseconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from floatip.operate.drill.script import Answers, Change
from floatip.operate.drill.sides import Side, Spans, holder, side, stored

QUIET = 1.0  # seconds after the begin in which nothing happens yet, while the servers begin to watch
TOLERATED = 0.25  # seconds in which two may have the address: the one that lets go says so before it does


@dataclass(frozen=True, slots=True)
class Report:
    """One drill. `lanes`: server → the spans in which it had the address, None where that could not be seen;
    `outages`: (when, how long in ms) of the client's silences that are worth a word; `answered`: (when, who), from
    the MAC address that answered; `states`: server → (when, which state its daemon went into); `twice`, `nobody`:
    seconds in which two servers, or none, had the address; `sides`: the other addresses of its group."""

    cluster: str
    fault: str
    node: str
    address: str
    at: float
    seconds: float
    fault_at: float
    undo_at: float
    predicted_ms: float
    outage_ms: float
    outages: tuple[tuple[float, float], ...]
    lanes: Mapping[str, tuple[tuple[float, float], ...] | None]
    answered: tuple[tuple[float, str], ...]
    states: Mapping[str, tuple[tuple[float, str], ...]]
    twice: float
    nobody: float
    home: str
    holder: str | None
    allowed_twice: bool
    sides: tuple[Side, ...] = ()

    @classmethod
    def stored(cls, values: Mapping[str, Any]) -> Report:
        """One that was kept, of an earlier release too; LookupError, TypeError or ValueError for anything else."""
        full = {"states": {}, **values, "sides": stored(values.get("sides", ()))}
        return cls(**{field.name: full[field.name] for field in fields(cls)})

    @property
    def apart(self) -> float:
        """Seconds in which addresses that move together were with different servers."""
        return max((side.apart for side in self.sides), default=0.0)

    @property
    def back(self) -> bool:
        """Whether it came back as configured."""
        return self.holder == self.home

    def held(self, most_ms: float | None = None) -> bool:
        """Whether the promise held: the outage was no longer than predicted (and than `most_ms`), never two at once
        where that was not the fault itself, home again at the end, and all that for the whole group."""
        limit = min(self.predicted_ms, most_ms) if most_ms is not None else self.predicted_ms
        alone = self.allowed_twice or self.twice <= TOLERATED
        return self.outage_ms <= limit and self.back and alone and not self.left_behind(limit)

    def left_behind(self, limit: float) -> tuple[Side, ...]:
        """The other addresses of the group that did not move with this one: on another server for a while or in the
        end, with two at once, or with nobody for longer than `limit` milliseconds. The clocks of several servers are
        compared for that, so there is some tolerance."""
        return tuple(
            side
            for side in self.sides
            if side.apart > TOLERATED
            or side.holder != self.home
            or (side.twice > TOLERATED and not self.allowed_twice)
            or (side.nobody is not None and side.nobody > limit / 1000 + TOLERATED)
        )

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready values."""
        return {**asdict(self), "back": self.back, "held": self.held()}


Changes = Mapping[str, Sequence[Change] | None]
"""Server → what it wrote down of an address."""


def judge(
    given: Mapping[str, Any],
    changes: Changes,
    seen: Answers,
    owners: Mapping[str, str],
    others: Mapping[str, Changes] = MappingProxyType({}),
) -> Report:
    """`given`: the fields that were known before, and `states` by this computer's clock; `owners`: MAC → server;
    `others`: address → changes of those that move together with this one."""
    begin, end = seen.begin, seen.end
    lanes = _lanes(changes, begin, end)
    silences = _silences(seen)
    known = [spans for spans in lanes.values() if spans is not None]
    moments = sorted({0.0, end - begin, *(edge for spans in known for span in spans for edge in span)})
    counts = [(after - before, _count(known, (before + after) / 2)) for before, after in pairwise(moments)]
    fault_at = float(given["fault_at"]) - begin
    periods = {name: _within(states, begin, end, lanes[name] or ()) for name, states in given["states"].items()}
    return Report(
        **{**given, "fault_at": fault_at, "undo_at": float(given["undo_at"]) - begin, "states": periods},
        at=begin,
        seconds=end - begin,
        outage_ms=max((length for _, length in silences), default=0.0),
        outages=tuple(silence for silence in silences if silence[1] >= 100),
        lanes=lanes,
        answered=_answered(seen, owners),
        twice=sum(length for length, count in counts if count > 1),
        nobody=sum(length for length, count in counts if count == 0) if len(known) == len(lanes) else 0.0,
        holder=holder(lanes, end - begin),
        sides=tuple(side(name, _lanes(some, begin, end), lanes, end - begin) for name, some in others.items()),
    )


def _lanes(changes: Changes, begin: float, end: float) -> dict[str, Spans | None]:
    return {name: None if change is None else _spans(change, begin, end) for name, change in changes.items()}


def _within(
    states: Sequence[tuple[float, str]], begin: float, end: float, spans: Sequence[tuple[float, float]]
) -> tuple[tuple[float, str], ...]:
    """Only what happened during the drill; what was so before is told by who had the address."""
    first = "MASTER" if spans and spans[0][0] < QUIET else "BACKUP"
    return ((0.0, first), *((round(at - begin, 3), state) for at, state in states if begin <= at <= end))


def _spans(changes: Sequence[Change], begin: float, end: float) -> tuple[tuple[float, float], ...]:
    spans: list[tuple[float, float]] = []
    since: float | None = None
    for change in changes:
        if change.holds and since is None:
            since = max(0.0, change.at - begin)
        elif not change.holds and since is not None:
            spans.append((since, max(since, change.at - begin)))
            since = None
    return tuple([*spans, (since, end - begin)] if since is not None else spans)


def _silences(seen: Answers) -> list[tuple[float, float]]:
    marks = [seen.begin, *seen.at, seen.end]
    return [(before - seen.begin, 1000 * (after - before)) for before, after in pairwise(marks)]


def _count(lanes: Sequence[Sequence[tuple[float, float]]], moment: float) -> int:
    return sum(any(begin <= moment < end for begin, end in spans) for spans in lanes)


def _answered(seen: Answers, owners: Mapping[str, str]) -> tuple[tuple[float, str], ...]:
    found: list[tuple[float, str]] = []
    for at, mac in seen.macs:
        who = owners.get(mac, mac)
        if not found or found[-1][1] != who:
            found.append((round(at - seen.begin, 3), who))
    return tuple(found)
