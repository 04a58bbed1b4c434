"""The figures of one setting, as a table for a person and as JSON."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from floatip.keepalived.timing import Fault, takeover_bound
from floatip.model.cluster import Instance
from tests.bench.soak.failovers import CAUSES, Series
from tests.bench.soak.load import Phase


@dataclass(frozen=True, slots=True)
class Result:
    """All that was measured with one `advert_int`, on one Debian."""

    setting: str
    suite: str
    instance: Instance
    series: Series
    phases: tuple[Phase, ...]


def table(result: Result) -> str:
    """Outages, then what happened uncalled for."""
    instance = result.instance
    head = f"{result.setting}: advert_int {instance.advert_int:g}, version {instance.version}, {result.suite}"
    return "\n".join([head, *_outages(result), *map(_phase, result.phases)])


def _outages(result: Result) -> Iterator[str]:
    for fault in CAUSES:
        if row := summary(result, fault):
            yield (
                f"  {fault:<6} {row['count']:4.0f} x   median {row['median']:5.0f} ms   worst {row['worst']:5.0f} ms"
                f"   (bound {row['bound']:.0f} ms, {row['over']:.0f} over it)"
            )
    yield f"  meanwhile uncalled for: {result.series.uncalled} times taken, {result.series.unsteady} times unsteady"


def _phase(phase: Phase) -> str:
    return (
        f"  {phase.name:<6} {phase.seconds:.0f} s ({phase.begin} to {phase.end}, processors {phase.busy:.0%} busy, "
        f"{phase.written:.0f} MiB written)\n"
        f"         states entered: {phase.masters} MASTER, {phase.backups} BACKUP, {phase.faults} FAULT; "
        f"address taken {phase.takes} times, with both {phase.both_ms:.0f} ms;\n"
        f"         longest time without an answer {phase.gap_ms:.0f} ms, {phase.lost} of {phase.sent} pings lost"
    )


def summary(result: Result, fault: Fault) -> dict[str, float]:
    """Count, median, worst, predicted bound in milliseconds, how many were beyond it; empty where there were none."""
    gaps, bound = result.series.gaps(fault), 1000 * takeover_bound(result.instance, fault)
    if not gaps:
        return {}
    return {
        "count": len(gaps),
        "median": statistics.median(gaps),
        "worst": gaps[-1],
        "bound": bound,
        "over": sum(gap > bound for gap in gaps),
    }


def save(results: Iterable[Result], path: Path) -> None:
    """Every single outage and the sums, for whoever wants to look closer."""
    path.write_text(json.dumps([_plain(result) for result in results], indent=1) + "\n", "utf-8")


def _plain(result: Result) -> dict[str, object]:
    return {
        "setting": result.setting,
        "suite": result.suite,
        "advert_int": result.instance.advert_int,
        "version": result.instance.version,
        "summary": {fault: summary(result, fault) for fault in CAUSES},
        "failovers": asdict(result.series),
        "phases": [asdict(phase) for phase in result.phases],
    }
