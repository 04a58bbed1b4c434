"""How long everything took: printed at the end of a run, written down, and compared with an earlier run.

`.lab/times.json` is the present run's; `tests/times.json`, a copy of one, is what later runs are compared with and
ordered by. `python -m tests.times keep` makes the former the latter.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from threading import Lock

import pytest

from lab.paths import LAB

KEPT = Path(__file__).with_name("times.json")
FRESH = LAB / "times.json"
BEGAN = LAB / "began"
_lock = Lock()
UNKNOWN = {"tests/lab/": 60.0, "tests/browser/": 30.0, "": 5.0}
"""Room → seconds for a unit that no run has seen: what may be long begins early, or everybody else waits for it."""
WORTH_SAYING = 1.0  # seconds
ROW = "{:<52}{:>9}{:>9}"


def known(file: Path = KEPT) -> dict[str, float]:
    """Unit → seconds, of the run that is kept; nothing where there is none."""
    return dict(_read(file).get("units", {}))


def guess(nodeid: str) -> float:
    """Seconds for a test of which nothing is known but where it stands."""
    return next(seconds for room, seconds in UNKNOWN.items() if nodeid.startswith(room))


def begin() -> None:
    """Begin a file of one's own; packages and environments were set up since `make` wrote BEGAN down."""
    FRESH.unlink(missing_ok=True)
    if BEGAN.exists():
        add_setup("packages and environments", time.time() - BEGAN.stat().st_mtime)
        BEGAN.unlink()


def set_up() -> float:
    """Seconds that all of the set-up took."""
    return sum(_read(FRESH).get("set-up", {}).values())


def add_setup(name: str, seconds: float) -> None:
    """Note how long a part of the set-up took."""
    with _lock:
        found = _read(FRESH)
        _write({**found, "set-up": {**found.get("set-up", {}), name: round(seconds, 1)}})


class Times:
    """Adds up, in the process that collects the results."""

    def __init__(self) -> None:
        self.modules: Counter[str] = Counter()
        self.units: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count set-up, call and teardown of a test."""
        name, group = split(report.nodeid)
        module = name.partition("::")[0]
        self.modules[module] += report.duration  # type: ignore[assignment]
        self.units[group or name] += report.duration  # type: ignore[assignment]

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print a row a module, the dearest first, and write all of it down."""
        found = _read(FRESH)
        _write({**found, "modules": rounded(self.modules), "units": rounded(self.units)})
        terminalreporter.section("seconds, now and in the run that is kept")
        for line in table({**found.get("set-up", {}), **rounded(self.modules)}, _read(KEPT)):
            terminalreporter.write_line(line)


def split(nodeid: str) -> tuple[str, str]:
    """The name of a test, and of the group that pytest-xdist has put behind it; a parameter may have an @ as well."""
    if nodeid.rfind("@") < nodeid.rfind("]"):
        return nodeid, ""
    name, sign, group = nodeid.rpartition("@")
    return (name, group) if sign else (group, "")


def rounded(seconds: Mapping[str, float]) -> dict[str, float]:
    """Tenths of a second, the dearest first, without what is not worth saying."""
    rows = sorted(seconds.items(), key=lambda row: -row[1])
    return {name: round(value, 1) for name, value in rows if value >= WORTH_SAYING}


def table(now: Mapping[str, float], kept: Mapping[str, Mapping[str, float]]) -> list[str]:
    """The rows for people."""
    all_before = {**kept.get("set-up", {}), **kept.get("modules", {})}
    before = {name: all_before[name] for name in now if name in all_before}
    rows = [
        ROW.format(name, f"{value:.1f}", f"{before[name]:.1f}" if name in before else "") for name, value in now.items()
    ]
    return [*rows, ROW.format("in all", f"{sum(now.values()):.1f}", f"{sum(before.values()):.1f}" if before else "")]


def _read(file: Path) -> dict[str, dict[str, float]]:
    try:
        found: dict[str, dict[str, float]] = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return found


def _write(found: Mapping[str, Mapping[str, float]]) -> None:
    FRESH.parent.mkdir(parents=True, exist_ok=True)
    fresh = FRESH.with_suffix(".new")
    fresh.write_text(json.dumps(found, indent=1) + "\n")
    fresh.replace(FRESH)


if __name__ == "__main__":
    if sys.argv[1:] != ["keep"]:
        raise SystemExit(__doc__)
    shutil.copy(FRESH, KEPT)
