"""The table of settings: each stands in it once, and all that is derived from it agrees with it."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from floatip.change import requirements
from floatip.change.plan.changes import KINDS as KINDS_OF_CHANGE
from floatip.change.plan.changes import block_kind
from floatip.change.plan.model import Kind
from floatip.hosts import members, preflight
from floatip.hosts.host_state import HostState, Link
from floatip.keepalived.adopt import adopt
from floatip.keepalived.adopt.blocks import file
from floatip.keepalived.adopt.findings import Notes
from floatip.keepalived.render import keepalived_conf
from floatip.model.cluster import Cluster, Foreign, Instance, Member, Node
from floatip.model.inventory import dumps, loads
from floatip.model.problems import Level
from floatip.model.settings import (
    BLOCK,
    CHECKS,
    CLUSTER,
    GLOBAL,
    INSTANCE,
    KINDS,
    MEMBER,
    NODE,
    SETTINGS,
    Scope,
    Setting,
    programs,
)
from floatip.model.settings.documents import documented
from floatip.model.settings.kind_options import KIND_OPTIONS
from floatip.model.settings.kinds import adopted, command
from floatip.model.settings.values import Flag, Fraction
from floatip.model.tracking import Script, TrackFile
from lab.paths import ROOT
from tests.examples import examples
from tests.strategies import TARGETS, another, clusters, plain
from tests.unit.samples import Change, found, parsed, problems_at, put, script
from tests.unit.test_firewall import CASES, read

DEVICE = {"router": {"address": "10.9.1.1", "priority": 120}}


def shared(**settings: object) -> Change:
    """The instance has a device that floatip does not manage."""

    def change(raw: Any) -> None:
        raw["data"]["vrrp_instances"]["VI_1"].update(foreign=DEVICE, **settings)

    return change


def tracked_file(**settings: object) -> Change:
    """The instance tracks a file called `load`."""

    def change(raw: Any) -> None:
        raw["data"]["track_files"] = {"load": settings}
        raw["data"]["vrrp_instances"]["VI_1"]["track_file"] = ["load"]

    return change


OWNERS = {
    Scope.CLUSTER: Cluster,
    Scope.INSTANCE: Instance,
    Scope.MEMBER: Member,
    Scope.CHECK: Script,
    Scope.FILE: TrackFile,
    Scope.NODE: Node,
    Scope.DEVICE: Foreign,
}
PLAIN = plain((*BLOCK, *GLOBAL, *NODE))
NO_SETTINGS = {
    Scope.CLUSTER: {"name", "nodes", "instances", "scripts"},
    Scope.INSTANCE: {"name", "members", "version_chosen", "password", "weights"},
    Scope.MEMBER: {"node", "weights"},
    Scope.CHECK: {"name", "kind", "target", "source"},
    Scope.FILE: {"name"},
    Scope.NODE: {"name", "connection"},
    Scope.DEVICE: {"node"},
}
OTHER: dict[tuple[Scope, str], Change] = {
    (Scope.MEMBER, "interface"): put("d1.VI_1.interface", "eth2"),
    (Scope.MEMBER, "priority"): put("d1.VI_1.priority", 151),
    (Scope.MEMBER, "track_interface"): put("d1.VI_1.track_interface", ["eth2"]),
    (Scope.INSTANCE, "virtual_router_id"): put("VI_1.virtual_router_id", 102),
    (Scope.INSTANCE, "virtual_ipaddress"): put("VI_1.virtual_ipaddress", ["10.9.1.7/24"]),
    (Scope.INSTANCE, "virtual_ipaddress_excluded"): put("VI_1.virtual_ipaddress_excluded", ["fd00::7/64"]),
    (Scope.INSTANCE, "virtual_routes"): put("VI_1.virtual_routes", ["10.9.3.0/24 via 10.9.1.9 dev eth1"]),
    (Scope.INSTANCE, "virtual_rules"): put("VI_1.virtual_rules", ["from 10.9.3.0/24 table 100 priority 9"]),
    (Scope.INSTANCE, "advert_int"): put("VI_1.advert_int", 2),
    (Scope.INSTANCE, "version"): put("VI_1.version", 3),
    (Scope.INSTANCE, "nopreempt"): put("VI_1.nopreempt", True),
    (Scope.INSTANCE, "preempt_delay"): put("VI_1.preempt_delay", 9),
    (Scope.INSTANCE, "unicast"): put("VI_1.unicast", True),
    (Scope.INSTANCE, "authentication"): shared(authentication="env:NOT_THERE"),
    (Scope.INSTANCE, "use_vmac"): put("VI_1.use_vmac", True),
    (Scope.INSTANCE, "track_script"): script(process="nginx"),
    (Scope.INSTANCE, "track_file"): tracked_file(file="/run/load", weight=-1),
}
"""Another value than the one of the good cluster, of those settings on which others depend."""


def other(row: Setting) -> Change:
    """Another value of this setting."""
    if row.managed:
        return OTHER[row.scope, row.key]
    return put(placed(row), another(row))


def placed(row: Setting) -> str:
    """Where a setting of d1, or of what it shares with others, stands in the good cluster."""
    return f"{PREFIXES[row.scope]}{row.key}"


PREFIXES = {Scope.CLUSTER: "data.", Scope.NODE: "d1.", Scope.INSTANCE: "VI_1.", Scope.MEMBER: "d1.VI_1."}
PATHS = {
    Scope.CLUSTER: "",
    Scope.NODE: "nodes.d1.",
    Scope.INSTANCE: "vrrp_instances.VI_1.",
    Scope.MEMBER: "nodes.d1.vrrp.VI_1.",
}


def owner_of(row: Setting, cluster: Cluster) -> Any:
    """What of a cluster this is a setting of."""
    instance = cluster.instances[0]
    owners = {Scope.CLUSTER: cluster, Scope.NODE: cluster.nodes[0], Scope.INSTANCE: instance}
    return owners.get(row.scope, instance.members[0])


def conf(*changes: Change) -> str:
    """The file of d1 after these changes to the good cluster."""
    cluster = parsed(*changes).cluster
    assert cluster is not None, parsed(*changes).problems
    return keepalived_conf(cluster, "d1")


def one_instance() -> Instance:
    """The instance of the good cluster."""
    cluster = parsed().cluster
    assert cluster is not None
    return cluster.instances[0]


def test_no_setting_stands_there_twice() -> None:
    names = [(row.scope, row.key) for row in SETTINGS]
    assert len(names) == len(set(names))
    assert [row for row in SETTINGS if row.page and not (row.label or row.field)] == []


@pytest.mark.parametrize("scope", OWNERS)
def test_every_field_of_the_model_is_a_setting(scope: Scope) -> None:
    model = {field.name: field for field in dataclasses.fields(OWNERS[scope])}
    rows = {row.key: row for row in SETTINGS if row.scope is scope}
    assert set(model) - NO_SETTINGS[scope] == set(rows)
    for key, row in rows.items():
        if key != "version":  # the model has the one that follows from the rest
            assert row.required or model[key].default == row.default, key
            assert row.required == (model[key].default is dataclasses.MISSING), key


def test_the_page_of_the_documentation() -> None:
    text = Path(ROOT, "docs", "inventory.md").read_text(encoding="utf-8")
    assert documented(text) == text, "python -m floatip.model.settings"
    assert [row.key for row in SETTINGS if f"| `{row.key}` |" not in text] == []
    assert documented("<!-- settings of a check -->\nold\n<!-- end -->").count("\n") == len(CHECKS) + 3


@pytest.mark.parametrize("row", [row for row in BLOCK if row.rendered], ids=lambda row: row.key)
def test_the_kind_of_a_change(row: Setting) -> None:
    before, after = conf(), conf(other(row))
    instance = one_instance()
    assert before != after
    assert block_kind(before, after, instance) == KINDS_OF_CHANGE[row.change]
    assert block_kind(after, before, instance) == KINDS_OF_CHANGE[row.change]
    assert block_kind(after, after, instance) == Kind.NOTHING


@pytest.mark.parametrize("row", PLAIN, ids=lambda row: row.key)
def test_a_plain_setting_is_written_rendered_and_adopted(row: Setting) -> None:
    change = other(row)
    cluster = parsed(change).cluster
    assert cluster is not None
    (again,) = loads(dumps(cluster), "lab.py")
    assert again.cluster == cluster
    owner = owner_of(row, cluster)
    assert f"    {f'{row.key} {row.value.words(row.of(owner))}'.rstrip()}\n" in conf(change)
    assert bool(re.search(rf"\b{row.key}\b", conf())) == (row.always or row.scope is Scope.NODE)
    notes = Notes("d1")
    read = file(conf(change), notes)
    assert notes.found == []
    (group,) = read.groups
    there = {Scope.INSTANCE: group.cluster, Scope.MEMBER: group.member}.get(row.scope, read.settings)
    assert there[row.key] == row.plain(owner)
    again_adopted = adopt({name: keepalived_conf(cluster, name) for name in ("d1", "d2")}, {})
    assert again_adopted.findings == ()
    whole = {**again_adopted.data, **again_adopted.hosts["d1"], **again_adopted.data["vrrp_instances"]["VI_1"]}
    assert {**whole, **again_adopted.vrrp["d1"]["VI_1"]}[row.key] == row.plain(owner)


@pytest.mark.parametrize("raw", ["", " 1", "1\n}", "1 }", "$(id)", "@d1", "1!", "٥", 1.5, -1, 10**9, [], {}, (1,)])
@pytest.mark.parametrize("row", PLAIN, ids=lambda row: row.key)
def test_a_plain_setting_takes_nothing_that_it_is_not(row: Setting, raw: object) -> None:
    if (isinstance(row.value, Fraction) and raw == 1.5) or (row.key == "max_auto_priority" and raw == -1):
        raw = "nan"
    problems = found(put(placed(row), raw))
    assert [path for path, _ in problems] == [f"{PATHS[row.scope]}{row.key}"]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("fd00::26", "mixed-families"),
        ("10.9.1.6", "own-address"),
        ("10.9.1.61", "shared-address"),
        ("10.9.1.26/24", "bad-address"),
        ("127.0.0.1", "loopback"),
        ("224.0.0.18", "multicast"),
    ],
)
def test_adverts_come_from_an_address_of_the_server(raw: str, code: str) -> None:
    assert found(put("d1.VI_1.mcast_src_ip", raw)) == {("nodes.d1.vrrp.VI_1.mcast_src_ip", code)}


def test_adverts_come_from_an_address_that_is_there() -> None:
    cluster = parsed(put("d1.VI_1.mcast_src_ip", "10.9.1.26")).cluster
    assert cluster is not None
    assert [str(member.source) for member in cluster.instances[0].members] == ["10.9.1.26", "10.9.1.61"]
    for there, codes in (({"10.9.1.16/24"}, ["address-not-on-interface"]), ({"10.9.1.16/24", "10.9.1.26/32"}, [])):
        link = Link("eth1", True, frozenset(there))
        host = HostState(0, "debian", "12", True, {}, {}, (link,), False, {})
        assert [problem.code for problem in preflight.check(cluster, {"d1": host})] == codes


def test_peers_and_firewalls_go_by_where_adverts_come_from() -> None:
    cluster = parsed(put("d1.VI_1.mcast_src_ip", "10.9.1.26"), put("VI_1.unicast", True)).cluster
    assert cluster is not None
    assert "    unicast_src_ip 10.9.1.26\n" in keepalived_conf(cluster, "d1")
    assert "    unicast_peer {\n        10.9.1.26\n    }\n" in keepalived_conf(cluster, "d2")
    answer = tuple(read(next(case for case in CASES if case.stem == "ufw-0.36.2")).lines())
    for name, source in (("d1", "10.9.1.61"), ("d2", "10.9.1.26")):
        host = HostState(0, "debian", "12", True, {}, {}, (), False, {}, answer)
        said = requirements.firewall_plan(cluster, name, host).changes
        assert [line for line in said if line.endswith(f"from {source}")]
        assert [line for line in said if " from " in line and not line.endswith(source)] == []


@pytest.mark.parametrize("row", plain(BLOCK), ids=lambda row: row.key)
def test_a_raw_line_says_nothing_that_is_set_by_its_own_name(row: Setting) -> None:
    words = row.value.words(another(row)) if isinstance(row.value, Flag) else another(row)
    line = put("VI_1.extra_lines", ["# a comment", f"{row.key} {words}".rstrip()])
    assert found(line) == set()
    assert found(line, other(row)) == {("vrrp_instances.VI_1.extra_lines.1", "said-twice")}


@pytest.mark.parametrize("row", [row for row in BLOCK if row.managed and row.rendered], ids=lambda row: row.key)
def test_a_raw_line_says_nothing_that_rules_rely_on(row: Setting) -> None:
    for keyword in row.rendered:
        line = put("VI_1.extra_lines", [f"{keyword} 1"])
        assert found(line) == (set() if row.tolerated else {("vrrp_instances.VI_1.extra_lines.0", "managed-line")})
        if row.tolerated:
            assert found(line, other(row)) == {("vrrp_instances.VI_1.extra_lines.0", "said-twice")}


@pytest.mark.parametrize(
    ("packages", "release", "known"),
    [
        ({"keepalived": "1:2.1.5-0.2+deb11u1"}, "11", False),
        ({"keepalived": "1:2.2.3-1"}, "11", True),
        ({"keepalived": "1:2.2.7-1+b2"}, "12", True),
        ({"keepalived": "1:2.10.0-1"}, "13", True),
        ({}, "11", False),
        ({}, "13", True),
        ({}, "14", True),
        ({"keepalived": "$(id)"}, "12", True),
    ],
)
def test_a_server_whose_keepalived_does_not_know_a_setting(
    monkeypatch: pytest.MonkeyPatch, packages: dict[str, str], release: str, known: bool
) -> None:
    newer = [dataclasses.replace(row, since=(2, 2, 3)) if row.key == "nopreempt" else row for row in BLOCK]
    monkeypatch.setattr(members, "BLOCK", newer)
    link = Link("eth1", True, frozenset({"10.9.1.16/24"}))
    host = HostState(0, "debian", release, True, packages, {}, (link,), False, {})
    for change, expected in ((put("VI_1.nopreempt", True), not known), (put("VI_1.nopreempt", False), False)):
        cluster = parsed(change).cluster
        assert cluster is not None
        problems = [problem for problem in preflight.check(cluster, {"d1": host}) if problem.level is Level.ERROR]
        codes = {(problem.path, problem.code) for problem in problems}
        assert codes == ({("vrrp_instances.VI_1.nopreempt", preflight.Code.UNKNOWN_SETTING)} if expected else set())


def test_a_server_whose_keepalived_does_not_know_a_setting_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    newer = [dataclasses.replace(row, since=(2, 2, 3)) if row.key == "max_auto_priority" else row for row in GLOBAL]
    monkeypatch.setattr(preflight, "GLOBAL", newer)
    link = Link("eth1", True, frozenset({"10.9.1.16/24"}))
    cluster = parsed(put("data.max_auto_priority", 9)).cluster
    assert cluster is not None
    for version, expected in (("1:2.1.5-0.2", True), ("1:2.2.7-1", False)):
        host = HostState(0, "debian", "12", True, {"keepalived": version}, {}, (link,), False, {})
        codes = [(problem.path, problem.code) for problem in preflight.check(cluster, {"d1": host})]
        assert codes == ([("max_auto_priority", preflight.Code.UNKNOWN_SETTING)] if expected else [])


STRICT = put("data.vrrp_strict", True)


@pytest.mark.parametrize(
    ("key", "value", "refused"),
    [
        ("unicast", True, False),
        ("use_vmac", True, True),
        ("preempt_delay", 5, True),
        ("garp_lower_prio_delay", 5, True),
        ("garp_lower_prio_repeat", 5, True),
        ("garp_lower_prio_delay", 0, False),
        ("nopreempt", True, False),
    ],
)
def test_what_does_not_go_with_strict(key: str, value: object, refused: bool) -> None:
    beside = put(f"VI_1.{key}", value)
    assert found(beside) == set()
    assert found(beside, STRICT) == ({(f"vrrp_instances.VI_1.{key}", "not-strict")} if refused else set())


def test_strict_and_ipv6() -> None:
    v6 = (put("d1.VI_1.address", "fd00::16/64"), put("d2.VI_1.address", "fd00::61/64"))
    at = "vrrp_instances.VI_1.virtual_ipaddress"
    first, second = "fd00::6/64", "fe80::6/64"
    assert (f"{at}.0", "not-strict") in found(*v6, put("VI_1.virtual_ipaddress", [first]), STRICT)
    assert (f"{at}.0", "not-strict") not in found(*v6, put("VI_1.virtual_ipaddress", [second, first]), STRICT)


def test_strict_is_a_warning_of_the_rules_that_keepalived_adds() -> None:
    (problem,) = problems_at("vrrp_strict", STRICT)
    assert (problem.code, problem.level) == ("strict-drops", Level.WARNING)
    assert problems_at("vrrp_strict") == []
    (problem,) = problems_at("vrrp_instances.VI_1.unicast", STRICT, put("VI_1.unicast", True))
    assert (problem.code, problem.level) == ("not-strict", Level.WARNING)
    assert "    vrrp_strict\n" in conf(STRICT)


@pytest.mark.parametrize(("lines", "kept"), [("nopreempt\npreempt", False), ("preempt\nnopreempt", True)])
def test_the_last_word_on_preemption_counts(lines: str, kept: bool) -> None:
    text = conf().replace("    state BACKUP\n", f"    state BACKUP\n{lines}\n")
    notes = Notes("d1")
    (group,) = file(text, notes).groups
    assert (group.cluster.get("nopreempt", False), notes.found) == (kept, [])


def test_a_global_setting_that_is_none_is_left_out_and_told() -> None:
    odd = "router_id a@b\nvrrp_garp_interval 1e-3\nmax_auto_priority\n"
    text = conf().replace("    router_id d1\n", odd)
    adopted = adopt({"d1": text}, {})
    assert [finding.line for finding in adopted.findings] == [5, 6, 7]
    assert {"router_id", "vrrp_garp_interval", "max_auto_priority"} & {*adopted.data, *adopted.hosts["d1"]} == set()


def test_a_switch_that_is_off_is_off() -> None:
    text = conf().replace("global_defs {", "global_defs {\nvrrp_strict off\nvrrp_skip_check_adv_addr no\n")
    adopted = adopt({"d1": text, "d2": text}, {})
    assert {"vrrp_strict", "vrrp_skip_check_adv_addr"} & set(adopted.data) == set()


def test_what_is_said_of_such_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    newer = [dataclasses.replace(row, since=(2, 2, 3)) if row.key == "track_interface" else row for row in BLOCK]
    monkeypatch.setattr(members, "BLOCK", newer)
    link = Link("eth1", True, frozenset({"10.9.1.16/24"}))
    host = HostState(0, "debian", "11", True, {"keepalived": "1:2.1.5-0.2"}, {}, (link,), False, {})
    cluster = parsed(put("d1.VI_1.track_interface", ["eth2"])).cluster
    assert cluster is not None
    (problem,) = preflight.check(cluster, {"d1": host})
    assert problem.path == "nodes.d1.vrrp.VI_1.track_interface"
    assert problem.message == "d1: keepalived 2.1.5 does not know track_interface."
    assert "2.2.3" in problem.hint


@examples(80)
@given(clusters())
def test_the_kind_of_a_check_is_found_again_from_its_command(cluster: Cluster) -> None:
    assert TARGETS.keys() == KINDS.keys()
    for checked in cluster.scripts:
        words = command(checked)
        options = {row.key: row.plain(checked) for row in KIND_OPTIONS if row.given(checked)}
        # What was beside the inventory is found where it was put on the server.
        target = programs.command(checked.program) if checked.program else checked.target
        assert adopted(words) == {checked.kind: target, **options}
        assert all(re.fullmatch(r"[A-Za-z0-9_./,:=@%+~&?*\[\]-]+", word) for word in words)


OTHER_KINDS = [
    (script(process="nginx", status="200"), "status"),
    (script(http="http://h/", insecure=True), "insecure"),
    (script(http="http://h/", ca="/x"), "ca"),
    (script(https="https://h/", server="127.0.0.1"), "server"),
    (script(command="/usr/bin/true", text="x"), "text"),
    (script(dns="h", host="h"), "host"),
]


@pytest.mark.parametrize(("change", "key"), OTHER_KINDS)
def test_a_setting_of_another_kind_of_check(change: Change, key: str) -> None:
    assert found(change) == {(f"vrrp_scripts.web.{key}", "other-kind")}


WRONG_EXPECTATIONS: list[tuple[str, str, str, tuple[Any, ...], str | None]] = [
    ("https", "https://h/", "status", ("", "99", "600", "200-", "299-200", 20, True, "200 201", []), "bad-status"),
    ("http", "http://h/", "text", ("x\ny", " x", "x" * 101), None),
    ("https", "https://h/", "host", ("a b", "-x", "[::1]"), None),
    ("https", "https://h/", "ca", ("x.pem", "/a b", "/a/../b", "/", "/a/"), "bad-file"),
    ("https", "https://h/", "insecure", (1, "yes"), "not-a-flag"),
    ("dns", "h", "server", ("dns.example.org", "10.9.1.2/24", "[::1]", "127.0.0.1:0", "h:53"), "bad-server"),
    ("dns", "h", "record", ("a", "ANY", "", 1), "not-a-choice"),
]


@pytest.mark.parametrize(("kind", "target", "key", "values", "code"), WRONG_EXPECTATIONS)
def test_what_a_check_cannot_expect(kind: str, target: str, key: str, values: tuple[Any, ...], code: str) -> None:
    for value in values:
        ((path, problem),) = found(script(**{kind: target, key: value}))
        assert path == f"vrrp_scripts.web.{key}"
        assert code is None or problem in (code, "empty", "not-text"), (value, problem)


NEEDED = [
    (script(process="nginx"), []),
    (script(dns="localhost"), []),
    (script(unit="nginx"), ["dbus"]),
    (script(https="https://h/"), ["openssl", "ca-certificates"]),
    (script(https="https://h/", ca="/etc/ssl/my-ca.pem"), ["openssl"]),
    (script(https="https://h/", insecure=True), ["openssl"]),
]


@pytest.mark.parametrize(("change", "packages"), NEEDED)
def test_the_packages_that_a_check_needs(change: Change, packages: list[str]) -> None:
    cluster = parsed(change).cluster
    assert cluster is not None
    base = dict.fromkeys(("keepalived", "rsyslog", "logrotate"), "1")
    host = HostState(0, "debian", "12", True, base, {}, (), False, {})
    assert requirements.missing(cluster, host) == packages
    there = dataclasses.replace(host, packages={**base, **dict.fromkeys(packages, "1")})
    assert requirements.missing(cluster, there) == []


def test_the_order_of_an_inventory_is_that_of_the_table() -> None:
    cluster = parsed(*(OTHER[Scope.INSTANCE, key] for key in ("use_vmac", "unicast", "advert_int"))).cluster
    assert cluster is not None
    text = dumps(cluster)
    places = [text.index(f'"{key}"') for key in ("virtual_router_id", "virtual_ipaddress", "advert_int", "unicast")]
    assert places == sorted(places)
    assert {row.key for row in (*INSTANCE, *MEMBER, *CLUSTER)} >= {"advert_int", "priority", "firewall"}
