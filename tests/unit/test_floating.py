"""Floating addresses with options: read, judged, written, rendered, adopted, compared, planned and looked for."""

from __future__ import annotations

from typing import Any

import pytest

from floatip.change.plan.changes import block_kind
from floatip.change.plan.model import Kind
from floatip.deploy.survey import answering
from floatip.hosts import preflight
from floatip.hosts.host_state import HostState, Link
from floatip.keepalived import conf
from floatip.keepalived.adopt import Code, adopt
from floatip.keepalived.render import keepalived_conf
from floatip.model.cluster import Cluster
from floatip.model.inventory import dumps, loads
from floatip.operate.doctor import examining
from tests.unit.samples import Change, found, parsed, put

VIP = "10.9.1.6/24"
AT = "vrrp_instances.VI_1.virtual_ipaddress.0"


def with_options(**options: object) -> Change:
    """The floating address of the good cluster, with these options."""
    return put("VI_1.virtual_ipaddress", [{"address": VIP, **options}])


def six(**options: object) -> Change:
    """The same with IPv6."""

    def change(raw: Any) -> None:
        put("VI_1.virtual_ipaddress", [{"address": "fd00::6/64", **options}])(raw)
        put("d1.VI_1.address", "fd00::16/64")(raw)
        put("d2.VI_1.address", "fd00::61/64")(raw)

    return change


def valid(*changes: Change) -> Cluster:
    """The good cluster after these changes."""
    result = parsed(*changes)
    assert result.cluster, result.problems
    return result.cluster


def line(text: str) -> str:
    """The line of the only floating address in a keepalived.conf."""
    return text.partition("virtual_ipaddress {\n        ")[2].partition("\n")[0]


SAID: list[tuple[dict[str, object], dict[str, object], str]] = [
    ({}, {}, VIP),
    ({"dev": "eth2"}, {"dev": "eth2"}, f"{VIP} dev eth2"),
    ({"label": "eth1:vip"}, {"label": "eth1:vip"}, f"{VIP} label eth1:vip"),
    ({"label": "eth1:a:b.c-d_e"}, {"label": "eth1:a:b.c-d_e"}, f"{VIP} label eth1:a:b.c-d_e"),
    ({"brd": "10.9.1.255"}, {"brd": "10.9.1.255"}, f"{VIP} brd 10.9.1.255"),
    ({"brd": "+"}, {"brd": "+"}, f"{VIP} brd +"),
    ({"brd": "-"}, {"brd": "-"}, f"{VIP} brd -"),
    ({"scope": "global"}, {"scope": "global"}, f"{VIP} scope global"),
    ({"scope": 0}, {"scope": "global"}, f"{VIP} scope global"),
    ({"dev": None, "label": None, "brd": None, "scope": None}, {}, VIP),
    (
        {"scope": "host", "brd": "+", "label": "eth2:vip", "dev": "eth2"},
        {"dev": "eth2", "label": "eth2:vip", "brd": "+", "scope": "host"},
        f"{VIP} dev eth2 label eth2:vip brd + scope host",
    ),
    ({"scope": "254", "dev": "eth2"}, {"dev": "eth2", "scope": "host"}, f"{VIP} dev eth2 scope host"),
    ({"extra": "peer 10.9.1.9 -nodad"}, {"extra": "peer 10.9.1.9 -nodad"}, f"{VIP} peer 10.9.1.9 -nodad"),
    (
        {"extra": "preferred_lft 0 noprefixroute", "dev": "eth2"},
        {"dev": "eth2", "extra": "preferred_lft 0 noprefixroute"},
        f"{VIP} dev eth2 preferred_lft 0 noprefixroute",
    ),
    ({"scope": 7, "dev": "eth2"}, {"dev": "eth2", "scope": 7}, f"{VIP} dev eth2 scope 7"),
]


