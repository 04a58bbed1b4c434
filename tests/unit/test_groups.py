"""Instances that move together: read, judged, written, rendered, adopted, foretold, planned, moved and looked at."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from floatip.change import pins, plan
from floatip.change.pins import Moves
from floatip.change.plan import Kind, Live, Step, Wait
from floatip.hosts.daemon import DaemonState
from floatip.keepalived import conf, timing
from floatip.keepalived.adopt import Code, adopt
from floatip.keepalived.adopt.questions import Asked
from floatip.keepalived.forecast import Event, Happens, foresee
from floatip.keepalived.render import keepalived_conf
from floatip.model.cluster import Cluster
from floatip.model.inventory import dumps, loads
from floatip.operate import status
from floatip.operate.drill.faults import FAULTS, why_not
from tests.unit.samples import Change, Raw, found, parsed, put

NEAR, FAR = "10.9.1.6", "10.9.2.6"
NAMES = ("d1", "d2")
BOTH = ("VI_1", "VI_2")


def groups(**raw: object) -> Change:
    """These groups."""
    return put("data.vrrp_sync_group", raw)


TIED = groups(routers=[*BOTH])


def pair(raw: Raw) -> None:
    """A second instance, on eth2 of both servers."""
    instances = raw["data"]["vrrp_instances"]
    instances["VI_2"] = {"virtual_router_id": 102, "virtual_ipaddress": [f"{FAR}/24"]}
    for _, host in raw["hosts"]:
        own = host["vrrp"]["VI_1"]
        host["vrrp"]["VI_2"] = {
            **deepcopy(own),
            "interface": "eth2",
            "address": own["address"].replace(".9.1.", ".9.2."),
        }


def routers(*changes: Change) -> Cluster:
    """Two instances that move together."""
    cluster = parsed(pair, TIED, *changes).cluster
    assert cluster is not None, parsed(pair, TIED, *changes).problems
    return cluster


def check(weight: int, *instances: str) -> Change:
    """A health check that these instances track."""

    def change(raw: Raw) -> None:
        raw["data"]["vrrp_scripts"]["web"] = {"process": "nginx", "weight": weight}
        for name in instances:
            raw["data"]["vrrp_instances"][name]["track_script"] = ["web"]

    return change


def test_a_group_is_read_written_and_rendered() -> None:
    cluster = routers()
    (again,) = loads(dumps(cluster), "lab.py")
    assert again.cluster == cluster
    text = keepalived_conf(cluster, "d1")
    assert text.endswith("\n\nvrrp_sync_group routers {\n    group {\n        VI_1\n        VI_2\n    }\n}\n")
    assert conf.groups(text) == {"routers": frozenset(BOTH)}
    alone = parsed(pair).cluster
    assert alone
    assert "sync_group" not in keepalived_conf(alone, "d1") + dumps(alone)
    for tracking in (check(-60, *BOTH), check(0, "VI_1"), put("d1.VI_1.track_interface", ["eth3"])):
        text = keepalived_conf(routers(tracking), "d1")
        assert text.endswith("    }\n    sync_group_tracking_weight\n}\n"), "keepalived 2.1.5 forgets it otherwise"


WRONG: list[tuple[str, list[Change], str, str]] = [
    ("an instance that is not there", [groups(g=["VI_1", "VI_3", "VI_2"])], "g.1", "unknown-instance"),
    ("twice in a group", [groups(g=["VI_1", "VI_2", "VI_1"])], "g.2", "in-two-groups"),
    ("in two groups", [groups(g=[*BOTH], h=[*BOTH])], "h.0", "in-two-groups"),
    ("one alone", [groups(g=["VI_1"])], "g", "too-few-instances"),
    ("none", [groups(g=[])], "g", "too-few-instances"),
    ("no list", [groups(g="VI_1")], "g", "not-a-list"),
    ("a bad name", [groups(**{"g h": [*BOTH]})], "g h", "bad-name"),
    ("a bad member", [groups(g=[*BOTH, "x}"])], "g.2", "bad-name"),
    ("another order", [TIED, put("d2.VI_2.priority", 200)], "routers", "group-order"),
    ("one stays back", [TIED, put("VI_2.nopreempt", True)], "routers", "group-preemption"),
    (
        "a device",
        [TIED, put("VI_2.foreign", {"fw": {"address": "10.9.2.1", "priority": 9}})],
        "routers",
        "group-device",
    ),
    ("one waits", [TIED, put("VI_1.preempt_delay", 9)], "routers", "group-preemption"),
]


@pytest.mark.parametrize(("changes", "place", "code"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_what_cannot_move_together_is_refused(changes: list[Change], place: str, code: str) -> None:
    assert (f"vrrp_sync_group.{place}", code) in found(pair, *changes)


def test_a_server_that_takes_part_in_one_of_them_only() -> None:
    def third(raw: Raw) -> None:
        name, host = deepcopy(raw["hosts"][1])
        host["ssh_hostname"] = "192.0.2.77"
        host["vrrp"]["VI_1"] |= {"address": "10.9.1.77/24", "priority": 50}
        del host["vrrp"]["VI_2"]
        raw["hosts"].append(("d3", host))
        assert name == "d2"

    assert found(pair, TIED, third) == {("vrrp_sync_group.routers", "group-servers")}


def test_a_weight_counts_only_where_all_track_the_check() -> None:
    assert found(pair, TIED, check(-60, "VI_1")) == {("vrrp_scripts.web.weight", "group-weight")}
    assert found(pair, TIED, check(-60, *BOTH)) == found(pair, TIED, check(0, "VI_1")) == set()
    assert found(pair, check(-60, "VI_1")) == set(), "alone it moves by itself"


def test_a_group_among_the_raw_lines() -> None:
    lines = put("data.extra_lines", ["vrrp_sync_group g {", "group {", "VI_1", "VI_2", "}", "}"])
    assert found(pair, lines) == set()
    assert found(pair, TIED, lines) == {("extra_lines.0", "said-twice")}


# What happens if


def events_of(cluster: Cluster) -> dict[Happens, Event]:
    """The events of the group; there are no others."""
    every = foresee(cluster)
    assert {event.instance for event in every} == {"routers"}
    return {event.code: event for event in every}


def test_the_slowest_decides() -> None:
    events = events_of(routers(put("VI_2.advert_int", 2)))
    slow = 3 * 2 + 156 / 256 + timing.SLACK
    assert events[Happens.DIES].seconds == events[Happens.CUT].seconds == pytest.approx(slow)
    assert {events[code].holder for code in (Happens.DIES, Happens.STOPPED, Happens.CUT)} == {"d2"}
    assert events[Happens.RETURNS].holder == "d1"
    assert (events[Happens.DEAF_PARTLY].holder, events[Happens.DEAF_PARTLY].seconds) == ("d1", None)
    assert (events[Happens.BOTH_DIE].holder, events[Happens.ALL_START].holder) == (None, "d1")


def test_every_cable_takes_all_of_them_along() -> None:
    cuts = [event for event in foresee(routers()) if event.code is Happens.CUT]
    assert [str(event.what) for event in cuts] == [f"The cable of eth{number} on d1 is cut." for number in (1, 2)]
    assert [event.holder for event in cuts] == ["d2", "d2"]
    blind = [event for event in foresee(routers(put("VI_2.dont_track_primary", True))) if event.code is Happens.CUT]
    assert [(event.holder, event.seconds is None) for event in blind] == [("d2", False), ("d1", True)]


@pytest.mark.parametrize(
    ("change", "holder"), [(check(0, "VI_2"), "d2"), (check(-60, *BOTH), "d2"), (check(60, *BOTH), "d2")]
)
def test_a_check_of_any_of_them(change: Change, holder: str) -> None:
    cluster = routers(change)
    assert events_of(cluster)[Happens.CHECK_FAILS].holder == holder
    first = cluster.instances[0]
    assert why_not(FAULTS["check"], cluster, first) is None
    assert FAULTS["check"].noticed(cluster, first) > FAULTS["kill"].noticed(cluster, first)


def test_a_failover_test_waits_for_the_slowest() -> None:
    cluster = routers(put("VI_2.advert_int", 2))
    alone = parsed(pair, put("VI_2.advert_int", 2)).cluster
    assert alone
    for fault in ("kill", "stop", "link"):
        outage = FAULTS[fault].outage
        assert outage(cluster, cluster.instances[0]) == outage(cluster, cluster.instances[1])
        assert outage(alone, alone.instances[0]) <= outage(alone, alone.instances[1])
    assert len(foresee(alone)) > len(foresee(cluster))


# Plans


def live(cluster: Cluster, **held: set[str]) -> dict[str, Live]:
    """The servers run what an inventory says."""
    return {name: Live(keepalived_conf(cluster, name), True, False, frozenset(held.get(name, ()))) for name in NAMES}


def planned(before: Cluster, after: Cluster, lead: dict[str, str] | None = None, **held: set[str]) -> plan.Plan:
    """What takes them from one inventory to another."""
    texts = {name: keepalived_conf(after, name) for name in NAMES}
    return plan.make(after, texts, live(before, **(held or {"d1": {NEAR, FAR}})), lead or {})


def priorities(step: object) -> tuple[int, int]:
    """Of both instances in a step's file."""
    assert isinstance(step, Step)
    first, other = (conf.priority(conf.instances(step.conf)[name]) for name in BOTH)
    return first, other


