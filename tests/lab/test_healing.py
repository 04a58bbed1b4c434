"""A partition heals: two servers lead, then hear each other again, in any order. With keepalived's defaults
that now and then costs a client seven seconds; with ours it never does.

The figures of a run: docs/decisions/outages.md (`pytest -s` prints them).
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import Probe, wait_until
from lab.host import Host
from lab.layers import State
from lab.names import FLOATING
from lab.place import Place
from lab.shell import run
from tests.lab import stories
from tests.lab.conftest import Labs
from tests.lab.measuring import answered_within

ALLOWED = 1.5
"""Seconds: our gratuitous ARP once a second, and what a busy machine adds."""

SOME = {("bookworm", 0.1): 4, ("bookworm", 1.0): 2}
SERIES = {("bookworm", 0.1): 30, ("bookworm", 1.0): 4, ("bullseye", 0.1): 10, ("trixie", 0.1): 10}
"""How many healings on which Debian, with how many seconds between adverts; the figures of the documentation are those
of the series."""
CASES = [
    pytest.param(suite, seconds, count, marks=marks, id=f"{suite}-{seconds}-{count}")
    for cases, marks in ((SOME, []), (SERIES, [pytest.mark.soak]))
    for (suite, seconds), count in sorted(cases.items())
]

pytestmark = pytest.mark.skipif("config.getoption('--lab') != 'nspawn'", reason="needs nft for each direction")


@pytest.fixture(scope="module")
def place(request: pytest.FixtureRequest, labs: Labs) -> Iterator[Place]:
    """One lab for all stories with the same Debian."""
    yield labs.up(request.param, state=State.READY)
    labs.down()


@pytest.mark.parametrize(("place", "advert_int", "count"), CASES, indirect=["place"], scope="module")
def test_no_healing_costs_the_client_more_than_a_moment(
    place: Place, advert_int: float, count: int, tmp_path: Path
) -> None:
    suite = place.client.spec.suite
    stories.deployed(place, stories.cluster(stories.instance(advert_int=advert_int)), tmp_path)
    chance = random.Random(f"{suite} {advert_int}")
    gaps = [healing(place, chance) for _ in range(count)]
    print(f"\n{suite}, adverts every {advert_int:g} s, {len(gaps)} healings: {distribution(gaps)}", end=" ")


def healing(place: Place, chance: random.Random) -> float:
    """Part the servers, let them hear again one at a time; the client's longest time without an answer, in seconds."""
    for server in place.servers:
        deafen(server)
    stories.settles(place, "d1", "d2")
    order = chance.sample(place.servers, 2)
    with Probe(place.client, FLOATING, stories.PROBE_MS) as probe:
        time.sleep(chance.random())  # when in the rhythm of adverts and gratuitous ARP it happens is up to chance
        hear(order[0])
        time.sleep(chance.choice([0.0, 0.02, 0.2]))
        hear(order[1])
        stories.settles(place, "d1")
        wait_until("the client sends to d1", lambda: place.client.neighbour(FLOATING) == place.host("d1").mac())
    answered_within(probe.pings, ALLOWED, "healing")
    return probe.pings.gap_ms / 1000


def deafen(server: Host) -> None:
    """Adverts no longer reach its daemon; its own still leave."""
    rules = (
        "add table inet deaf",
        "add chain inet deaf input { type filter hook input priority 0; }",
        "add rule inet deaf input meta l4proto 112 drop",
    )
    run(server.in_network(["nft", "-f", "-"]), stdin="\n".join(rules) + "\n")


def hear(server: Host) -> None:
    """They do again."""
    run(server.in_network(["nft", "delete", "table", "inet", "deaf"]))


def distribution(gaps: list[float]) -> str:
    """Smallest, median, the worst three."""
    worst = ", ".join(f"{gap * 1000:.0f}" for gap in sorted(gaps)[-3:])
    return f"shortest {min(gaps) * 1000:.0f} ms, median {statistics.median(gaps) * 1000:.0f} ms, longest {worst} ms"