@pytest.mark.parametrize(("raw", "kept", "rendered"), SAID, ids=range(len(SAID)))
def test_options_are_read_written_rendered_and_adopted(
    raw: dict[str, object], kept: dict[str, object], rendered: str
) -> None:
    cluster = valid(with_options(**raw))
    text = dumps(cluster)
    (again,) = loads(text, "lab.py")
    assert again.cluster == cluster
    assert ('"address": "10.9.1.6/24"' in text) == bool(kept)
    assert line(keepalived_conf(cluster, "d1")) == rendered
    files = {name: keepalived_conf(cluster, name) for name in ("d1", "d2")}
    taken = adopt(files, {"d1": {"eth1": ["10.9.1.16/24"]}, "d2": {"eth1": ["10.9.1.61/24"]}})
    said = {key: value for key, value in kept.items() if (key, value) != ("scope", "global")}
    assert taken.data["vrrp_instances"]["VI_1"]["virtual_ipaddress"] == [
        {"address": VIP, **{key: str(value) for key, value in said.items()}} if said else VIP
    ]
    assert [finding.code for finding in taken.findings] == [Code.KEPT] * (2 * ("extra" in kept))


def test_without_options_nothing_is_another_than_before() -> None:
    plain = valid()
    assert valid(with_options()) == plain
    assert dumps(valid(with_options())) == dumps(plain)
    assert keepalived_conf(valid(with_options()), "d1") == keepalived_conf(plain, "d1")


WRONG: list[tuple[Change, str, str]] = [
    (with_options(dev="eth1:0"), "dev", "bad-interface"),
    (with_options(dev="$(id)"), "dev", "bad-interface"),
    (with_options(dev="sixteen-letters-"), "dev", "bad-interface"),
    (with_options(dev="lo"), "dev", "loopback-interface"),
    (with_options(dev=""), "dev", "empty"),
    (with_options(dev=["eth1"]), "dev", "not-text"),
    (with_options(label="eth1"), "label", "bad-label"),
    (with_options(extra="home\n}"), "extra", "control-character"),
    (with_options(extra="home }"), "extra", "bad-line"),
    (with_options(extra="$HOME"), "extra", "bad-line"),
    (with_options(extra="home # none"), "extra", "bad-line"),
    (with_options(extra='"home'), "extra", "bad-line"),
    (with_options(extra="home  noprefixroute"), "extra", "bad-line"),
    (with_options(extra="home " * 13 + "x"), "extra", "bad-line"),
    (with_options(extra="home dev eth1"), "extra", "managed-line"),
    (with_options(label="eth1:"), "label", "bad-label"),
    (with_options(label="eth1:vip 1"), "label", "bad-label"),
    (with_options(label="eth1:vip\n}"), "label", "control-character"),
    (with_options(label="eth1:twelve-more"), "label", "bad-label"),
    (with_options(label="eth1:$(id)"), "label", "bad-label"),
    (with_options(label="eth2:vip"), "label", "foreign-label"),
    (with_options(label="eth1:vip", dev="eth2"), "label", "foreign-label"),
    (with_options(brd="10.9.1.255/24"), "brd", "bad-broadcast"),
    (with_options(brd="fd00::1"), "brd", "bad-broadcast"),
    (with_options(brd="*"), "brd", "bad-broadcast"),
    (with_options(brd=1), "brd", "not-text"),
    (with_options(brd="10.9.1.16"), "brd", "broadcast-taken"),
    (with_options(brd="10.9.1.6"), "brd", "broadcast-taken"),
    (put("VI_1.virtual_ipaddress", [{"address": "10.9.1.6/32", "brd": "+"}]), "brd", "no-broadcast"),
    (with_options(scope="moon"), "scope", "bad-scope"),
    (with_options(scope=256), "scope", "bad-scope"),
    (with_options(scope=-1), "scope", "bad-scope"),
    (with_options(scope=True), "scope", "not-a-number"),
    (with_options(scope="٥"), "scope", "bad-scope"),
    (with_options(scope="host"), "scope", "scope-of-subnet"),
    (six(label="eth1:vip"), "label", "ipv4-only"),
    (six(brd="+"), "brd", "ipv4-only"),
    (six(scope="global"), "scope", "ipv4-only"),
    (with_options(lable="eth1:vip"), "lable", "unknown-key"),
    (put("VI_1.virtual_ipaddress", [{"dev": "eth1"}]), "address", "missing"),
    (put("VI_1.virtual_ipaddress", [{"address": "10.9.1.300/24"}]), "address", "bad-address"),
    (put("VI_1.virtual_ipaddress", [{"address": "10.9.1.6"}]), "address", "no-prefix"),
    (put("VI_1.virtual_ipaddress", [{"address": None}]), "address", "not-text"),
]


