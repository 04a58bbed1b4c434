"""Two routers between two networks: what moves together is never on two servers, whichever cable is cut."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from floatip.change.plan import Kind
from floatip.keepalived import timing
from floatip.model.inventory import read
from floatip.operate import status
from floatip.runs.events import Failure
from lab import Lab, Probe, netlink, routers, wait_until
from lab.layers import State
from lab.names import spec
from tests.lab import stories
from tests.lab.changes import FAST, settled, write
from tests.lab.conftest import Labs, Runs, start
from tests.lab.measuring import answered_within, lost_at_most

NEAR, FAR, MORE = "10.9.1.6", "10.9.2.6", "10.9.2.7"
"""A floating address on each side, and one on the far side that the adverts do not name."""
CLIENT = spec("client").address
TOGETHER = {"vrrp_sync_group": {"routers": ["VI_near", "VI_far"]}}
HANDOVER = 0.2
SPLIT = 0.05
"""Seconds for which one server may have the near address alone and another the far one: both let go and take over
within the same turn of the daemon, but one after the other."""
Values = dict[str, Any]


def inventory(
    path: Path, group: Values = TOGETHER, far: Values | None = None, ranks: tuple[int, int] = (150, 100)
) -> Path:
    """The pair of routers. `far`: more settings of the far side; `ranks`: the priorities of d1 and d2 there."""
    hosts = [
        (
            name,
            {
                **spec(name).connection,
                "vrrp": {
                    "VI_near": {"interface": "eth1", "address": f"{spec(name).address}/24", "priority": near},
                    "VI_far": {"interface": "eth2", "address": f"{routers.address(spec(name))}/24", "priority": rank},
                },
            },
        )
        for name, near, rank in zip(("d1", "d2"), (150, 100), ranks, strict=True)
    ]
    instances = {
        "VI_near": {"virtual_router_id": 101, "virtual_ipaddress": [f"{NEAR}/24"], **FAST},
        "VI_far": {
            "virtual_router_id": 102,
            "virtual_ipaddress": [f"{FAR}/24"],
            "virtual_ipaddress_excluded": [f"{MORE}/24"],
            **FAST,
            **(far or {}),
        },
    }
    return write(path, hosts, {"vrrp_instances": instances, **group})


@pytest.fixture(scope="module")
def place(labs: Labs) -> Iterator[Lab]:
    """d1 and d2 between the client and d3."""
    lab = labs.up(servers=3, state=State.READY)
    if not isinstance(lab, Lab):
        pytest.skip("the cables of a second network are laid in the lab on this machine only")
    routers.between(lab, "d3", (NEAR, FAR))
    yield lab
    labs.down()


@contextmanager
def asked(place: Lab) -> Iterator[tuple[Probe, Probe]]:
    """While the block runs, each side asks for its address a hundred times a second."""
    with Probe(place.client, NEAR) as near, Probe(place.host("d3"), FAR) as far:
        yield near, far


@contextmanager
def unnoticed(place: Lab, hands: int) -> Iterator[None]:
    """At most one ping is lost on either side, each time that the addresses change hands."""
    with asked(place) as probes:
        yield
    for probe in probes:
        lost_at_most(probe.pings, hands)


def both(place: Lab, name: str) -> None:
    """Wait until a server has all addresses, alone, and each side reaches the other by way of it."""
    for address in (NEAR, FAR, MORE):
        stories.settles(place, name, address=address)
    for host, other in ((place.client, routers.address(place.host("d3").spec)), (place.host("d3"), CLIENT)):
        wait_until(f"{host.name} reaches {other}", partial(host.answers, other))


@dataclass
class Sides(stories.Repeatedly):
    """Looks at who has which side. `longest`: seconds for which look after look saw one server with the near address
    and another with the far one, since `apart`; a single look takes a millisecond, in which the addresses may move."""

    place: Lab
    count: int = 0
    every: float = 0.005
    longest: float = 0.0
    apart: list[float] = field(default_factory=list)

    def look(self) -> None:
        """Who has which address."""
        self.apart = [*self.apart, time.monotonic()] if self._apart() else []
        self.longest = max(self.longest, self.apart[-1] - self.apart[0] if len(self.apart) > 2 else 0.0)

    def _apart(self) -> bool:
        held = {name: netlink.addresses(self.place.containers[name].leader) for name in ("d1", "d2")}
        holders = [[name for name in held if address in held[name]] for address in (NEAR, FAR, MORE)]
        return len({names[0] for names in holders if len(names) == 1}) > 1


@contextmanager
def never_split(place: Lab) -> Iterator[None]:
    """Nobody has one side while another has the other."""
    with Sides(place) as looks:
        yield
    print(f"\napart: {1000 * looks.longest:.0f} ms in {looks.count} looks", end=" ")
    assert looks.count > 10
    assert looks.longest <= SPLIT


CABLES: dict[str, Callable[[Lab, bool], object]] = {
    "near": lambda place, up: place.network.plug("d1", up),
    "far": lambda place, up: routers.plug(place.network, "d1", up),
}


def cut(place: Lab, file: Path, cable: str) -> None:
    """One cable of d1 is cut, and put back: both sides move within one predicted outage, and home again."""
    (parsed,) = read(file)
    assert parsed.cluster
    cluster, plug = parsed.cluster, CABLES[cable]
    bound = timing.slowest(cluster, cluster.instances[0], lambda instance: timing.takeover_bound(instance, "crash"))
    with never_split(place):
        with asked(place) as away:
            plug(place, False)
            both_settle(place, "d2")
        with asked(place) as home:
            plug(place, True)
            both_settle(place, "d1")
    both(place, "d1")
    for side, leader, other in zip(("near", "far"), away, home, strict=True):
        print(f"\n{cable} cut, {side}: {leader.pings.gap_ms:.0f} ms, home: {other.pings.gap_ms:.0f} ms", end=" ")
        answered_within(leader.pings, bound + stories.MEASURING_SLACK, f"{side}, the {cable} cable cut")
        answered_within(other.pings, HANDOVER, f"{side}, home")


def both_settle(place: Lab, name: str) -> None:
    """Wait until a server has both sides."""
    for address in (NEAR, FAR):
        stories.settles(place, name, address=address)


@pytest.fixture(scope="module")
def file(place: Lab, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pair, deployed."""
    made = inventory(tmp_path_factory.mktemp("routers") / "routers.py")
    start("pyinfra", "-y", made, "deploy.py", check=True, timeout=180)
    both(place, "d1")
    return made


