"""What the servers and the observer write down during a drill, and how it is read: with suspicion."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address

INTERVAL = 0.02  # seconds between two pings
MOST = 50_000  # lines that are believed
EVENT = re.compile(r"\[([0-9T:.-]{19,26})\] ?(Deleted )?.* inet6? ([0-9a-f.:]+)/")

ENTERING = re.compile(
    r"([0-9.]{10,20}) \S+ Keepalived_vrrp\[\d+\]: .*?\(([^)\s]+)\) Entering (MASTER|BACKUP|FAULT) STATE"
)
ENDED = re.compile(r"([0-9.]{10,20}) \S+ systemd\[1\]: (?:Stopped |\S+ Main process exited)")


@dataclass(frozen=True, slots=True)
class Change:
    """At `at` (seconds since the epoch) the server took the address, or let it go."""

    at: float
    holds: bool


def clock() -> str:
    """A host's time."""
    return "date +%s.%N"


def watch(address: str) -> str:
    """For a server: every time when it takes or loses the address, for $LEFT seconds."""
    shown = str(ip_address(address))
    return (
        f"LC_ALL=C TZ=UTC; export LC_ALL TZ; echo begin=$(date +%s.%N)\n"
        f'timeout "$LEFT" ip -ts -o monitor address & sleep 0.2\n'
        f'[ -n "$(ip -o addr show to {shown})" ] && echo first=yes || echo first=no\n'
        f"wait; true"
    )


def log(seconds: float) -> str:
    """For a server, afterwards: what its daemon and systemd said of it in the last so many seconds."""
    return f"LC_ALL=C journalctl -q -u keepalived.service -o short-unix --no-pager --since -{seconds:.0f}s"


def observe(address: str, seconds: float) -> str:
    """For the observer: every answer to a ping, and whose MAC address the kernel has for it."""
    shown = shlex.quote(str(ip_address(address)))
    return (
        f"LC_ALL=C; export LC_ALL; echo begin=$(date +%s.%N)\n"
        f"timeout {seconds:.0f} ping -D -n -i {INTERVAL} {shown} &\n"
        f"end=$(($(date +%s) + {seconds:.0f}))\n"
        f'while [ "$(date +%s)" -lt $end ]; do\n'
        f"    mac=$(ip neigh show to {shown} | sed -n 's/.*lladdr \\([0-9a-f:]*\\).*/\\1/p' | head -1)\n"
        f'    echo "mac=$(date +%s.%N) $mac"\n'
        f"    sleep 0.1\ndone\nwait; echo end=$(date +%s.%N)"
    )


def changes(lines: Iterable[str], address: str) -> tuple[Change, ...]:
    """When a server had the address. ValueError where that is not what it printed."""
    found: list[Change] = []
    begin = 0.0
    for line in list(lines)[:MOST]:
        event = EVENT.match(line)
        if line.startswith("begin="):
            begin = float(line[6:])
        elif line.startswith("first="):
            found.append(Change(begin, line == "first=yes"))
        elif event and ip_address(event[3]) == ip_address(address):
            at = datetime.fromisoformat(event[1]).replace(tzinfo=UTC).timestamp()
            found.append(Change(at, not event[2]))
    if not begin:
        raise ValueError("the watching script did not run")
    return tuple(sorted(found, key=lambda one: one.at))


def states(lines: Iterable[str], instance: str) -> tuple[tuple[float, str], ...]:
    """(When, state) of one instance, from what `log` printed; times in seconds since the server's epoch."""
    found: list[tuple[float, str]] = []
    for line in list(lines)[:MOST]:
        said = ENTERING.match(line)
        if said and said[2] == instance:
            found.append((float(said[1]), said[3]))
        elif ended := ENDED.match(line):
            found.append((float(ended[1]), "STOPPED"))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Answers:
    """What the observer saw. Times in seconds since its epoch; `macs`: (when, whose)."""

    begin: float
    end: float
    at: tuple[float, ...]
    macs: tuple[tuple[float, str], ...]


def answers(lines: Iterable[str]) -> Answers:
    """What the observer printed; ValueError where it is anything else."""
    at: list[float] = []
    macs: list[tuple[float, str]] = []
    begin = end = 0.0
    for line in list(lines)[:MOST]:
        reply = re.match(r"\[([0-9]{1,12}\.[0-9]{1,9})\] [0-9]+ bytes from ", line)
        if reply:
            at.append(float(reply[1]))
        elif line.startswith("begin="):
            begin = float(line[6:])
        elif line.startswith("end="):
            end = float(line[4:])
        elif seen := re.fullmatch(r"mac=([0-9.]{1,24}) ([0-9a-f:]{17})", line):
            macs.append((float(seen[1]), seen[2]))
    if not begin or not end:
        raise ValueError("the observer did not watch to the end")
    return Answers(begin, end, tuple(sorted(at)), tuple(macs))
