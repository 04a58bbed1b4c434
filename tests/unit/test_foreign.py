"""Devices that share an instance and that floatip does not manage: named, counted on, never deployed."""

from __future__ import annotations

import pytest

from floatip.change import requirements
from floatip.change.plan import Live, Wait, make
from floatip.cli import several
from floatip.hosts.daemon import DaemonState, Vrrp
from floatip.hosts.host_state import HostState, Link
from floatip.hosts.network_scan import Advert, NetworkScan
from floatip.hosts.surroundings import Aside
from floatip.keepalived import timing
from floatip.keepalived.forecast import Happens, foresee
from floatip.keepalived.render import keepalived_conf
from floatip.model.cluster import Cluster, Foreign
from floatip.model.inventory import dumps, loads
from floatip.model.problems import Level
from floatip.operate import status
from floatip.operate.doctor.causes.devices import device_apart, device_differs
from floatip.operate.doctor.causes.network import address_taken, foreign_vrrp
from floatip.operate.doctor.model import Case, Seen
from tests.unit.samples import Change, found, parsed, put, script
from tests.unit.test_firewall import CASES, read

ROUTER = {"address": "10.9.1.1", "priority": 120}


def device(**settings: object) -> Change:
    """The good cluster with a router in its instance."""
    return put("VI_1.foreign", {"router": {**ROUTER, **settings}})


def cluster(*changes: Change) -> Cluster:
    """What comes of these changes."""
    result = parsed(*changes)
    assert result.cluster is not None, result.problems
    return result.cluster


def test_a_device_is_named_and_written_again() -> None:
    described = cluster(device())
    (router,) = described.instances[0].foreign
    assert isinstance(router, Foreign)
    assert (router.node, str(router.address), router.priority) == ("router", "10.9.1.1", 120)
    (again,) = loads(dumps(described), "lab.py")
    assert again.cluster == described
    assert [node.name for node in described.nodes] == ["d1", "d2"], "nobody logs in to it"


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        (device(priority=150), "router.priority", "equal-priorities"),
        (device(priority=0), "router.priority", "out-of-range"),
        (device(priority=256), "router.priority", "out-of-range"),
        (device(address="10.9.1.61"), "router.address", "shared-address"),
        (device(address="10.9.1.6"), "router.address", "own-address"),
        (device(address="10.9.2.1"), "router.address", "split-subnets"),
        (device(address="fd00::1"), "router.address", "mixed-families"),
        (device(address="10.9.1.1/24"), "router.address", "bad-address"),
        (device(interface="eth1"), "router.interface", "unknown-key"),
        (put("VI_1.foreign", {"router": {"priority": 120}}), "router.address", "missing"),
        (put("VI_1.foreign", {"router": {"address": "10.9.1.1"}}), "router.priority", "missing"),
        (put("VI_1.foreign", {"router": None}), "router", "not-a-dict"),
        (put("VI_1.foreign", {"d1": ROUTER}), "d1", "name-clash"),
        (put("VI_1.foreign", {"@local": ROUTER}), "@local", "bad-node-name"),
        (put("VI_1.foreign", {"a": ROUTER, "b": {**ROUTER, "priority": 7}}), "b.address", "shared-address"),
        (put("VI_1.foreign", {"a": ROUTER, "b": {**ROUTER, "address": "10.9.1.2"}}), "b.priority", "equal-priorities"),
    ],
)
def test_a_device_that_cannot_be(change: Change, path: str, code: str) -> None:
    assert (f"vrrp_instances.VI_1.foreign.{path}", code) in found(change)


def test_the_owner_of_an_address_has_priority_255() -> None:
    assert found(device(address="10.9.1.6", priority=255)) == set()


def test_somebody_is_told_that_a_device_leads() -> None:
    leading = [problem for problem in parsed(device(priority=200)).problems if problem.code == "foreign-leads"]
    assert [problem.level for problem in leading] == [Level.INFO]
    assert "router" in leading[0].message
    assert [problem for problem in parsed(device()).problems if problem.code == "foreign-leads"] == []