@pytest.mark.parametrize("times", [5, pytest.param(50, marks=pytest.mark.soak)])
def test_both_sides_move_when_one_cable_is_cut(place: Lab, file: Path, times: int) -> None:
    for number in range(times):
        cut(place, file, ("near", "far")[number % 2])


def test_a_planned_move_costs_a_ping_at_most(place: Lab, file: Path, floatip: Runs) -> None:
    for name in ("d2", "d1"):
        with never_split(place), unnoticed(place, hands=1):
            floatip("move", file, name)
            both(place, name)
    rows = floatip("status", file, "--json").document["addresses"]
    assert {row["address"]: row["code"] for row in rows} == dict.fromkeys((NEAR, FAR, MORE), status.Code.HELD)


@pytest.mark.parametrize("fault", ["stop", "link"])
def test_a_failover_test_is_about_the_whole_group(
    place: Lab, file: Path, deploy: Runs, floatip: Runs, tmp_path: Path, fault: str
) -> None:
    watched = inventory(tmp_path / "routers.py", {**TOGETHER, "client": dict(place.client.spec.connection)})
    deploy(watched)
    with never_split(place):
        answer = floatip(
            "drill", watched, "--instance", "VI_near", "--fault", fault, "--json", timeout=120, check=False
        )
        both(place, "d1")
    report = answer.document
    assert (answer.returncode, report["held"], report["address"]) == (0, True, NEAR), report
    (side,) = report["sides"]
    assert (side["address"], side["holder"], len(side["lanes"]["d2"])) == (FAR, "d1", 1)
    assert 1000 * side["nobody"] <= report["predicted_ms"], report
    assert side["apart"] <= SPLIT + 0.1, report  # the servers' clocks are compared by way of SSH


