"""The article's result: whatever happens to the server that has the address, another one takes it over,
as fast as the settings predict, and afterwards it goes home or stays, as the settings say.

Figures of a run on an idle machine: docs/decisions/outages.md (`pytest -s` prints them).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

import pytest

from floatip.keepalived import timing
from floatip.model.cluster import Instance
from lab import Probe, wait_until
from lab.host import Host
from lab.layers import State
from lab.names import FLOATING, SUITES
from lab.place import Place
from lab.watch import Watch
from tests.lab import stories
from tests.lab.conftest import Labs
from tests.lab.measuring import answered_within

SETTINGS = {"returns": stories.instance(), "stays": stories.instance(advert_int=0.1, nopreempt=True)}
HANDOVER = 0.2
"""Seconds that a hand-over between two healthy servers may take: measured 7 to 84 ms, two probes being 10."""

RESTART = 1.0
"""Seconds after which a daemon that was killed has been started again: systemd waits 0.1 s."""


@dataclass(frozen=True)
class Fault:
    """Something that befalls a server, its repair, and how the others come to know of it."""

    begin: Callable[[Host], object]
    end: Callable[[Host], object]
    known_by: timing.Fault


FAULTS = {
    "cable-pulled": Fault(lambda host: host.link_down(), lambda host: host.link_up(), "crash"),
    "stopped": Fault(lambda host: host.run("systemctl stop keepalived"), lambda host: start(host), "stop"),
    "no-power": Fault(lambda host: host.power_off(), lambda host: start(host), "crash"),
}


def start(host: Host) -> None:
    """Switch it on where it is off; its daemon runs."""
    host.power_on()
    host.wait_ready()
    host.run("systemctl start keepalived")


@dataclass(frozen=True)
class Pair:
    """Two servers with one floating address."""

    place: Place
    instance: Instance
    suite: str

    def active(self) -> Host:
        """The server that has the address."""
        return self.place.host(stories.one_holder(self.place))

    def other(self, than: Host) -> Host:
        """The other one."""
        return next(host for host in self.place.servers if host is not than)

    def probe(self) -> Probe:
        """What the client notices."""
        return Probe(self.place.client, FLOATING, stories.PROBE_MS)

    def within(self, probe: Probe, bound: float, what: str) -> None:
        """The client was without an answer no longer than `bound` seconds."""
        took = probe.pings.gap_ms / 1000
        print(f"\n{self.suite}, {self.instance.advert_int:g} s, {what}: {took:.3f} s (at most {bound:.3f})", end=" ")
        answered_within(probe.pings, bound + stories.MEASURING_SLACK, what)


@pytest.fixture(scope="module")
def place(request: pytest.FixtureRequest, labs: Labs) -> Iterator[Place]:
    """One lab for all stories with the same Debian."""
    yield labs.up(request.param, state=State.READY)
    labs.down()


@pytest.fixture(scope="module")
def pair(request: pytest.FixtureRequest, place: Place, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Deployed once for all stories with the same settings, over whatever settings were there before."""
    instance = SETTINGS[request.param]
    stories.deployed(place, stories.cluster(instance), tmp_path_factory.mktemp("inventory"))
    return Pair(place, instance, place.client.spec.suite)


def rows(*faults: str) -> list[object]:
    """Everything on bookworm; on the others, with slow adverts, only what the article shows and what is quick."""
    return [
        pytest.param(suite, settings, *fault, id="-".join([suite, settings, *fault]))
        for suite in SUITES
        for settings in SETTINGS
        for fault in combinations(faults, min(1, len(faults)))
        if suite == "bookworm" or settings == "stays" or set(fault) & {"cable-pulled", "stopped"}
    ]


@pytest.mark.parametrize(("place", "pair", "fault"), rows(*FAULTS), indirect=["place", "pair"], scope="module")
def test_the_address_moves_and_comes_back_or_stays(pair: Pair, fault: str) -> None:
    active = pair.active()
    other = pair.other(active)
    with stories.Looks(pair.place) as looks:
        with pair.probe() as away:
            FAULTS[fault].begin(active)
            stories.settles(pair.place, other.name)
            stories.reaches(pair.place, other.mac())
        with pair.probe() as home:
            FAULTS[fault].end(active)
            keeps = other if pair.instance.nopreempt else active
            if pair.instance.nopreempt:
                stories.stays(pair.place, other.name, seconds=timing.election_bound(pair.instance))
            stories.settles(pair.place, keeps.name)
            stories.reaches(pair.place, keeps.mac())
    assert stories.runs(active)
    assert looks.count > 10
    assert not looks.twice
    pair.within(away, timing.takeover_bound(pair.instance, FAULTS[fault].known_by), fault)
    pair.within(home, HANDOVER, f"{fault}, repaired")


@pytest.mark.parametrize(("place", "pair"), rows(), indirect=True)
def test_a_daemon_killed_outright_is_started_again_and_lets_go(pair: Pair) -> None:
    """It cannot clean up: its address stays behind until systemd has started it again."""
    active = pair.active()
    before = stories.restarts(active)
    with Watch(pair.place.servers, FLOATING) as watch, pair.probe() as probe:
        active.run("systemctl kill --signal=KILL keepalived")
        wait_until("systemd has started it again", lambda: stories.restarts(active) == before + 1)
        wait_until("it has let go", lambda: any(not change.holds for change in watch.lane(active.name)))
        holder = stories.one_holder(pair.place)
        if not pair.instance.nopreempt:
            stories.settles(pair.place, holder := "d1")
        stories.reaches(pair.place, pair.place.host(holder).mac())
    wait_until("systemd says that it runs", lambda: stories.runs(active))
    assert stories.held_twice(watch) <= RESTART
    pair.within(probe, timing.takeover_bound(pair.instance, "crash"), "killed")


@pytest.mark.parametrize(("place", "pair"), rows(), indirect=True)
def test_two_lead_while_they_do_not_hear_each_other_and_one_afterwards(pair: Pair) -> None:
    """Nothing that speaks VRRP can do better: each believes the other dead. Afterwards the preferred one leads."""
    with pair.probe() as probe:
        with pair.place.partition():
            stories.settles(pair.place, "d1", "d2")
        stories.settles(pair.place, "d1")
        stories.reaches(pair.place, pair.place.host("d1").mac())
    pair.within(probe, timing.takeover_bound(pair.instance, "crash"), "partition and healing")