@pytest.mark.parametrize("tied", [(True, True), (False, True), (True, False)], ids=["in", "into", "out-of"])
def test_the_others_are_handed_over_with_one_that_starts_over(tied: tuple[bool, bool]) -> None:
    """Also where only the old files tie them together, or only the new ones."""
    brd = put("VI_1.virtual_ipaddress", [{"address": f"{NEAR}/24", "brd": "+"}])
    ties = [[TIED] if tie else [] for tie in tied]
    before, after = parsed(pair, *ties[0]).cluster, parsed(pair, *ties[1], brd).cluster
    assert before
    assert after
    made = planned(before, after)
    assert made.kind is Kind.START_OVER
    lowest = [priorities(step) for step in made.steps if isinstance(step, Step) and step.node == "d1"]
    assert lowest == [(1, 1), (1, 1), (150, 150)]
    waits = [(step.addresses, step.free_of) for step in made.steps if isinstance(step, Wait)]
    assert waits == [(frozenset({NEAR, FAR}), frozenset({"d1"}))] * 2


def test_one_gets_another_identity() -> None:
    """Its new one cannot lead while the other hears the holder: so the holder lets go of that as well."""
    made = planned(routers(), routers(put("VI_1.virtual_router_id", 109)))
    assert made.kind is Kind.IDENTITY
    assert [priorities(step) for step in made.steps if isinstance(step, Step) and step.node == "d1"] == [
        (150, 150),
        (150, 1),
        (1, 1),
        (150, 150),
    ]
    assert frozenset({NEAR, FAR}) in [step.addresses for step in made.steps if isinstance(step, Wait)]


