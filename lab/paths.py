"""Where the lab keeps its things: under `.lab/` in the repository, but for the disks of running hosts.

Those are in memory where this machine has enough of it: a disk that others keep busy makes a host late.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LAB = ROOT / ".lab"
CHECKOUT = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
"""Names of things that the whole machine shares carry it: two checkouts can run at the same time."""
MEMORY = Path("/dev/shm")
ENOUGH = 4 << 30  # bytes
LAYERS = LAB / "layers"
MACHINE = Path("/run/floatip-lab")
"""What labs of all checkouts must agree on; not an abstract socket, as those end at a network namespace."""
KEY = LAB / "id_ed25519"
KNOWN_HOSTS = LAB / "known_hosts"
HOST_KEYS = LAB / "hostkeys"
HASH = "[0-9a-f]" * 12
"""The last part of the name of an image or a layer, as a pattern: what it is made from."""


def _runs() -> Path:
    """Not asked for what is free just now: everybody must find the same place."""
    try:
        size = os.statvfs(MEMORY)
    except OSError:
        return LAB / "run"
    plenty = os.geteuid() == 0 and os.path.ismount(MEMORY) and size.f_blocks * size.f_frsize >= ENOUGH
    return MEMORY / f"floatip-lab-{CHECKOUT}" if plenty else LAB / "run"


RUNS = _runs()


def own_runs() -> None:
    """Make RUNS, which lies where everybody may make directories: somebody else's is not ours to use."""
    RUNS.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = RUNS.lstat()
    if found.st_uid != os.geteuid() or not stat.S_ISDIR(found.st_mode):
        raise PermissionError(f"{RUNS} belongs to somebody else")


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


def begin(final: Path) -> Path:
    """An empty directory beside `final` (`KIND-HASH`), to be renamed once it is whole, for the holder of its kind's
    lock. What is left of others of this kind is deleted: its makers had the lock, and are gone."""
    kind, fresh = final.name.rpartition("-")[0], final.with_suffix(".partial")
    for left in final.parent.glob(f"{kind}-{HASH}.partial"):
        shutil.rmtree(left, ignore_errors=True)
    fresh.mkdir(parents=True)
    return fresh
