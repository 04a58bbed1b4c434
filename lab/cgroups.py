"""Control groups: every lab host needs its own, else the hosts' systemds would manage each other's services."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

PREFIX = "floatip-lab-"
"""What the name of every lab's group begins with, whichever checkout it is of."""
_TOP = Path("/sys/fs/cgroup")


def hierarchies() -> list[Path]:
    """The trees that systemd uses here: unified alone (cgroup v2), or systemd's own and unified (hybrid)."""
    if (_TOP / "cgroup.procs").exists():
        return [_TOP]
    return [tree for tree in (_TOP / "systemd", _TOP / "unified") if tree.is_dir()]


def make(name: str) -> list[Path]:
    """Create the group `name` (a relative path) in each hierarchy."""
    groups = [tree / name for tree in hierarchies()]
    for group in groups:
        group.mkdir(parents=True, exist_ok=True)
    return groups


def remove(name: str, *, seconds: float = 5) -> None:
    """Remove the group `name` and all below it; waits for the last processes to be gone."""
    end = time.monotonic() + seconds
    for tree in hierarchies():
        for group in _bottom_up(tree / name):
            while True:
                try:
                    group.rmdir()
                except FileNotFoundError:
                    pass
                except OSError:
                    if time.monotonic() < end:
                        time.sleep(0.02)
                        continue
                break


def processes(name: str) -> set[int]:
    """Every process in the group `name` or below it."""
    groups = [group for tree in hierarchies() for group in _bottom_up(tree / name)]
    return {int(pid) for group in groups for pid in (group / "cgroup.procs").read_text().split()}


def left(name: str) -> list[Path]:
    """What is there of the group `name`."""
    return [tree / name for tree in hierarchies() if (tree / name).exists()]


def _bottom_up(group: Path) -> Iterator[Path]:
    if not group.is_dir():
        return
    for below in list(group.iterdir()):
        if below.is_dir():
            yield from _bottom_up(below)
    yield group