def test_while_they_hear_each_other_in_one_network_only_nothing_moves(place: Lab, file: Path, floatip: Runs) -> None:
    with never_split(place), unnoticed(place, hands=0):
        place.network.enter(["nft", "-f", "-"], stdin=FAR_DEAF)
        for address in (NEAR, FAR):
            stories.stays(place, "d1", seconds=2, address=address)
        place.unblock()
        both(place, "d1")


FAR_DEAF = """\
add table bridge lab
add chain bridge lab forward { type filter hook forward priority 0; }
add rule bridge lab forward iifname { "vf-d1", "vf-d2" } ip protocol 112 drop
"""

WAY, RULE = "10.9.3.0/24 via {gateway} dev eth2", "from 10.9.1.0/24 table 100 priority 1000"
THIRD = "10.9.2.103"
"""The host in the far network, as the way to a network behind it."""


def with_way(path: Path, gateway: str) -> Path:
    """The pair with a route and a rule of the far side."""
    return inventory(path, far={"virtual_routes": [WAY.format(gateway=gateway)], "virtual_rules": [RULE]})


def has_ways(place: Lab, wanted: Mapping[str, tuple[int, int]]) -> None:
    """Wait until they are where they are wanted: they come and go after the addresses."""
    wait_until(f"routes and rules are {wanted}", lambda: ways(place) == wanted)


def ways(place: Lab) -> dict[str, tuple[int, int]]:
    """Server → how many of the two the kernel has: routes to that network, rules of that priority."""
    counted = {}
    for name in ("d1", "d2"):
        routes = place.host(name).look("route", "show", "10.9.3.0/24")
        counted[name] = (len(routes), sum(rule.get("priority") == 1000 for rule in place.host(name).look("rule")))
    return counted


def test_routes_and_rules_are_where_the_addresses_are(
    place: Lab, file: Path, deploy: Runs, floatip: Runs, tmp_path: Path
) -> None:
    """And a route that the kernel refuses, of which keepalived only complains in its log, does not stay."""
    made = with_way(tmp_path / "routers.py", THIRD)
    with unnoticed(place, hands=0):
        deploy(made)
        both(place, "d1")
    has_ways(place, {"d1": (1, 1), "d2": (0, 0)})
    for name, other in (("d2", "d1"), ("d1", "d2")):
        floatip("move", made, name)
        both(place, name)
        has_ways(place, {name: (1, 1), other: (0, 0)})
    failed = deploy(with_way(tmp_path / "routers.py", "10.9.77.9"), check=False)
    assert (failed.returncode, failed.failed.code, failed.failed.node) == (1, Failure.ROUTES, "d1")
    both(place, "d1")
    has_ways(place, {"d1": (1, 1), "d2": (0, 0)})
    deploy(file)
    has_ways(place, {"d1": (0, 0), "d2": (0, 0)})


APART: list[tuple[str, Values, Kind]] = [
    ("another VRID of one of them", {"far": {"virtual_router_id": 103}}, Kind.IDENTITY),
    ("the virtual MAC address of one of them", {"far": {"virtual_router_id": 103, "use_vmac": True}}, Kind.START_OVER),
    ("and without it again", {}, Kind.START_OVER),
]


def test_a_change_of_one_of_them(place: Lab, file: Path, deploy: Runs, tmp_path: Path) -> None:
    for what, change, kind in APART:
        with unnoticed(place, hands=2):
            done = deploy(inventory(tmp_path / "routers.py", **change))
            both(place, "d1")
        assert done.planned.kind is kind, what


def test_they_are_brought_together_and_parted_again(place: Lab, file: Path, deploy: Runs, tmp_path: Path) -> None:
    """Held by two servers, they would fall apart for a whole outage if the group came over them as it is."""
    apart_file = tmp_path / "routers.py"
    with unnoticed(place, hands=1):
        deploy(inventory(apart_file, {}, ranks=(100, 150)))
        settled(place, "d1", NEAR)
        for address in (FAR, MORE):
            stories.settles(place, "d2", address=address)
    with unnoticed(place, hands=1):
        deploy(inventory(apart_file))
        both(place, "d1")
    assert deploy(inventory(apart_file)).planned.kind is Kind.NOTHING
