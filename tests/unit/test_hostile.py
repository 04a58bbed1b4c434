"""Hostile values, through the text of an inventory: each is refused with a problem at its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floatip.keepalived.render import keepalived_conf
from floatip.model.parse import parse
from tests.examples import examples
from tests.unit.samples import good, parsed, put, script

D1 = "nodes.d1"
IN = "nodes.d1.vrrp.VI_1"
VI = "vrrp_instances.VI_1"
VIP = f"{VI}.virtual_ipaddress.0"

# (setting, value, path of the problem, code)
VALUES = [
    # interface names that Linux allows, or that end the line
    ("d1.VI_1.interface", "a;id", f"{IN}.interface", "bad-interface"),
    ("d1.VI_1.interface", "$(id)", f"{IN}.interface", "bad-interface"),
    ("d1.VI_1.interface", "`id`", f"{IN}.interface", "bad-interface"),
    ("d1.VI_1.interface", "eth0!x", f"{IN}.interface", "bad-interface"),
    ("d1.VI_1.interface", "eth0#x", f"{IN}.interface", "bad-interface"),
    ("d1.VI_1.interface", "eth0 x", f"{IN}.interface", "bad-interface"),
    ("d1.VI_1.interface", "eth0\n", f"{IN}.interface", "control-character"),
    ("d1.VI_1.interface", "eth0\ninclude /etc/shadow", f"{IN}.interface", "control-character"),
    ("d1.VI_1.interface", "eth0}\nvrrp_script x {", f"{IN}.interface", "control-character"),
    ("d1.VI_1.interface", "..", f"{IN}.interface", "bad-interface"),
    ("d1.VI_1.interface", "-eth0", f"{IN}.interface", "bad-interface"),
    ("d1.VI_1.interface", "$IFACE", f"{IN}.interface", "bad-interface"),
    ("d1.VI_1.interface", "eth0\\", f"{IN}.interface", "bad-interface"),
    ("d1.VI_1.interface", "еth0", f"{IN}.interface", "bad-interface"),
    ("d1.VI_1.interface", "eth0\u202e", f"{IN}.interface", "control-character"),
    ("d1.VI_1.track_interface", ["eth1{"], f"{IN}.track_interface.0", "bad-interface"),
    # addresses that Python's parsers let through
    ("d1.VI_1.address", "fe80::1%eth0/64", f"{IN}.address", "scope-id"),
    ("d1.VI_1.address", "fe80::1%x\n/64", f"{IN}.address", "control-character"),
    ("d1.VI_1.address", "::ffff:10.9.1.16/120", f"{IN}.address", "mapped-address"),
    ("d1.VI_1.address", "10.9.1.16/24\n", f"{IN}.address", "control-character"),
    ("d1.VI_1.address", "10.9.1.16/24 ", f"{IN}.address", "blank"),
    ("d1.VI_1.address", "10.9.1.16/255.255.255.0", f"{IN}.address", "bad-prefix"),
    ("d1.VI_1.address", "10.9.1.16/٢٤", f"{IN}.address", "bad-prefix"),
    ("d1.VI_1.address", "10.9.1.1٦/24", f"{IN}.address", "bad-address"),
    ("d1.VI_1.address", "10.9.1.016/24", f"{IN}.address", "bad-address"),
    ("d1.VI_1.address", 168362256, f"{IN}.address", "not-text"),
    ("d1.VI_1.address", b"10.9.1.16/24", f"{IN}.address", "not-text"),
    ("VI_1.virtual_ipaddress", ["10.9.1.6/24 dev eth0"], VIP, "bad-prefix"),
    ("VI_1.virtual_ipaddress", ["10.9.1.6/24\n}\nvrrp_script x {"], VIP, "control-character"),
    ("VI_1.virtual_ipaddress", ["10.9.1.6/24 # x"], VIP, "bad-prefix"),
    ("VI_1.virtual_ipaddress", ["10.9.1.6/1_6"], VIP, "bad-prefix"),
    # numbers that int() takes
    ("d1.VI_1.priority", "٥", f"{IN}.priority", "not-a-number"),
    ("d1.VI_1.priority", "1_0", f"{IN}.priority", "not-a-number"),
    ("d1.VI_1.priority", " 51", f"{IN}.priority", "not-a-number"),
    ("d1.VI_1.priority", "51\n", f"{IN}.priority", "not-a-number"),
    ("d1.VI_1.priority", True, f"{IN}.priority", "not-a-number"),
    ("d1.VI_1.priority", 1.0, f"{IN}.priority", "not-a-number"),
    ("d1.VI_1.priority", "0x64", f"{IN}.priority", "not-a-number"),
    ("VI_1.virtual_router_id", "1\n}", f"{VI}.virtual_router_id", "not-a-number"),
    ("VI_1.virtual_router_id", 10**4000, f"{VI}.virtual_router_id", "bad-vrid"),
    ("VI_1.advert_int", "1e0", f"{VI}.advert_int", "not-a-number"),
    ("VI_1.advert_int", "nan", f"{VI}.advert_int", "not-a-number"),
    ("VI_1.nopreempt", "False", f"{VI}.nopreempt", "not-a-flag"),
    # connection settings that become arguments of ssh or another connector
    ("d1.ssh_hostname", "-oProxyCommand=id", f"{D1}.ssh_hostname", "bad-host"),
    ("d1.ssh_hostname", "root@evil.example", f"{D1}.ssh_hostname", "bad-host"),
    ("d1.ssh_hostname", "a b", f"{D1}.ssh_hostname", "bad-host"),
    ("d1.ssh_hostname", "a\0b", f"{D1}.ssh_hostname", "control-character"),
    ("d1.ssh_hostname", "$(id)", f"{D1}.ssh_hostname", "bad-host"),
    ("d1.ssh_hostname", "fe80::1%eth0", f"{D1}.ssh_hostname", "scope-id"),
    ("d1.ssh_user", "-l", f"{D1}.ssh_user", "bad-user"),
    ("d1.ssh_user", "root;id", f"{D1}.ssh_user", "bad-user"),
    ("d1.ssh_key", "-x", f"{D1}.ssh_key", "bad-path"),
    ("d1.ssh_key", "key\nProxyCommand id", f"{D1}.ssh_key", "control-character"),
    ("d1.ssh_strict_host_key_checking", "no", f"{D1}.ssh_strict_host_key_checking", "host-key-unchecked"),
    ("d1.ssh_strict_host_key_checking", "off", f"{D1}.ssh_strict_host_key_checking", "host-key-unchecked"),
    ("d1.ssh_strict_host_key_checking", False, f"{D1}.ssh_strict_host_key_checking", "host-key-unchecked"),
    ("d1.ssh_password", "canary", f"{D1}.ssh_password", "secret"),
    ("d1._sudo_password", "canary", f"{D1}._sudo_password", "secret"),
    ("d1._sudo", "yes; id", f"{D1}._sudo", "not-a-flag"),
    ("d1._shell_executable", "/bin/evil", f"{D1}._shell_executable", "unknown-key"),
    # the escape hatch stays in its place
    ("VI_1.extra_lines", ["include /etc/shadow"], f"{VI}.extra_lines.0", "include"),
    ("VI_1.extra_lines", ["includer /etc/x"], f"{VI}.extra_lines.0", "include"),
    ("VI_1.extra_lines", ["}"], f"{VI}.extra_lines", "unbalanced-braces"),
    ("VI_1.extra_lines", ["}", "vrrp_script x {"], f"{VI}.extra_lines", "unbalanced-braces"),
    ("VI_1.extra_lines", ["a\nb"], f"{VI}.extra_lines.0", "control-character"),
    ("VI_1.extra_lines", ["a \\"], f"{VI}.extra_lines.0", "bad-line"),
    ("VI_1.extra_lines", ['a "b'], f"{VI}.extra_lines.0", "unbalanced-quote"),
    ("VI_1.extra_lines", ['a "{" {'], f"{VI}.extra_lines.0", "bad-line"),
    ("VI_1.extra_lines", ["x { # }"], f"{VI}.extra_lines.0", "bad-line"),
    ("VI_1.extra_lines", ["x { } include /etc/shadow"], f"{VI}.extra_lines.0", "include"),
    ("VI_1.extra_lines", ['"include" /etc/shadow'], f"{VI}.extra_lines.0", "include"),
    ("VI_1.extra_lines", ["x { # \u00e9 {"], f"{VI}.extra_lines.0", "bad-line"),
    ("VI_1.extra_lines", ["a # {", "}"], f"{VI}.extra_lines", "unbalanced-braces"),
    ("VI_1.extra_lines", ['a "{ }', '}"'], f"{VI}.extra_lines.0", "unbalanced-quote"),
    ("VI_1.extra_lines", ['a \\"{ }"'], f"{VI}.extra_lines.0", "bad-line"),
    ("VI_1.extra_lines", ["a \\# {", "}"], f"{VI}.extra_lines.0", "bad-line"),
    ("VI_1.extra_lines", ['a "x\\" {', "}"], f"{VI}.extra_lines.0", "bad-line"),
    ("VI_1.extra_lines", ["a\u00a0{"], f"{VI}.extra_lines.0", "control-character"),
    ("VI_1.extra_lines", ["\u00e9" * 501], f"{VI}.extra_lines.0", "bad-line"),
    ("VI_1.extra_lines", ["$X=}"], f"{VI}.extra_lines.0", "bad-line"),
    ("VI_1.extra_lines", ["@d1 include /x"], f"{VI}.extra_lines.0", "bad-line"),
    ("VI_1.extra_lines", ["~SEQ(x, 1, 9) y"], f"{VI}.extra_lines.0", "bad-line"),
    ("VI_1.extra_lines", ["notify /bin/x root"], f"{VI}.extra_lines.0", "script-as-root"),
    ("data.global_lines", ["script_user root"], "global_lines.0", "managed-line"),
    ("data.global_lines", ['"router_id" x'], "global_lines.0", "managed-line"),
    ("data.global_lines", ["}", "vrrp_script x {"], "global_lines", "unbalanced-braces"),
    ("data.global_lines", ["include /etc/shadow"], "global_lines.0", "include"),
    ("data.extra_lines", ["global_defs {", "script_user root", "}"], "extra_lines.1", "managed-line"),
    ("data.extra_lines", "priority 255", "extra_lines", "not-a-list"),
    ("data.firewall", "none\n", "firewall", "not-a-choice"),
    ("data.log_file", 1, "log_file", "not-a-flag"),
]


@pytest.mark.parametrize(("setting", "value", "path", "code"), VALUES, ids=range(len(VALUES)))
def test_a_hostile_value_is_refused_at_its_place(setting: str, value: object, path: str, code: str) -> None:
    result = parsed(put(setting, value))
    assert result.cluster is None
    assert (path, code) in {(problem.path, problem.code) for problem in result.problems}


# (kind of check, target, code)
TARGETS = [
    ("process", "nginx; id", "bad-process"),
    ("process", "$(id)", "bad-process"),
    ("process", "a/b", "bad-process"),
    ("tcp", "127.0.0.1", "bad-target"),
    ("tcp", "127.0.0.1:80;id", "not-a-number"),
    ("tcp", "::1:80", "bad-target"),
    ("tcp", "-x:80", "bad-host"),
    ("tcp", "h:65536", "out-of-range"),
    ("http", "https://h/", "bad-url"),
    ("http", "file:///etc/passwd", "bad-url"),
    ("http", "http:///x", "bad-url"),
    ("http", "http://u:p@h/", "not-a-number"),
    ("http", "http://u@h/", "bad-host"),
    ("http", 'http://h/"x', "bad-url"),
    ("http", "http://h/$X", "bad-url"),
    ("http", "http://h/{x}", "bad-url"),
    ("http", "http://h/#x", "bad-url"),
    ("http", "http://h/!x", "bad-url"),
    ("http", "http://h/\r\nX: y", "control-character"),
    ("command", "./true", "bad-command"),
    ("command", "/bin/true; id", "bad-command"),
    ("command", "/bin/sh -c 'id'", "bad-command"),
    ("command", '/bin/x "y"', "bad-command"),
    ("command", "/bin/x $HOME", "bad-command"),
    ("command", "/bin/x | y", "bad-command"),
    ("command", "/bin/x {", "bad-command"),
    ("command", "/bin/x #y", "bad-command"),
    ("command", "/bin/x !y", "bad-command"),
    ("command", "/bin/x\\", "bad-command"),
    ("command", "/bin/", "bad-command"),
    ("command", "/bin/x\n}", "control-character"),
    ("command", "/bin/ключ", "bad-command"),
]


@pytest.mark.parametrize(("kind", "target", "code"), TARGETS, ids=range(len(TARGETS)))
def test_a_hostile_target_of_a_check_is_refused(kind: str, target: str, code: str) -> None:
    result = parsed(script(**{kind: target}))
    assert result.cluster is None
    assert (f"vrrp_scripts.web.{kind}", code) in {(problem.path, problem.code) for problem in result.problems}


NODE_NAMES = [
    "@local",
    "@ssh/x",
    "d1;id",
    "d1\n",
    "D1",
    "-d1",
    "",
    "d_1",
    "d" * 64,
    "d1.example",
    "ｄ1",
    "all",
    1,
    None,
]


@pytest.mark.parametrize("name", NODE_NAMES)
def test_a_hostile_server_name_is_refused(name: object) -> None:
    def rename(raw: dict[str, list[tuple[object, object]]]) -> None:
        raw["hosts"][0] = (name, raw["hosts"][0][1])

    result = parsed(rename)
    assert result.cluster is None
    assert "nodes.0" in {problem.path for problem in result.problems}


OBJECT_NAMES = ["VI 1", "VI{", "VI#1", "VI!", "$VI", "@VI", "1VI", "", "V\n}", 'V"', "V" * 32, "Виртуал", 1]


@pytest.mark.parametrize("name", OBJECT_NAMES)
def test_a_hostile_instance_name_is_refused(name: object) -> None:
    def rename(raw: dict[str, dict[str, dict[object, object]]]) -> None:
        instances = raw["data"]["vrrp_instances"]
        instances[name] = instances.pop("VI_1")

    result = parsed(rename)
    assert result.cluster is None
    assert any(problem.path.startswith("vrrp_instances.") for problem in result.problems)


@examples(200)
@given(st.sampled_from([row[0] for row in VALUES]), st.text() | st.text("01248./:-aeht\n {}#!$\"'"))
def test_no_text_leaves_its_line_of_the_configuration(setting: str, value: str) -> None:
    raw = good()
    before = keepalived_conf(_cluster(raw), "d1")
    put(setting, value)(raw)
    cluster = parse(raw["name"], raw["hosts"], raw["data"]).cluster
    if cluster is not None:  # hypothesis has found a value that is good
        after = keepalived_conf(cluster, "d1")
        assert len(after.splitlines()) == len(before.splitlines())
        assert after.isascii()
        assert not set("$!`;\\'\"") & set(after)


def _cluster(raw: dict[str, object]):  # type: ignore[no-untyped-def]
    return parse(raw["name"], raw["hosts"], raw["data"]).cluster  # type: ignore[arg-type]
