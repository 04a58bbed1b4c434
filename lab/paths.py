"""Where the lab keeps its things: all of it under `.lab/` in the repository."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LAB = ROOT / ".lab"
RUNS = LAB / "run"
KEY = LAB / "id_ed25519"
KNOWN_HOSTS = LAB / "known_hosts"
HOST_KEYS = LAB / "hostkeys"


def cache() -> Path:
    """The images' place: `FLOATIP_LAB_CACHE` lets several checkouts share one."""
    return Path(os.environ.get("FLOATIP_LAB_CACHE") or LAB / "cache")


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold the file lock `path`; whoever comes second waits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
