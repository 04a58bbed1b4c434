"""The reports of drills, as they are kept on this computer: files, which anybody may have written."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from floatip.model import atomic
from floatip.operate.drill import Report, diagram
from floatip.runs import storage
from floatip.runs.lock import process

KEY = re.compile(r"[0-9]{8}-[0-9]{6}-[a-z]{1,20}")
REMEMBERED = 1000
"""Files that are not read again while they stay the same: a page that follows clusters asks every second."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A report. `key`: what its file is called; `who`: who did the drill, which earlier releases did not note."""

    key: str
    report: Report
    who: str


def kept(cluster: str) -> list[Kept]:
    """Earlier drills of a cluster, the newest first; what cannot be understood is left out."""
    return list(_all(cluster))


def newest(cluster: str) -> Kept | None:
    """The last one; None where there is none."""
    return next(_all(cluster), None)


def read(file: Path) -> Report | None:
    """A report, of an earlier release too; None where that cannot be understood."""
    found = _values(file)
    return found and found[0]


def _all(cluster: str) -> Iterator[Kept]:
    files = sorted((file for file in directory(cluster).glob("*.json") if KEY.fullmatch(file.stem)), reverse=True)
    return (Kept(file.stem, *found) for file in files if (found := _values(file)))


def _values(file: Path) -> tuple[Report, str] | None:
    try:
        stamp = file.stat()
        return _read(file, (stamp.st_ino, stamp.st_mtime_ns, stamp.st_size))
    except OSError:
        return None


@lru_cache(REMEMBERED)
def _read(file: Path, _: tuple[int, int, int]) -> tuple[Report, str] | None:
    """What can be shown can be understood."""
    try:
        values = json.loads(file.read_text("utf-8"))
        report = Report.stored(values)
        diagram.page(report)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError):
        return None
    return report, str(values.get("who") or "")[:100]


def keep(report: Report) -> Path:
    """Store a report as JSON and as a page with a picture; the path of the page."""
    place = directory(report.cluster)
    name = f"{time.strftime('%Y%m%d-%H%M%S', time.localtime(report.at))}-{report.fault}"
    atomic.write(place / f"{name}.json", json.dumps({**report.as_dict(), "who": process.who()}, indent=2))
    page = place / f"{name}.html"
    atomic.write(page, diagram.page(report, [entry.report for entry in kept(report.cluster)[1:6]]))
    return page


def directory(cluster: str) -> Path:
    """Where the drills of a cluster are kept."""
    return storage.state_directory() / "drills" / cluster
