"""Floating addresses that the adverts do not name: they count wherever somebody asks who has the addresses."""

from __future__ import annotations

import pytest

from floatip.change.plan import Live, addresses
from floatip.change.plan.changes import block_kind, holder
from floatip.change.plan.leaving import running
from floatip.change.plan.model import Kind
from floatip.hosts import preflight
from floatip.hosts.daemon import DaemonState
from floatip.hosts.host_state import HostState, Link
from floatip.keepalived import conf
from floatip.keepalived.adopt import adopt
from floatip.keepalived.render import keepalived_conf
from floatip.model.cluster import Cluster
from floatip.model.inventory import dumps, loads
from floatip.model.rules import several
from floatip.model.settings.groups import EXCLUDED
from floatip.operate import status
from tests.unit.samples import found, parsed, put
from wizard.pages.base import filled, keep

AT = "vrrp_instances.VI_1.virtual_ipaddress_excluded"
SIX, FOUR = "fd00::6/64", "192.0.2.7/32"


def excluded(*raw: object) -> Cluster:
    """The good cluster with these addresses, that the adverts do not name."""
    cluster = parsed(put("VI_1.virtual_ipaddress_excluded", list(raw))).cluster
    assert cluster is not None
    return cluster


def test_they_are_read_written_rendered_and_adopted() -> None:
    raw = [SIX, {"address": FOUR, "dev": "eth2", "scope": "host"}]
    cluster = excluded(*raw)
    (again,) = loads(dumps(cluster), "lab.py")
    assert again.cluster == cluster
    text = keepalived_conf(cluster, "d1")
    assert f"    virtual_ipaddress_excluded {{\n        {SIX}\n        {FOUR} dev eth2 scope host\n    }}\n" in text
    files = {name: keepalived_conf(cluster, name) for name in ("d1", "d2")}
    taken = adopt(files, {"d1": {"eth1": ["10.9.1.16/24"]}, "d2": {"eth1": ["10.9.1.61/24"]}})
    assert taken.findings == ()
    assert taken.data["vrrp_instances"]["VI_1"] == {
        "virtual_router_id": 101,
        "virtual_ipaddress": ["10.9.1.6/24"],
        "virtual_ipaddress_excluded": raw,
        "version": 2,
    }
    assert "virtual_ipaddress_excluded" not in keepalived_conf(excluded(), "d1")


def test_what_keepalived_makes_of_one_without_a_prefix() -> None:
    texts = {name: keepalived_conf(excluded(SIX, FOUR), name) for name in ("d1", "d2")}
    bare = {name: text.replace(SIX, SIX.split("/")[0]).replace(FOUR, "10.9.1.61") for name, text in texts.items()}
    taken = adopt(bare, {"d1": {"eth1": ["10.9.1.16/24"]}, "d2": {"eth1": ["10.9.1.61/24"]}})
    group = taken.data["vrrp_instances"]["VI_1"]
    assert group["virtual_ipaddress_excluded"] == ["fd00::6/128"], "the other one is a server's own"


@pytest.mark.parametrize(
    ("raw", "place", "code"),
    [
        (["10.9.1.6/24"], "0", "duplicate-address"),
        ([SIX, SIX], "1", "duplicate-address"),
        (["10.9.1.61/24"], "0", "own-address"),
        (["10.9.1.255/24"], "0", "subnet-end"),
        (["10.9.1.7"], "0", "no-prefix"),
        (["fd00::7"], "0", "no-prefix"),
        ([{"address": SIX, "label": "eth1:x"}], "0.label", "ipv4-only"),
        ([{"address": SIX, "via": "x"}], "0.via", "unknown-key"),
        (["10.9.1.7/24\n}"], "0", "control-character"),
        ({}, "", "not-a-list"),
    ],
)
def test_the_rules_of_floating_addresses_hold_for_them(raw: object, place: str, code: str) -> None:
    path = f"{AT}.{place}".rstrip(".")
    assert found(put("VI_1.virtual_ipaddress_excluded", raw)) == {(path, code)}


def test_one_of_the_other_family_has_no_virtual_mac_address() -> None:
    vmac = put("VI_1.use_vmac", True)
    assert found(vmac, put("VI_1.virtual_ipaddress_excluded", [FOUR])) == set()
    assert found(vmac, put("VI_1.virtual_ipaddress_excluded", [FOUR, SIX])) == {(f"{AT}.1", "virtual-mac")}


def test_they_are_of_any_family_and_any_number() -> None:
    many = [f"fd00::1:{number:x}/64" for number in range(1, 200)]
    assert len(excluded(FOUR, *many).instances[0].addresses) == 201


def test_two_inventories_with_one_of_them() -> None:
    theirs = excluded(SIX)
    problems = several.rivals(excluded(SIX), theirs, "other.py")
    assert f"{AT}.0" in [problem.path for problem in problems if problem.code == "address-elsewhere"]


def test_another_one_is_a_reload_and_the_holder_is_known_by_any() -> None:
    before, after = (keepalived_conf(cluster, "d1") for cluster in (excluded(SIX), excluded(SIX, FOUR)))
    instance = excluded(SIX, FOUR).instances[0]
    assert block_kind(before, after, instance) is Kind.RELOAD
    assert block_kind(before, before.replace(SIX, f"{SIX} scope global"), instance) is Kind.NOTHING
    brd = [{"address": "10.9.1.7/24", "brd": sign} for sign in "+-"]
    first, other = (keepalived_conf(excluded(each), "d1") for each in brd)
    assert block_kind(first, other, instance) is Kind.START_OVER
    assert addresses(instance) == {"10.9.1.6", "fd00::6", "192.0.2.7"}
    live = {"d1": Live(before, True, False, frozenset()), "d2": Live(before, True, False, frozenset({"fd00::6"}))}
    assert holder(instance, live, live) == "d2"
    (left,) = running(before)
    assert addresses(left) == {"10.9.1.6", "fd00::6"}
    assert conf.family(conf.instances(before)["VI_1"]) == 4


def test_the_status_has_a_row_for_each() -> None:
    cluster = excluded(SIX)
    seen = {
        name: DaemonState(True, 9, frozenset(held), {}, {})
        for name, held in {"d1": {"10.9.1.6", "fd00::6"}, "d2": {"fd00::6"}}.items()
    }
    rows = [(row.address, row.code) for row in status.read(cluster, seen)]
    assert rows == [("10.9.1.6", status.Code.HELD), ("fd00::6", status.Code.TWICE)]


def test_an_interface_of_theirs_that_a_server_does_not_have() -> None:
    link = Link("eth1", True, frozenset({"10.9.1.16/24"}))
    host = HostState(0, "debian", "12", True, {}, {}, (link,), False, {})
    problems = preflight.check(excluded({"address": SIX, "dev": "eth9"}), {"d1": host})
    assert [(problem.path, problem.code) for problem in problems] == [(f"{AT}.0.dev", preflight.Code.NO_SUCH_INTERFACE)]


def test_the_options_stay_with_an_address_that_stays() -> None:
    block: dict[str, object] = {EXCLUDED.key: [{"address": SIX, "dev": "eth2"}]}
    assert filled(EXCLUDED, block) == SIX
    for typed, kept in (
        (f"{FOUR}, {SIX}", [FOUR, {"address": SIX, "dev": "eth2"}]),
        (FOUR, [FOUR]),
        ("", None),
    ):
        keep(EXCLUDED, block, type("Answer", (), {"raw_data": [typed], "data": typed}))
        assert block.get(EXCLUDED.key) == kept
