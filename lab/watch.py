"""Who holds an address, and since when: the kernel's own announcements, with times."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from lab.host import Host
from lab.shell import wait_until


@dataclass(frozen=True, slots=True)
class Change:
    """At `at` (seconds since the epoch) the server `host` took the address, or let it go."""

    at: float
    host: str
    holds: bool


class Watch:
    """Follows one address on some servers for as long as the block lasts; `changes` begins with who has it."""

    def __init__(self, hosts: Iterable[Host], address: str) -> None:
        self.hosts = list(hosts)
        self.address = address
        self.changes: list[Change] = []
        self._children: list[subprocess.Popen[str]] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        for host in self.hosts:
            child = subprocess.Popen(
                host.in_network(["ip", "-oneline", "monitor", "address"]),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                text=True,
            )
            thread = threading.Thread(target=self._follow, args=(host.name, child), daemon=True)
            thread.start()
            self._children.append(child)
            self._threads.append(thread)
        for child in self._children:
            wait_until("the kernel is listened to", lambda: _backlog(child) is not None)  # noqa: B023
        begin = time.time()
        self.changes += [Change(begin, host.name, True) for host in self.hosts if host.holds(self.address)]
        return self

    def __exit__(self, *_: object) -> None:
        for child in self._children:
            wait_until("all of it is written", lambda: not _backlog(child))  # noqa: B023
            child.terminate()
            child.wait()
        for thread in self._threads:
            thread.join()

    def _follow(self, host: str, child: subprocess.Popen[str]) -> None:
        wanted = re.compile(rf"\binet6? {re.escape(self.address)}/")
        assert child.stdout is not None
        with child.stdout:
            for line in child.stdout:
                if wanted.search(line):
                    self.changes.append(Change(time.time(), host, not line.startswith("Deleted")))

    def lane(self, host: str) -> list[Change]:
        """The changes of one server, in order of time."""
        return sorted((change for change in self.changes if change.host == host), key=lambda change: change.at)


def _backlog(child: subprocess.Popen[str]) -> int | None:
    """How much of what the kernel announced is not written yet, more or less; None before it has anything announced.
    Of one that works over SSH, or has ended, nothing more is known."""
    if child.args[0] == "ssh" or child.poll() is not None:  # type: ignore[index]
        return 0
    try:
        rows = map(str.split, Path(f"/proc/{child.pid}/net/netlink").read_text().splitlines()[1:])
        waits = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[0] == "S"
    except OSError:  # it is ending
        return 0
    announced = [int(row[4]) for row in rows if row[2] == str(child.pid) and int(row[3], 16)]
    return sum(announced) + (not waits) if announced else None
