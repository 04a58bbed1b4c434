"""Routes and rules that move along: read, judged, written, rendered, adopted, planned and looked for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from floatip.change.plan.changes import block_kind
from floatip.change.plan.model import Kind
from floatip.hosts import kernel_routes as proof
from floatip.hosts import preflight
from floatip.hosts.host_state import HostState, Link
from floatip.keepalived.adopt import Code, adopt
from floatip.keepalived.render import keepalived_conf
from floatip.model import routes
from floatip.model.cluster import Cluster
from floatip.model.fields import Wrong
from floatip.model.inventory import dumps, loads
from floatip.model.settings.groups import ROUTES
from tests.unit.samples import Change, found, parsed, put
from wizard.pages.base import filled, keep

WAY, RULE = "10.9.3.0/24 via 10.9.1.9 dev eth1", "from 10.9.3.0/24 table 100 priority 1000"

ROUTE_LINES = [
    (WAY, WAY),
    ("to 10.9.3.0/24   gw 10.9.1.9 oif eth1", WAY),
    ("via 10.9.1.9 dev eth1 10.9.3.0/24", WAY),
    ("default via fd00::9 dev eth1 metric 5", "default via fd00::9 dev eth1 metric 5"),
    ("src 10.9.1.6 10.9.3.7 dev eth1 table 100", "10.9.3.7/32 dev eth1 src 10.9.1.6 table 100"),
    ("blackhole 10.9.4.0/24 no_track", "blackhole 10.9.4.0/24 no_track"),
    (
        "10.9.3.0/24 via 10.9.1.9 onlink no_track mtu 1400 scope link",
        "10.9.3.0/24 via 10.9.1.9 scope link mtu 1400 onlink no_track",
    ),
]
RULE_LINES = [
    (RULE, RULE),
    ("priority 1000 lookup 100 from 10.9.3.0/24", RULE),
    (
        "to 10.9.3.0/24 iif eth1 fwmark 0x1/0xff table main order 9",
        "to 10.9.3.0/24 iif eth1 fwmark 0x1/0xff table main priority 9",
    ),
    ("dev eth0 table 5 priority 7 no_track", "iif eth0 table 5 priority 7 no_track"),
]


@pytest.mark.parametrize(("raw", "kept"), ROUTE_LINES)
def test_a_route_is_always_written_in_the_same_way(raw: str, kept: str) -> None:
    assert routes.route(raw) == kept == routes.route(kept)


@pytest.mark.parametrize(("raw", "kept"), RULE_LINES)
def test_so_is_a_rule(raw: str, kept: str) -> None:
    assert routes.rule(raw) == kept == routes.rule(kept)
    assert routes.parts(kept)["priority"]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "empty"),
        (5, "not-text"),
        (["x"], "not-text"),
        ("10.9.3.0/24 via 10.9.1.9", "route-dev"),
        ("dev eth1", "bad-route"),
        ("10.9.3.1/24 dev eth1", "bad-route"),
        ("10.9.3.0/24 10.9.4.0/24 dev eth1", "bad-route"),
        ("10.9.3.0/24 dev", "bad-route"),
        ("10.9.3.0/24 dev $(id)", "bad-route"),
        ("10.9.3.0/24 dev eth1 proto static", "bad-route"),
        ("10.9.3.0/24 dev eth1 table 0", "bad-route"),
        ("10.9.3.0/24 dev eth1 metric 4294967296", "bad-route"),
        ("10.9.3.0/24 dev eth1 }", "bad-route"),
        ("10.9.3.0/24 dev eth1 metric ٥", "bad-route"),
        ("10.9.3.0/24 via fd00::9 dev eth1", "mixed-families"),
        ("10.9.3.0/24 dev eth1\n}", "control-character"),
    ],
)
def test_what_is_no_route(raw: object, code: str) -> None:
    with pytest.raises(Wrong) as wrong:
        routes.route(raw)
    assert wrong.value.code == code


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("from 10.9.3.0/24 table 100", "rule-priority"),
        ("from 10.9.3.0/24 priority 9", "rule-priority"),
        ("10.9.3.0/24 table 100 priority 9", "bad-route"),
        ("not from 10.9.3.0/24 table 100 priority 9", "bad-route"),
        ("from 10.9.3.0/24 table 100 priority 0", "bad-route"),
        ("from 10.9.3.0/24 to fd00::/64 table 100 priority 9", "mixed-families"),
        ("fwmark 1/2/3 table 100 priority 9", "bad-route"),
    ],
)
def test_what_is_no_rule(raw: object, code: str) -> None:
    with pytest.raises(Wrong) as wrong:
        routes.rule(raw)
    assert wrong.value.code == code


def with_lines(*ways: object, rules: tuple[object, ...] = ()) -> list[Change]:
    """The good cluster with these."""
    return [put("VI_1.virtual_routes", list(ways)), put("VI_1.virtual_rules", list(rules))]


def routed(*ways: object, rules: tuple[object, ...] = ()) -> Cluster:
    """The same, read."""
    result = parsed(*with_lines(*ways, rules=rules))
    assert result.cluster, result.problems
    return result.cluster


def test_they_are_written_rendered_and_adopted() -> None:
    cluster = routed(WAY, "default via 10.9.1.9 dev eth1 table 100", rules=(RULE,))
    (again,) = loads(dumps(cluster), "lab.py")
    assert again.cluster == cluster
    text = keepalived_conf(cluster, "d1")
    assert f"    virtual_routes {{\n        {WAY}\n        default via 10.9.1.9 dev eth1 table 100\n    }}\n" in text
    assert f"    virtual_rules {{\n        {RULE}\n    }}\n" in text
    taken = adopt({name: keepalived_conf(cluster, name) for name in ("d1", "d2")}, {})
    group = taken.data["vrrp_instances"]["VI_1"]
    assert (group["virtual_routes"], group["virtual_rules"]) == (list(cluster.instances[0].virtual_routes), [RULE])
    assert taken.findings == ()
    assert "virtual_r" not in keepalived_conf(routed(), "d1").replace("virtual_router_id", "")


def test_one_that_floatip_does_not_know_stays_a_raw_line() -> None:
    text = keepalived_conf(routed(WAY), "d1").replace(WAY, f"{WAY}\n        10.9.5.0/24 dev eth1 congctl lock cubic")
    taken = adopt({"d1": text, "d2": text}, {})
    group = taken.data["vrrp_instances"]["VI_1"]
    assert "virtual_routes" not in group
    assert group["extra_lines"] == ["virtual_routes {", WAY, "10.9.5.0/24 dev eth1 congctl lock cubic", "}"]
    assert {finding.code for finding in taken.findings} == {Code.KEPT}


@pytest.mark.parametrize(
    ("ways", "rules", "place", "code"),
    [
        (("10.9.3.0/24 dev eth1 src 10.9.1.16",), (), "virtual_routes.0", "route-source"),
        ((WAY, "10.9.3.0/24 via 10.9.1.8 dev eth1"), (), "virtual_routes.1", "duplicate-route"),
        ((), (RULE, f"{RULE}"), "virtual_rules.1", "duplicate-route"),
        (("nonsense",), (), "virtual_routes.0", "bad-route"),
        ((), ("nonsense",), "virtual_rules.0", "bad-route"),
    ],
)
def test_what_the_kernel_would_refuse(ways: Any, rules: Any, place: str, code: str) -> None:
    assert found(*with_lines(*ways, rules=rules)) == {(f"vrrp_instances.VI_1.{place}", code)}


def test_routes_that_do_not_get_in_each_others_way() -> None:
    routed(
        WAY,
        "10.9.3.0/24 via 10.9.1.8 dev eth1 metric 9",
        "10.9.3.0/24 dev eth1 table 7",
        "default dev eth1 src 10.9.1.6",
    )


def test_another_one_is_a_reload() -> None:
    before, after = (keepalived_conf(cluster, "d1") for cluster in (routed(WAY), routed(WAY, rules=(RULE,))))
    assert block_kind(before, after, routed().instances[0]) is Kind.RELOAD
    assert block_kind(before, before, routed().instances[0]) is Kind.NOTHING


def test_an_interface_that_a_server_does_not_have() -> None:
    link = Link("eth1", True, frozenset({"10.9.1.16/24"}))
    host = HostState(0, "debian", "12", True, {}, {}, (link,), False, {})
    cluster = routed(WAY, "10.9.4.0/24 dev eth9", rules=("iif eth8 table 5 priority 7",))
    problems = preflight.check(cluster, {"d1": host})
    at = "vrrp_instances.VI_1"
    assert {(problem.path, problem.code) for problem in problems} == {
        (f"{at}.virtual_routes.1", preflight.Code.NO_SUCH_INTERFACE),
        (f"{at}.virtual_rules.0", preflight.Code.NO_SUCH_INTERFACE),
    }


# What the kernel tells (iproute2 5.10 to 6.15)

THERE = {"dst": "10.9.3.0/24", "gateway": "10.9.1.9", "dev": "eth1", "flags": []}


@pytest.mark.parametrize(
    ("line", "entry", "same"),
    [
        (WAY, THERE, True),
        (WAY, {**THERE, "gateway": "10.9.1.8"}, False),
        (WAY, {**THERE, "table": "100"}, False),
        (WAY, {**THERE, "table": 5}, False),
        ("10.9.3.0/24 via 10.9.1.9 dev eth1 table 100", {**THERE, "table": "100"}, True),
        ("10.9.3.7/32 dev eth1", {"dst": "10.9.3.7", "dev": "eth1"}, True),
        ("default dev eth1", {"dst": "default", "dev": "eth1"}, True),
        ("default dev eth1", {"dst": "10.9.3.0/24", "dev": "eth1"}, False),
        ("blackhole 10.9.4.0/24 no_track", {"type": "blackhole", "dst": "10.9.4.0/24"}, True),
        ("fd00:3::/64 dev eth1", {"dst": "fd00:3::/64", "dev": "eth1"}, True),
        (WAY, {"dst": 5, "gateway": None, "dev": {}}, False),
        (WAY, {}, False),
    ],
)
def test_a_route_is_found_again(line: str, entry: dict[str, object], same: bool) -> None:
    assert proof.matches("virtual_routes", line, entry) is same


def test_a_rule_is_found_again() -> None:
    entry = {"priority": 1000, "src": "10.9.3.0", "srclen": 24, "table": "100", "protocol": "18"}
    assert proof.matches("virtual_rules", RULE, entry)
    assert not proof.matches("virtual_rules", RULE, {**entry, "priority": 999})
    assert not proof.matches("virtual_rules", RULE, {**entry, "table": "main"})


@pytest.mark.parametrize(
    "text", ["", "\n\n\n\n", "[]\n[]\n[]\n[]\n", "[", "{}\n5\n[1]\nnull", "x" * 50, json.dumps([THERE]), "\n" * 50]
)
def test_an_odd_answer_says_nothing(text: str) -> None:
    seen = proof.parse(text)
    assert set(seen) == {"virtual_routes", "virtual_rules"}
    assert seen["virtual_routes"] == ([THERE] if "dst" in text else [])
    assert seen["virtual_rules"] == []


def test_lines_of_several_words_are_typed() -> None:
    block: dict[str, object] = {}
    typed = f" {WAY} ;  default dev eth1;"
    keep(ROUTES, block, type("Answer", (), {"raw_data": [typed], "data": typed}))
    assert block[ROUTES.key] == [WAY, "default dev eth1"]
    assert filled(ROUTES, block) == f"{WAY}; default dev eth1"
