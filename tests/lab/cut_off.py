"""What the stories of changes that are cut off share: the change to be, and how the servers are afterwards."""

from __future__ import annotations

import time
from itertools import cycle
from pathlib import Path
from typing import Any

from floatip.model import paths
from lab import wait_until
from lab.place import Place
from tests.lab import changes
from tests.lab.changes import FAST, confs, settled, wanted
from tests.lab.controllers import Controller, Running

VRIDS = cycle(range(130, 256))
ONE_ELECTION = 1.5
"""Seconds that a client may be without an answer at adverts ten times a second: an election, a busy machine, and the
gratuitous ARP of a second later where two held the address."""


FULL = """
set -e; rm -rf /run/small; cp -a /etc/keepalived /run/small
mount -t tmpfs -o mode=755,size=512k tmpfs /etc/keepalived; cp -a /run/small/. /etc/keepalived/
cat /dev/zero >/etc/keepalived/full 2>/dev/null || :
"""
ROOM = """
mountpoint -q /etc/keepalived || exit 0
set -e; rm -rf /etc/keepalived/full /run/small; cp -a /etc/keepalived /run/small
umount /etc/keepalived; rm -rf /etc/keepalived; cp -a /run/small /etc/keepalived
"""


def at_rest(place: Place) -> bool:
    """Whether no server is in the middle of a change."""
    return all(not host.exists(paths.CHANGE) for host in place.servers)


def whole(place: Place, *files: Path, holder: str = "d1", within: float = 75) -> float:
    """Wait until the servers have brought the change to its end: to what one of these inventories says, everywhere.
    Seconds that it took."""
    began = time.monotonic()
    wait_until("no server is in the middle of a change", lambda: at_rest(place), timeout=within, every=0.5)
    took = time.monotonic() - began
    assert confs(place) in [wanted(file) for file in files]
    settled(place, holder)
    gone = "what was kept for it is gone"
    wait_until(gone, lambda: all(not host.exists(paths.CHANGE_DIRECTORY) for host in place.servers))
    return took


def finished(place: Place, run: Running, goal: Path) -> None:
    """The run has come to its end as if nothing had happened: this inventory is what the servers have."""
    ended = run.end()
    assert ended.returncode == 0, ended.stderr
    assert at_rest(place)
    assert confs(place) == wanted(goal)
    settled(place)


def begun(
    place: Place, on: Controller, tmp_path: Path, adverts: float = FAST["advert_int"], **change: Any
) -> tuple[Path, Path]:
    """The pair as it is before, and the change to be: inventories. Another VRID, unless something else is to change."""
    present = {"advert_int": adverts, "virtual_router_id": next(VRIDS)}
    before = changes.inventory(tmp_path / "before.py", instance=present)
    goal = changes.inventory(
        tmp_path / "goal.py", instance={**present, **(change or {"virtual_router_id": next(VRIDS)})}
    )
    done = on.run("pyinfra", "-y", before, "deploy.py")
    assert done.returncode == 0, done.stderr
    settled(place)
    return before, goal


def leases_end(place: Place, *names: str) -> None:
    """As if they had expired (all, where no server is named): nobody waits half a minute for each story."""
    for host in place.servers:
        if not names or host.name in names:
            host.run(f"rm -f {paths.LEASE}")