def test_all_get_another_identity() -> None:
    new = [put("VI_1.virtual_router_id", 109), put("VI_2.virtual_router_id", 110)]
    made = planned(routers(), routers(*new))
    assert {priorities(step) for step in made.steps if isinstance(step, Step) and step.node == "d1"} == {(150, 150)}


def test_they_are_brought_together_before_they_have_to_move_together() -> None:
    alone = parsed(pair).cluster
    assert alone
    made = planned(alone, routers(), d1={NEAR}, d2={FAR})
    lower, wait, *rest = made.steps
    assert isinstance(lower, Step)
    assert isinstance(wait, Wait)
    assert (lower.node, priorities(lower), conf.groups(lower.conf)) == ("d2", (100, 1), {})
    assert (wait.addresses, wait.by, wait.free_of) == (frozenset({FAR}), frozenset({"d1"}), frozenset({"d2"}))
    assert [(step.node, bool(conf.groups(step.conf))) for step in rest if isinstance(step, Step)] == [
        ("d2", True),
        ("d1", True),
    ]
    assert [step for step in planned(alone, routers()).steps if isinstance(step, Wait)] == [], "with one server already"


def test_a_move_takes_all_of_them() -> None:
    stay = [put("VI_1.nopreempt", True), put("VI_2.nopreempt", True)]
    cluster = routers(*stay)
    moved = pins.moved(cluster, Moves(), {"VI_1": "d2"}, 5)
    assert moved == Moves(5, {"VI_1": "d2", "VI_2": "d2"})
    made = planned(cluster, pins.applied(cluster, moved), pins.spread(cluster, {"VI_1": "d2"}))
    waits = [step for step in made.steps if isinstance(step, Wait)]
    assert [(step.addresses, step.by) for step in waits] == [(frozenset({NEAR, FAR}), frozenset({"d2"}))]
    assert pins.moved(cluster, moved, {"VI_2": "d1"}, 6) == Moves(6, {})
    assert pins.known(cluster, Moves(5, {"VI_1": "d2"})) == Moves(5, {}), "one was moved before they were together"


