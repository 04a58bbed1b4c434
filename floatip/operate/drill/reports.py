"""The reports of drills, as they are kept on this computer."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from floatip.model import atomic
from floatip.operate.drill import Report, diagram
from floatip.runs import storage
from floatip.runs.lock import process


def kept(cluster: str) -> list[dict[str, Any]]:
    """Earlier drills of a cluster, the newest first."""
    files = sorted(directory(cluster).glob("*.json"), reverse=True)
    return [found for file in files if (found := _read(file)) is not None]


def _read(file: Path) -> dict[str, Any] | None:
    try:
        values = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return {**values, "key": file.stem} if isinstance(values, dict) else None


def newest(cluster: str) -> dict[str, Any] | None:
    """The last one that can be read; None where there is none."""
    for file in sorted(directory(cluster).glob("*.json"), reverse=True):
        if (found := _read(file)) is not None:
            return found
    return None


def keep(report: Report) -> Path:
    """Store a report as JSON and as a page with a picture; the path of the page."""
    place = directory(report.cluster)
    name = f"{time.strftime('%Y%m%d-%H%M%S', time.localtime(report.at))}-{report.fault}"
    atomic.write(place / f"{name}.json", json.dumps({**report.as_dict(), "who": process.who()}, indent=2))
    page = place / f"{name}.html"
    atomic.write(page, diagram.page(report, kept(report.cluster)[1:6]))
    return page


def directory(cluster: str) -> Path:
    """Where the drills of a cluster are kept."""
    return storage.state_directory() / "drills" / cluster