@pytest.mark.parametrize(("change", "key", "code"), WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_told_where_it_stands(change: Change, key: str, code: str) -> None:
    assert found(change) == {(f"{AT}.{key}", code)}


def test_interfaces_of_different_names_have_no_label_in_common() -> None:
    ens = put("d2.VI_1.interface", "ens3")
    assert found(ens, with_options(label="eth1:vip")) == {(f"{AT}.label", "foreign-label")}
    assert found(ens, with_options(dev="eth2", label="eth2:vip")) == set()


def test_two_floating_addresses_of_one_subnet_have_one_scope() -> None:
    def both(first: str, second: str) -> Change:
        pair = [
            {"address": f"10.9.1.{last}/24", "dev": "eth2", "scope": scope} for last, scope in ((6, first), (7, second))
        ]
        return put("VI_1.virtual_ipaddress", pair)

    assert found(both("site", "site")) == set()
    clash = "scope-of-subnet"
    assert found(both("site", "link")) == {(f"{AT}.scope", clash), (f"{AT[:-1]}1.scope", clash)}


def test_the_virtual_mac_has_an_interface_of_its_own() -> None:
    vmac = put("VI_1.use_vmac", True)
    assert found(vmac, with_options(dev="eth2")) == {(f"{AT}.dev", "virtual-mac")}
    assert found(vmac, with_options(label="eth1:vip")) == {(f"{AT}.label", "virtual-mac")}
    assert found(vmac, with_options(brd="+", scope="site")) == set()


def test_another_interface_may_have_another_subnet() -> None:
    far = put("VI_1.virtual_ipaddress", ["192.0.2.6/24"])
    assert [problem.code for problem in parsed(far).problems] == ["outside-subnet"]
    elsewhere = put("VI_1.virtual_ipaddress", [{"address": "192.0.2.6/24", "dev": "eth2"}])
    assert parsed(elsewhere).problems == ()


SAME = [
    (f"{VIP} dev eth1", VIP),
    (f"{VIP} label eth1", VIP),
    (f"{VIP} scope global", VIP),
    (f"{VIP} scope 0 dev eth1 label eth1", VIP),
    (f"{VIP} broadcast 10.9.1.255 dev eth2", f"{VIP} dev eth2 brd 10.9.1.255"),
    ("10.9.1.6 label eth1:vip dev eth1", "10.9.1.6/32 label eth1:vip"),
]
KINDS = [
    (VIP, f"{VIP} label eth1:vip", Kind.RELOAD),
    (VIP, f"{VIP} dev eth2", Kind.RELOAD),
    (VIP, f"{VIP} scope host", Kind.RELOAD),
    (VIP, f"{VIP} brd 10.9.1.255", Kind.START_OVER),
    (f"{VIP} broadcast 10.9.1.255", f"{VIP} brd 10.9.1.254 label eth1:vip", Kind.START_OVER),
    ("10.9.1.7/24 brd +", f"{VIP}", Kind.RELOAD),
    ("10.9.1.7/24", f"{VIP} brd +", Kind.RELOAD),
]


@pytest.mark.parametrize(("raw", "other", "kind"), [*((*row, Kind.NOTHING) for row in SAME), *KINDS])
def test_what_a_reload_makes_of_it(raw: str, other: str, kind: Kind) -> None:
    cluster = valid()
    text = keepalived_conf(cluster, "d1")
    before, after = (text.replace(VIP, each) for each in (raw, other))
    assert block_kind(before, after, cluster.instances[0]) is kind
    assert block_kind(after, before, cluster.instances[0]) is kind
    assert conf.same(before, after) == (kind is Kind.NOTHING)


def test_with_a_virtual_mac_the_own_interface_is_another_place() -> None:
    """2.1.5 puts the address there, and not on the one of the virtual MAC."""
    text = keepalived_conf(valid(put("VI_1.use_vmac", True)), "d1")
    assert not conf.same(text, text.replace(VIP, f"{VIP} dev eth1"))


def test_an_option_of_others_is_kept_as_it_is() -> None:
    text = keepalived_conf(valid(), "d1").replace(VIP, "10.9.1.6 dev eth2 no_track preferred_lft 0 label eth2:vip")
    taken = adopt({"d1": text}, {"d1": {"eth1": ["10.9.1.16/24"]}})
    (finding,) = taken.findings
    assert finding.code is Code.KEPT
    (address,) = taken.data["vrrp_instances"]["VI_1"]["virtual_ipaddress"]
    extra = "no_track preferred_lft 0"  # the prefix is what keepalived makes of none
    assert address == {"address": "10.9.1.6/32", "dev": "eth2", "label": "eth2:vip", "extra": extra}


def test_one_that_cannot_be_written_is_left_out() -> None:
    text = keepalived_conf(valid(), "d1").replace(VIP, f'{VIP} peer "$(id)"')
    taken = adopt({"d1": text}, {"d1": {"eth1": ["10.9.1.16/24"]}})
    assert Code.LEFT in {finding.code for finding in taken.findings}
    assert taken.data["vrrp_instances"]["VI_1"]["virtual_ipaddress"] == [VIP]


def test_a_change_of_it_starts_over() -> None:
    """keepalived tells no difference then, and leaves the address as it is."""
    first, other = (keepalived_conf(valid(with_options(extra=extra)), "d1") for extra in ("home", "noprefixroute"))
    (instance,) = valid().instances
    assert block_kind(first, other, instance) is Kind.START_OVER
    assert block_kind(first, keepalived_conf(valid(), "d1"), instance) is Kind.START_OVER
    assert block_kind(first, first.replace("home", "  home  # x"), instance) is Kind.NOTHING


def host(*links: Link) -> HostState:
    """A server with these interfaces."""
    own = Link("eth1", True, frozenset({"10.9.1.16/24", "10.9.1.61/24"}), "02:00:00:00:00:01")
    return HostState(0, "debian", "12", True, {}, {}, (own, *links), False, {})


@pytest.mark.parametrize(
    ("links", "code"),
    [
        ((), preflight.Code.NO_SUCH_INTERFACE),
        ((Link("eth2", False, frozenset()),), preflight.Code.INTERFACE_DOWN),
        ((Link("eth2", True, frozenset()),), None),
    ],
)
def test_the_interface_is_there_and_up(links: tuple[Link, ...], code: preflight.Code | None) -> None:
    cluster = valid(with_options(dev="eth2"))
    problems = preflight.check(cluster, {"d1": host(*links)})
    assert [(problem.path, problem.code) for problem in problems] == ([(f"{AT}.dev", code)] if code else [])


def test_the_address_is_looked_for_on_its_interface() -> None:
    cluster = valid(with_options(dev="eth2"))
    (instance,) = cluster.instances
    for _, _, network in examining.questions([cluster]):
        assert network == {"doctor": True, "listen": ["eth1"], "ask": [["eth2", "10.9.1.6"]]}
    state = host(Link("eth2", True, frozenset({VIP}), "02:00:00:00:00:02"))
    assert answering.own(instance, "10.9.1.6", "d1", state) == {"02:00:00:00:00:01", "02:00:00:00:00:02"}
    asker = answering.asker(instance, "10.9.1.6", "d1", ["d1", "d2"])
    assert asker
    assert asker.node == "d2"
    (six_too,) = valid(six(dev="eth2")).instances
    assert answering.asker(six_too, "fd00::6", "d1", ["d1", "d2"]) is None
