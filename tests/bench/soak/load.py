"""A time in which nobody asks for a failover: quiet, or with all servers as busy as they can be."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lab import Probe, wait_until
from lab.host import Host
from lab.names import FLOATING
from lab.place import Place
from lab.watch import Watch
from tests.lab import stories
from tests.lab.changes import Journals

CALM = 60.0
STATES = ("MASTER", "BACKUP", "FAULT")
_SPIN = "while :; do :; done"
_WRITE = "while :; do dd if=/dev/zero of=/var/tmp/load bs=1M count=16 conv=fsync status=none; done"
_UNIT = "floatip-load"


@dataclass(frozen=True, slots=True)
class Phase:
    """What happened uncalled for. `masters`, `backups`, `faults`: states entered, by the servers' own journals;
    `takes`: addresses that came, by the kernels; `both_ms`: how long two servers had it; `gap_ms`: the client's
    longest time without an answer; `busy`: of the processors, 0 to 1; `written`: MiB to disk."""

    name: str
    begin: str
    end: str
    seconds: float
    masters: int
    backups: int
    faults: int
    takes: int
    both_ms: float
    gap_ms: float
    sent: int
    lost: int
    busy: float
    written: float


def phase(place: Place, seconds: int, loops: int = 0) -> Phase:
    """Look on for that long and until the servers rest, with that many endless loops on each; 0: quiet, no writers."""
    journals, began, before = Journals(place), time.time(), _machine()
    with Watch(place.servers, FLOATING) as watch, Probe(place.client, FLOATING, stories.PROBE_MS) as probe:
        with loaded(place, seconds, loops) if loops else nullcontext():
            time.sleep(seconds)
        after, ended = _machine(), time.time()
    stories.one_holder(place, within=CALM)
    masters, backups, faults = (sum(journals.count(f"Entering {state} STATE").values()) for state in STATES)
    return Phase(
        name="load" if loops else "quiet",
        begin=_clock(began),
        end=_clock(ended),
        seconds=round(ended - began, 1),
        masters=masters,
        backups=backups,
        faults=faults,
        takes=sum(change.holds for change in watch.changes) - 1,  # a watch begins with who has it
        both_ms=1000 * stories.held_twice(watch),
        gap_ms=probe.pings.gap_ms,
        sent=len(probe.pings.sent),
        lost=probe.pings.lost,
        busy=(after[0] - before[0]) / (after[1] - before[1]),
        written=(after[2] - before[2]) / 1024,
    )


@contextmanager
def loaded(place: Place, seconds: int, loops: int) -> Iterator[None]:
    """Endless loops and a writer that waits for its disk on each server, as services that end by themselves."""
    for host in place.servers:
        for number, work in enumerate([_WRITE] + [_SPIN] * loops):
            host.run(f"systemd-run --quiet --collect --unit={_UNIT}-{number} timeout {seconds} sh -c '{work}'")
    yield
    for host in place.servers:
        wait_until(f"{host.name} rests", partial(_rests, host), timeout=CALM, every=0.2)
        host.run("rm -f /var/tmp/load")


def _rests(host: Host) -> bool:
    return not host.run(f"systemctl list-units --no-legend --plain '{_UNIT}-*'").stdout.strip()


def _machine() -> tuple[int, int, int]:
    """Processor ticks at work, all ticks, KiB written to disks, of the machine that carries the lab."""
    ticks = [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    written = dict(line.split() for line in Path("/proc/vmstat").read_text().splitlines())["pgpgout"]
    return sum(ticks) - ticks[3] - ticks[4], sum(ticks), int(written)


def _clock(at: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at))
