"""What the servers and the observer write down during a drill, and how it is read: with suspicion."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address

from floatip.model import paths

WATCH_UNIT = "floatip-drill-watch"
WATCHED = f"{paths.STATE_DIRECTORY}/drill-watched"
INTERVAL = 0.02  # seconds between two pings
MOST = 50_000  # lines that are believed
LONGEST = 3600.0  # seconds that a drill can have taken
REPLY = re.compile(r"\[([0-9]{1,12}\.[0-9]{1,9})\] [0-9]+ bytes from ")
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


def seconds(text: str) -> float:
    """A time that a host told, in seconds since its epoch; ValueError where it is none."""
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", text):
        raise ValueError(f"{text:.40} is no time")
    return float(text)


def clock() -> str:
    """A host's time."""
    return "date +%s.%N"


def watch(addresses: Sequence[str], duration: float) -> str:
    """For a server: write down every time when it takes or loses an address, unless that is being done already.

    Written on the server itself, as a drill may take its network; ordered so that at shutdown keepalived goes first.
    """
    shown = [str(ip_address(address)) for address in addresses]
    first = "\n".join(
        f'[ -n "$(ip -o addr show to {ip})" ] && echo first={ip} yes || echo first={ip} no' for ip in shown
    )
    own = (
        f"LC_ALL=C TZ=UTC; export LC_ALL TZ; echo begin=$(date +%s.%N)\n"
        f"timeout {duration:.0f} ip -ts -o monitor address & sleep 0.2\n"
        f"{first}\n"
        f"wait"
    )
    unit = f"systemd-run -q --collect --unit={WATCH_UNIT} -p Before=keepalived.service"
    started = f"{unit} /bin/sh -c {shlex.quote(f'{{ {own}; }} >>{WATCHED}')}"
    return f"mkdir -p {paths.STATE_DIRECTORY}; systemctl -q is-active {WATCH_UNIT} || {started}"


def forget() -> str:
    """For a server: write nothing down any more."""
    return f"systemctl -q stop {WATCH_UNIT} 2>/dev/null; rm -f {WATCHED}"


def watched() -> str:
    """For a server: what was written down, which is then forgotten."""
    return f"cat {WATCHED}; {forget()}"


def log(duration: float) -> str:
    """For a server, afterwards: what its daemon and systemd said of it in the last so many seconds."""
    return f"LC_ALL=C journalctl -q -u keepalived.service -o short-unix --no-pager --since -{duration:.0f}s"


def reach(address: str) -> str:
    """For the observer, before anything is done: does the address answer it at all?"""
    return f"ping -n -c 3 -i 0.2 -W 2 {shlex.quote(str(ip_address(address)))} >/dev/null"


def observe(address: str, token: str, duration: float) -> str:
    """For the observer: every answer to a ping, and whose MAC address the kernel has for it; until `enough`, or for
    so many seconds. What it has so far stands in a file, for `so_far`."""
    shown = shlex.quote(str(ip_address(address)))
    return (
        f"LC_ALL=C; export LC_ALL; umask 077; exec 3>&1 >{_file(token)}\n"
        f"echo $$ >{_file(token)}.pid; trap 'end=0' TERM\n"
        f"end=$(($(date +%s) + {duration:.0f})); echo begin=$(date +%s.%N)\n"
        f"timeout -s INT {duration:.0f} ping -D -n -i {INTERVAL} {shown} & ping=$!\n"
        f'while [ "$(date +%s)" -lt $end ]; do\n'
        f"    mac=$(ip neigh show to {shown} | sed -n 's/.*lladdr \\([0-9a-f:]*\\).*/\\1/p' | head -1)\n"
        f'    echo "mac=$(date +%s.%N) $mac"\n'
        f"    sleep 0.1\ndone\n"
        f"echo end=$(date +%s.%N); kill -INT $ping; wait\n"
        f"cat {_file(token)} >&3; rm -f {_file(token)} {_file(token)}.pid"
    )


def enough(token: str) -> str:
    """For the observer, over another connection: it need not look any longer."""
    return f"kill $(cat {_file(token)}.pid)"


def so_far(token: str, skipped: int) -> str:
    """For the observer, over another connection: what it has written down, without the first so many lines."""
    return f"tail -n +{skipped + 1:d} {_file(token)}"


def _file(token: str) -> str:
    return shlex.quote(f"/tmp/floatip-observer-{token}")  # nobody can guess the token


def changes(lines: Iterable[str], address: str) -> tuple[Change, ...]:
    """When a server had the address. ValueError where that is not what it printed."""
    found: list[Change] = []
    begin = 0.0
    for line in list(lines)[:MOST]:
        event = EVENT.match(line)
        if line.startswith("begin="):
            begin = seconds(line[6:])
        elif line.startswith("first="):
            shown, _, holds = line.removeprefix("first=").partition(" ")
            if shown == str(ip_address(address)):
                found.append(Change(begin, holds == "yes"))
        elif event and ip_address(event[3]) == ip_address(address):
            at = datetime.fromisoformat(event[1]).replace(tzinfo=UTC).timestamp()
            found.append(Change(at, not event[2]))
    if not begin:
        raise ValueError("the watching script did not run")
    return tuple(sorted(found, key=lambda change: change.at))


def states(lines: Iterable[str], instance: str) -> tuple[tuple[float, str], ...]:
    """(When, state) of one instance, from what `log` printed; times in seconds since the server's epoch."""
    found: list[tuple[float, str]] = []
    for line in list(lines)[:MOST]:
        said = ENTERING.match(line)
        if said and said[2] == instance:
            found.append((seconds(said[1]), said[3]))
        elif ended := ENDED.match(line):
            found.append((seconds(ended[1]), "STOPPED"))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Answers:
    """What the observer saw. Times in seconds since its epoch; `macs`: (when, whose)."""

    begin: float
    end: float
    at: tuple[float, ...]
    macs: tuple[tuple[float, str], ...]


def replies(lines: Iterable[str]) -> list[float]:
    """When the answers came that are in some of the observer's lines, in seconds since its epoch."""
    return [float(reply[1]) for line in list(lines)[:MOST] if (reply := REPLY.match(line))]


def answers(lines: Iterable[str]) -> Answers:
    """What the observer printed; ValueError where it is anything else."""
    at: list[float] = []
    macs: list[tuple[float, str]] = []
    begin = end = 0.0
    for line in list(lines)[:MOST]:
        reply = REPLY.match(line)
        if reply:
            at.append(float(reply[1]))
        elif line.startswith("begin="):
            begin = seconds(line[6:])
        elif line.startswith("end="):
            end = seconds(line[4:])
        elif seen := re.fullmatch(r"mac=([0-9.]{1,24}) ([0-9a-f:]{17})", line):
            macs.append((seconds(seen[1]), seen[2]))
    if not begin or not begin < end < begin + LONGEST:
        raise ValueError("the observer did not watch to the end")
    return Answers(begin, end, tuple(sorted(at)), tuple(macs))
