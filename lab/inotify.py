"""inotify instances: each host's systemd takes a handful of them, and a machine has only 128 by default.

The limit is the machine's, so it is raised once for all labs of all checkouts, and given back by the last of them.
"""

from __future__ import annotations

from pathlib import Path

from lab import cgroups
from lab.paths import MACHINE, lock

ENOUGH = 4096
_LIMIT = Path("/proc/sys/fs/inotify/max_user_instances")
_BEFORE = MACHINE / "inotify-before"


def make_room() -> None:
    """Raise the limit, where that was not done yet; call it with the lab's control group made."""
    with lock(MACHINE / "inotify.lock"):
        limit = int(_LIMIT.read_text())
        if limit < ENOUGH:
            _BEFORE.write_text(str(limit))
            _LIMIT.write_text(str(ENOUGH))


def give_back() -> None:
    """Set the limit that was there before, where no lab is left."""
    with lock(MACHINE / "inotify.lock"):
        used = any(found for tree in cgroups.hierarchies() for found in tree.glob(f"{cgroups.PREFIX}*"))
        if not used and _BEFORE.exists():
            _LIMIT.write_text(_BEFORE.read_text())
            _BEFORE.unlink()