# Looking at them


@pytest.mark.parametrize(
    ("held", "codes"),
    [
        ({"d1": {NEAR, FAR}, "d2": set()}, ["held", "held"]),
        ({"d1": set(), "d2": {NEAR, FAR}}, ["not-preferred", "not-preferred"]),
        ({"d1": {NEAR}, "d2": {FAR}}, ["split", "split"]),
        ({"d1": {NEAR, FAR}, "d2": {FAR}}, ["held", "twice"]),
        ({"d1": {NEAR}, "d2": set()}, ["held", "nobody"]),
    ],
)
def test_the_status_sees_them_apart(held: dict[str, set[str]], codes: list[str]) -> None:
    seen = {name: DaemonState(True, 9, frozenset(some), {}, {}) for name, some in held.items()}
    rows = status.read(routers(), seen)
    assert [row.code for row in rows] == codes
    assert [row.verdict == "bad" for row in rows] == [code in ("split", "twice", "nobody") for code in codes]
    alone = parsed(pair).cluster
    assert alone
    assert "split" not in [row.code for row in status.read(alone, seen)]


# Adopting


def taken(**lines: str) -> Any:
    """What becomes of two files with these lines at their ends."""
    alone = parsed(pair, check(-60, *BOTH)).cluster
    assert alone
    return adopt({name: keepalived_conf(alone, name) + lines.get(name, lines["d1"]) for name in NAMES}, {})


GROUP = "vrrp_sync_group G {\n  group {\n    VI_1 # near\n    VI_2\n  }\n%s}\n"


def test_a_group_is_adopted() -> None:
    made = taken(d1=GROUP % "  sync_group_tracking_weight\n")
    assert made.data["vrrp_sync_group"] == {"G": [*BOTH]}
    assert made.findings == ()
    again = adopt({name: keepalived_conf(routers(), name) for name in NAMES}, {})
    assert (again.data["vrrp_sync_group"], again.findings) == ({"routers": [*BOTH]}, ())


@pytest.mark.parametrize(
    ("lines", "kept", "codes"),
    [
        (GROUP % "", {"G": [*BOTH]}, [Code.TIMES]),
        (GROUP % "  sync_group_tracking_weight\n  smtp_alert\n", {"G": [*BOTH]}, [Code.LEFT]),
        ("vrrp_sync_group G {\n  group {\n    VI_1\n    VI_9\n  }\n}\n", None, [Code.LEFT] * 6),
    ],
)
def test_what_becomes_of_the_rest_of_a_group(lines: str, kept: object, codes: list[Code]) -> None:
    made = taken(d1=lines)
    assert made.data.get("vrrp_sync_group") == kept
    assert [finding.code for finding in made.findings if finding.node == "d1"][:1] == codes[:1]
    assert {finding.code for finding in made.findings} == set(codes)


def test_a_weight_that_could_not_move_the_group() -> None:
    """In keepalived it does nothing; the question has the one answer with which the check counts."""
    alone = parsed(pair, check(-60, "VI_1")).cluster
    assert alone
    text = GROUP % "  sync_group_tracking_weight\n"
    made = adopt({name: keepalived_conf(alone, name) + text for name in NAMES}, {})
    assert made.data["vrrp_sync_group"] == {"G": [*BOTH]}
    assert "weight" not in made.data["vrrp_scripts"]["web"] or made.data["vrrp_scripts"]["web"]["weight"] == 0
    assert (Asked.WEIGHT, "0") in [(question.code, question.choice) for question in made.questions]


def test_instances_that_cannot_move_together_move_alone() -> None:
    apart = parsed(pair, put("d2.VI_2.priority", 200)).cluster
    assert apart
    made = adopt({name: keepalived_conf(apart, name) + GROUP % "" for name in NAMES}, {})
    assert "vrrp_sync_group" not in made.data
    assert {(finding.node, finding.code) for finding in made.findings} == {(name, Code.LEFT) for name in NAMES}


def test_servers_that_do_not_agree() -> None:
    made = taken(d1=GROUP % "  global_tracking\n", d2="\n")
    assert made.data["vrrp_sync_group"] == {"G": [*BOTH]}
    assert [(finding.node, finding.code) for finding in made.findings] == [("d2", Code.SERVERS)]