def test_its_address_is_a_unicast_peer_and_passes_the_firewall() -> None:
    described = cluster(device(), put("VI_1.unicast", True))
    for name, peer in (("d1", "10.9.1.61"), ("d2", "10.9.1.16")):
        assert f"    unicast_peer {{\n        {peer}\n        10.9.1.1\n    }}\n" in keepalived_conf(described, name)
    answer = tuple(read(next(case for case in CASES if case.stem == "ufw-0.36.2")).lines())
    host = HostState(0, "debian", "12", True, {}, {}, (), False, {}, answer)
    assert [
        line for line in requirements.firewall_plan(described, "d1", host).changes if line.endswith("from 10.9.1.1")
    ]


def test_a_weight_has_to_outdo_a_device_too() -> None:
    weak, strong = script(process="nginx", weight=-25), script(process="nginx", weight=-35)
    assert found(weak, device()) == {("vrrp_scripts.web.weight", "weight-too-small")}
    assert found(strong, device()) == set(), "the router takes over, though d2 would not"
    assert found(strong) == {("vrrp_scripts.web.weight", "weight-too-small")}
    assert found(script(process="nginx", weight=35), device()) == {("vrrp_scripts.web.weight", "weight-too-small")}
    assert found(script(process="nginx", weight=55), device()) == set()


def test_what_happens_if() -> None:
    between = {event.code: event for event in foresee(cluster(device(), script(process="nginx", weight=-35)))}
    assert between[Happens.DIES].holder == "router"
    assert between[Happens.CHECK_FAILS].holder == "router"
    assert between[Happens.BOTH_DIE].holder == "d2"
    leading = {event.code: event for event in foresee(cluster(device(priority=200), script(process="nginx")))}
    assert (leading[Happens.DIES].holder, leading[Happens.ALL_START].holder) == ("d1", "router")
    assert leading[Happens.CHECK_FAILS].holder == "router"
    assert Happens.STOPPED not in leading
    assert Happens.CUT not in leading


def test_a_weight_can_lift_the_servers_above_a_device() -> None:
    lifted = cluster(device(priority=200), script(process="nginx", weight=54))
    events = {event.code: event for event in foresee(lifted)}
    assert events[Happens.ALL_START].holder == "d1"
    assert events[Happens.CHECK_FAILS].holder == "router"


def test_how_long_it_takes() -> None:
    without, with_one = cluster().instances[0], cluster(device()).instances[0]
    assert timing.successor_priority(without) == 100
    assert timing.successor_priority(with_one) == 120
    assert timing.takeover_bound(with_one, "crash") < timing.takeover_bound(without, "crash")


def test_a_step_waits_for_a_server_but_not_in_vain() -> None:
    for change, elsewhere in ((device(), True), (put("VI_1.nopreempt", False), False)):
        before, after = cluster(change), cluster(change, put("VI_1.virtual_router_id", 102))
        held = {"d1": frozenset({"10.9.1.6"}), "d2": frozenset[str]()}
        live = {name: Live(keepalived_conf(before, name), True, False, held[name]) for name in held}
        plan = make(after, {name: keepalived_conf(after, name) for name in held}, live)
        waits = [step for step in plan.steps if isinstance(step, Wait)]
        assert waits
        assert {step.elsewhere for step in waits} == {elsewhere}


def seen(state: str, since: float) -> DaemonState:
    """A server that holds nothing, for so many seconds."""
    vrrp = Vrrp(state, 100, since)  # type: ignore[arg-type]
    return DaemonState(True, 900.0, frozenset({"10.9.1.16"}), {"VI_1": vrrp}, {})


