"""Failover tests side by side: what was done, how long clients waited, who took over, and whether it got better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from floatip.operate.drill import Report
from floatip.operate.drill.reports import Kept

MOST = 6  # tests that stand side by side


@dataclass(frozen=True, slots=True)
class Column:
    """One test. `took_over`: the server that had the address first after the fault, nothing where none was seen to;
    `after`: seconds from the fault until then; `change`: milliseconds that clients waited longer than in the last test
    before it of the same fault on the same server, None where there was none; `who` began it."""

    key: str
    report: Report
    held: bool
    took_over: str
    after: float | None
    change: float | None
    who: str


def columns(entries: Sequence[Kept]) -> list[Column]:
    """The newest first."""
    made = []
    for number, entry in enumerate(entries[:MOST]):
        report = entry.report
        before = next((other.report for other in entries[number + 1 :] if _same(other.report, report)), None)
        over = _took_over(report)
        change = report.outage_ms - before.outage_ms if before else None
        name, after = over or ("", None)
        made.append(Column(entry.key, report, report.held(), name, after, change, entry.who))
    return made


def _same(earlier: Report, other: Report) -> bool:
    return (earlier.fault, earlier.node, earlier.address) == (other.fault, other.node, other.address)


def _took_over(report: Report) -> tuple[str, float] | None:
    """The first that got the address after the fault, and was not the one to which it was done."""
    begins = [
        (begin - report.fault_at, name)
        for name, spans in report.lanes.items()
        for begin, _ in spans or ()
        if name != report.node and begin >= report.fault_at
    ]
    after, name = min(begins, default=(0.0, ""))
    return (name, after) if name else None
