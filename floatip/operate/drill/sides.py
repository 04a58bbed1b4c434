"""The addresses that move together with the one that a failover test looks at (vrrp_sync_group): seen by the servers
alone. Times in seconds after its begin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Spans = tuple[tuple[float, float], ...]
Lanes = Mapping[str, Spans | None]


@dataclass(frozen=True, slots=True)
class Side:
    """One such address. `lanes`: server → the spans in which it had it, None where that could not be seen; `nobody`:
    the longest time for which no server had it, None where a server could not be seen; `twice`: seconds in which two
    had it; `apart`: in which one server had it, and another the address that is looked at; `holder`: in the end."""

    address: str
    lanes: Lanes
    nobody: float | None
    twice: float
    apart: float
    holder: str | None


def side(address: str, lanes: Lanes, first: Lanes, seconds: float) -> Side:
    """What became of it. `first`: the lanes of the address that is looked at."""
    spans, others = _known(lanes), _known(first)
    edges = {edge for some in (*spans.values(), *others.values()) for span in some for edge in span}
    parts = list(pairwise(sorted({0.0, seconds, *edges})))
    moments = [(end - begin, _holders(spans, begin, end), _holders(others, begin, end)) for begin, end in parts]
    return Side(
        address,
        lanes,
        _longest([(length, not holders) for length, holders, _ in moments]) if len(spans) == len(lanes) else None,
        sum(length for length, holders, _ in moments if len(holders) > 1),
        sum(length for length, holders, those in moments if len(holders) == len(those) == 1 and holders != those),
        holder(lanes, seconds),
    )


def holder(lanes: Lanes, seconds: float) -> str | None:
    """Who has it in the end; None for nobody or several."""
    last = [name for name, spans in lanes.items() if spans and spans[-1][1] >= seconds - 0.01]
    return last[0] if len(last) == 1 else None


def stored(raw: Any) -> tuple[Side, ...]:
    """Those of a report that was kept; TypeError or ValueError for anything else."""
    return tuple(Side(**values) for values in raw)


def _known(lanes: Lanes) -> dict[str, Spans]:
    return {name: spans for name, spans in lanes.items() if spans is not None}


def _holders(spans: Mapping[str, Spans], begin: float, end: float) -> set[str]:
    moment = (begin + end) / 2
    return {name for name, some in spans.items() if any(first <= moment < last for first, last in some)}


def _longest(parts: Sequence[tuple[float, bool]]) -> float:
    longest = lasts = 0.0
    for length, counts in parts:
        lasts = lasts + length if counts else 0.0
        longest = max(longest, lasts)
    return longest
