"""Failover tests side by side: what is compared is the same fault on the same server, and what was not seen is not
said."""

from __future__ import annotations

from typing import Any

from floatip.operate.drill import judge
from floatip.operate.drill.reports import Kept
from floatip.operate.drill.script import Answers, Change
from wizard.show import comparison

GIVEN = {"cluster": "well", "fault": "stop", "node": "d1", "address": "10.9.1.6", "home": "d1"}
GIVEN |= {"fault_at": 102.0, "undo_at": 106.0, "predicted_ms": 910.0, "allowed_twice": False, "states": {}}  # type: ignore[dict-item]


def entry(key: str, silent: float, *, seen: bool = True, **other: Any) -> Kept:
    """A report as it is kept: d2 takes over when the silence ends."""
    at = tuple(100 + tick / 50 for tick in range(500) if not 2 < tick / 50 < 2 + silent)
    lanes = {
        "d1": [Change(100, True), Change(102, False), Change(107, True)],
        "d2": [Change(100, False), Change(102 + silent, True), Change(107, False)] if seen else None,
    }
    report = judge({**GIVEN, **other}, lanes, Answers(100, 110, at, ()), {})
    return Kept(key, report, "ann@desk")


def test_the_same_is_compared_with_the_same() -> None:
    kept = [
        entry("5", 0.4),
        entry("4", 0.9, fault="kill"),
        entry("3", 0.8, node="d2"),
        entry("2", 0.6),
        entry("1", 0.5),
    ]
    found = comparison.columns(kept)
    assert [column.key for column in found] == ["5", "4", "3", "2", "1"]
    assert [None if column.change is None else round(column.change, -2) for column in found] == [
        -200,
        None,
        None,
        100,
        None,
    ]
    assert [(column.took_over, column.after and round(column.after, 1)) for column in found[3:]] == [
        ("d2", 0.6),
        ("d2", 0.5),
    ]
    assert found[2].took_over == "d1"  # d2 had the fault, and d1 has it back
    assert found[0].who == "ann@desk"


def test_who_was_not_seen_has_not_taken_over() -> None:
    (column,) = comparison.columns([entry("1", 0.5, seen=False)])
    assert (column.took_over, column.after) == ("", None)


def test_only_the_last_ones_stand_side_by_side_and_older_ones_are_compared_with() -> None:
    kept = [entry(f"{number}", 0.5) for number in range(comparison.MOST)] + [entry("old", 0.7)]
    found = comparison.columns(kept)
    assert len(found) == comparison.MOST
    assert round(found[-1].change or 0, -2) == -200