@pytest.mark.parametrize(
    ("state", "since", "named", "code"),
    [
        ("backup", 30.0, True, status.Code.ELSEWHERE),
        ("backup", 1.0, True, status.Code.MAYBE_NOBODY),
        ("fault", 30.0, True, status.Code.MAYBE_NOBODY),
        ("backup", 30.0, False, status.Code.NOBODY),
    ],
)
def test_the_status_knows_where_the_address_is(state: str, since: float, named: bool, code: status.Code) -> None:
    described = cluster(device()) if named else cluster()
    (row,) = status.read(described, {name: seen(state, since) for name in ("d1", "d2")})
    assert row.code is code
    verdicts = {status.Code.ELSEWHERE: "good", status.Code.MAYBE_NOBODY: "unknown", status.Code.NOBODY: "bad"}
    assert row.verdict == verdicts[code]
    assert ("router" in row.sentence) is named
    words = {
        status.Code.ELSEWHERE: "● router",
        status.Code.MAYBE_NOBODY: "? not known",
        status.Code.NOBODY: "▲ no server",
    }
    assert str(several._address(row)[1]) == words[code], "in the table of several clusters"


def test_the_status_says_when_a_server_has_what_a_device_shall_have() -> None:
    holding = DaemonState(True, 9.0, frozenset({"10.9.1.6"}), {"VI_1": Vrrp("master", 150, 9.0)}, {})
    (row,) = status.read(cluster(device(priority=200)), {"d1": holding, "d2": seen("backup", 9.0)})
    assert row.code is status.Code.NOT_PREFERRED
    assert "router" in row.sentence


def case_with(*adverts: tuple[str, int], arp: str = "", holds: bool = False) -> Case:
    """d1 and d2 hear these adverts: (source, priority)."""
    described = cluster(device())
    scan = NetworkScan(tuple(Advert("eth1", source, 101, 2, rank, ("10.9.1.6",)) for source, rank in adverts))
    aside = Aside(arp=(("eth1", "10.9.1.1", ROUTER_MAC), *([("eth1", "10.9.1.6", arp)] if arp else [])))
    found: dict[str, Seen] = {}
    for name, last in (("d1", 16), ("d2", 61)):
        held = frozenset({f"10.9.1.{last}", *(["10.9.1.6"] if holds and name == "d1" else [])})
        link = Link("eth1", True, frozenset({f"10.9.1.{last}/24"}), f"52:54:00:00:00:{last}")
        host = HostState(0, "debian", "12", True, {"keepalived": "2.2.7"}, {}, (link,), False, {})
        daemon = DaemonState(True, 90.0, held, {"VI_1": Vrrp("backup", 100, 90.0)}, {})
        found[name] = Seen(host, daemon, aside, scan)
    return Case(described, {}, found, {})


ROUTER_MAC = "52:54:00:00:00:01"


def causes(case: Case) -> list[str]:
    """The codes of what is found in the network."""
    every = (device_apart, foreign_vrrp, address_taken, device_differs)
    return [finding.code for cause in every for finding in cause(case)]


def test_a_device_that_does_what_is_expected_is_no_finding() -> None:
    assert causes(case_with()) == []
    assert causes(case_with(("10.9.1.1", 120), arp=ROUTER_MAC)) == []
    assert causes(case_with(("10.9.1.1", 0), ("10.9.1.1", 120), arp=ROUTER_MAC)) == [], "it says goodbye"
    assert causes(case_with(("10.9.1.16", 150), holds=True)) == []


def test_a_stranger_beside_a_device_is_one_all_the_same() -> None:
    assert causes(case_with(("10.9.1.9", 90))) == ["foreign-vrrp"]
    assert causes(case_with(arp="52:54:00:00:00:09")) == ["address-taken"]


def test_a_device_that_is_not_what_the_inventory_says() -> None:
    assert causes(case_with(("10.9.1.1", 130))) == ["device-differs"]
    (finding,) = device_differs(case_with(("10.9.1.1", 130)))
    assert "130" in finding.what and "120" in finding.what and finding.evidence


def test_a_device_that_does_not_take_the_servers_adverts() -> None:
    assert causes(case_with(("10.9.1.1", 120), holds=True)) == ["device-apart"]
    assert causes(case_with(("10.9.1.1", 120), ("10.9.1.16", 150))) == ["device-apart"]
