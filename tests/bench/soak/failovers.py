"""Forced failovers: the holder fails, the other takes over, the client is answered again, the fault is undone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from floatip.keepalived.timing import Fault
from floatip.model.cluster import Instance
from lab import Probe, wait_until
from lab.host import Host
from lab.names import FLOATING
from lab.place import Place
from tests.lab import stories
from tests.lab.changes import Journals

PATIENCE = 30.0
ATTEMPTS = 20
GOLDEN = 0.618
Says = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Cause:
    """A way to lose the holder, and its undoing."""

    begin: Callable[[Host], object]
    end: Callable[[Host], object]


CAUSES: dict[Fault, Cause] = {
    "crash": Cause(lambda host: host.link_down(), lambda host: host.link_up()),
    "stop": Cause(
        lambda host: host.run("systemctl stop keepalived"), lambda host: host.run("systemctl start keepalived")
    ),
}
"""`crash` cuts the cable: the others learn of it by silence alone, as with a host that is gone."""


@dataclass(frozen=True, slots=True)
class Outage:
    """One forced failover. `gap_ms`: the longest time that the client was without an answer."""

    fault: Fault
    holder: str
    gap_ms: float


@dataclass(frozen=True, slots=True)
class Series:
    """All of one setting. `uncalled`: how often a server took the address beyond that; `unsteady`: it did not stay."""

    outages: tuple[Outage, ...]
    uncalled: int
    unsteady: int

    def gaps(self, fault: Fault) -> list[float]:
        """The outages of one kind in milliseconds, the shortest first."""
        return sorted(outage.gap_ms for outage in self.outages if outage.fault == fault)


def series(place: Place, instance: Instance, count: int, say: Says) -> Series:
    """Force `count` failovers, half of them crashes, on either server alike."""
    journals = Journals(place)
    outages, unsteady = [], 0
    for number in range(count):
        # Two by two: the holder alternates too, so that each server meets both faults.
        fault: Fault = "stop" if number // 2 % 2 else "crash"
        # The next fault shall come at any point between two adverts, evenly spread.
        pause = instance.advert_int * (1 + number * GOLDEN % 1)
        outage, unsettled = once(place, fault, pause)
        outages.append(outage)
        unsteady += unsettled
        if (number + 1) % 20 == 0:
            say(f"  {number + 1} failovers, the last one {outage.gap_ms:.0f} ms ({fault} of {outage.holder})")
    taken = sum(journals.count("Entering MASTER STATE").values())
    return Series(tuple(outages), taken - count, unsteady)


def once(place: Place, fault: Fault, pause: float) -> tuple[Outage, int]:
    """One failover and its repair; `pause`: how long all must then stay as it is."""
    active = place.host(stories.one_holder(place, within=PATIENCE))
    other = next(host for host in place.servers if host is not active)
    mac, journals = other.mac(), Journals(place)
    with Probe(place.client, FLOATING, stories.PROBE_MS) as probe:
        CAUSES[fault].begin(active)
        stories.settles(place, other.name, within=PATIENCE)
        stories.reaches(place, mac, within=PATIENCE)
    CAUSES[fault].end(active)

    def stands_by() -> bool:
        return any("Entering BACKUP STATE" in line for line in journals.lines(active.name))

    wait_until(f"{active.name} stands by again", stands_by, timeout=PATIENCE, every=0.1)
    return Outage(fault, active.name, probe.pings.gap_ms), steady(place, pause)


def steady(place: Place, seconds: float) -> int:
    """Wait until one server holds the address and goes on doing so; returns how often it did not."""
    for attempt in range(ATTEMPTS):
        try:
            stories.stays(place, stories.one_holder(place, within=PATIENCE), seconds=seconds)
        except AssertionError:
            continue
        return attempt
    raise AssertionError(f"the address does not come to rest in {ATTEMPTS} attempts")
