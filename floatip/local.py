"""What is kept on this computer: a directory, and one run at a time for the same servers."""

from __future__ import annotations

import fcntl
import hashlib
import os
from pathlib import Path

from floatip.cluster import Cluster
from floatip.words import Said, say

_held: dict[Path, int] = {}  # open until the process ends: the kernel lets go then, however it ended


class Busy(Exception):
    """Another run is at work on these servers: `message` says so."""

    def __init__(self, message: Said) -> None:
        self.message = message
        super().__init__(message)


def state_directory() -> Path:
    """XDG_STATE_HOME, else ~/.local/state."""
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "floatip"


def hold(cluster: Cluster) -> None:
    """Keep other runs off this cluster's servers until this process ends; Busy where one is there already.

    The same addresses in another network namespace are other servers: a lab for practice, and that of the tests.
    """
    network = os.stat("/proc/self/ns/net").st_ino
    servers = sorted((node.name, node.connection) for node in cluster.nodes)
    name = hashlib.sha256(repr((network, servers)).encode()).hexdigest()[:24]
    path = state_directory() / "locks" / name
    if path in _held:
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        who = os.read(descriptor, 20).decode("ascii", "replace").strip() or "unknown"
        os.close(descriptor)
        busy = say(
            "Another run is at work on {cluster} (process {who}); no host was changed.", cluster=cluster.name, who=who
        )
        raise Busy(busy) from None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())
    _held[path] = descriptor
