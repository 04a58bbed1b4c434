"""Plausible mistakes, through the text of an inventory: each is told at its place, naming node and setting."""

# ruff: noqa: E501 - a case is a row

from __future__ import annotations

import pytest

from floatip.model.problems import Level
from tests.unit.samples import Change, Raw, find, found, good, parsed, problems_at, put, script

IN1, IN2 = "nodes.d1.vrrp.VI_1", "nodes.d2.vrrp.VI_1"
VI = "vrrp_instances.VI_1"
VIPS = f"{VI}.virtual_ipaddress"
WEIGHT = "vrrp_scripts.web.weight"


def vips(*values: str) -> Change:
    """These floating addresses."""
    return put("VI_1.virtual_ipaddress", list(values))


def second(interface: str = "eth2", vrid: int = 102, vip: str = "10.9.2.6/24", **settings: object) -> Change:
    """A second instance, on both servers."""

    def change(raw: Raw) -> None:
        block = {"virtual_router_id": vrid, "virtual_ipaddress": [vip], **settings}
        raw["data"]["vrrp_instances"]["VI_2"] = block
        net = "10.9.1" if interface == "eth1" else "10.9.2"
        for (_, data), last, priority in zip(raw["hosts"][:2], (16, 61), (100, 150), strict=True):
            member = {"interface": interface, "address": f"{net}.{last}/24", "priority": priority}
            data["vrrp"]["VI_2"] = member

    return change


def third(**settings: object) -> Change:
    """A third server."""

    def change(raw: Raw) -> None:
        member = {"interface": "eth1", "address": "10.9.1.62/24", "priority": 50, **settings}
        raw["hosts"].append(("d3", {"ssh_strict_host_key_checking": "yes", "vrrp": {"VI_1": member}}))

    return change


def ipv6(raw: Raw) -> None:
    """The same cluster with IPv6 addresses."""
    put("VI_1.virtual_ipaddress", ["fd00::6/64"])(raw)
    put("d1.VI_1.address", "fd00::16/64")(raw)
    put("d2.VI_1.address", "fd00::61/64")(raw)


def without(place: str, key: str) -> Change:
    """Take one setting away: from `d1`, `d1.VI_1` or `VI_1`."""
    return lambda raw: find(raw, place.split(".")).pop(key)


def rename(old: str, new: str) -> Change:
    """Call a server something else."""
    return lambda raw: raw.update(hosts=[(new if name == old else name, data) for name, data in raw["hosts"]])


def only(*names: str) -> Change:
    """Keep only these servers."""
    return lambda raw: raw.update(hosts=[host for host in raw["hosts"] if host[0] in names])


def crowd(raw: Raw) -> None:
    """Nine servers."""
    for number in range(3, 10):
        member = {"interface": "eth1", "address": f"10.9.1.{100 + number}/24", "priority": number}
        raw["hosts"].append((f"d{number}", {"vrrp": {"VI_1": member}}))


# what is wrong: (name, changes, path, code)
MISTAKES: list[tuple[str, tuple[Change, ...], str, str]] = [
    ("equal priorities", (put("d2.VI_1.priority", 150),), f"{IN2}.priority", "equal-priorities"),
    ("priority 255", (put("d1.VI_1.priority", 255),), f"{IN1}.priority", "bad-priority"),
    ("priority 0", (put("d1.VI_1.priority", 0),), f"{IN1}.priority", "bad-priority"),
    ("priority in words", (put("d1.VI_1.priority", "high"),), f"{IN1}.priority", "not-a-number"),
    ("the address of d1 floats", (vips("10.9.1.16/24"),), f"{VIPS}.0", "own-address"),
    ("the address of d2 floats as /32", (vips("10.9.1.61/32"),), f"{VIPS}.0", "own-address"),
    ("an address of the other instance's server", (second(vip="10.9.1.16/24"),), _2 := "vrrp_instances.VI_2.virtual_ipaddress.0", "own-address"),
    ("network address", (vips("10.9.1.0/24"),), f"{VIPS}.0", "subnet-end"),
    ("broadcast address", (vips("10.9.1.255/24"),), f"{VIPS}.0", "subnet-end"),
    ("broadcast address of the servers as /32", (vips("10.9.1.255/32"),), f"{VIPS}.0", "subnet-end"),
    ("loopback floats", (vips("127.0.0.5/8"),), f"{VIPS}.0", "loopback"),
    ("multicast floats", (vips("224.0.0.18/24"),), f"{VIPS}.0", "multicast"),
    ("0.0.0.0 floats", (vips("0.0.0.0/0"),), f"{VIPS}.0", "unspecified"),
    (":: floats", (ipv6, vips("::/64")), f"{VIPS}.0", "unspecified"),
    ("::1 floats", (ipv6, vips("::1/128")), f"{VIPS}.0", "loopback"),
    ("240/4 floats", (vips("240.0.0.1/24"),), f"{VIPS}.0", "reserved-address"),
    ("prefix 0", (vips("10.9.1.6/0"),), f"{VIPS}.0", "bad-prefix"),
    ("prefix 33", (vips("10.9.1.6/33"),), f"{VIPS}.0", "bad-prefix"),
    ("no prefix", (vips("10.9.1.6"),), f"{VIPS}.0", "no-prefix"),
    ("no prefix, of another subnet", (vips("10.9.2.6"),), f"{VIPS}.0", "outside-subnet"),
    ("a range", (vips("10.9.1.6-8/24"),), f"{VIPS}.0", "bad-address"),
    ("octet 300", (vips("10.9.1.300/24"),), f"{VIPS}.0", "bad-address"),
    ("the same address twice", (vips("10.9.1.6/24", "10.9.1.6/32"),), f"{VIPS}.1", "duplicate-address"),
    ("one address in two instances", (second(vip="10.9.1.6/24"),), _2, "duplicate-address"),
    ("IPv4 and IPv6 mixed", (vips("10.9.1.6/24", "fd00::6/64"),), f"{VIPS}.1", "mixed-families"),
    ("IPv6 floats among IPv4 servers", (vips("fd00::6/64"),), f"{IN1}.address", "mixed-families"),
    ("no address", (vips(),), VIPS, "no-address"),
    ("an address without list", (put("VI_1.virtual_ipaddress", "10.9.1.6/24"),), VIPS, "not-a-list"),
    ("256 addresses", (vips(*(f"10.9.{n >> 7}.{n & 127 | 128}/32" for n in range(256))),), VIPS, "too-many-addresses"),
    ("VRID 0", (put("VI_1.virtual_router_id", 0),), f"{VI}.virtual_router_id", "bad-vrid"),
    ("VRID 256", (put("VI_1.virtual_router_id", 256),), f"{VI}.virtual_router_id", "bad-vrid"),
    ("no VRID", (without("VI_1", "virtual_router_id"),), f"{VI}.virtual_router_id", "missing"),
    ("one VRID twice", (second("eth1", 101, "10.9.1.7/24"),), "vrrp_instances.VI_2.virtual_router_id", "duplicate-vrid"),
    ("one virtual MAC twice", (put("VI_1.use_vmac", True), second(vrid=101, use_vmac=True)), "vrrp_instances.VI_2.virtual_router_id", "duplicate-vmac"),
    ("IPv6 with version 2", (ipv6, put("VI_1.version", 2)), f"{VI}.version", "version-ipv6"),
    ("sub-second with version 2", (put("VI_1.version", 2), put("VI_1.advert_int", 0.5)), f"{VI}.advert_int", "version-advert"),
    ("version 4", (put("VI_1.version", 4),), f"{VI}.version", "out-of-range"),
    ("5 ms adverts", (put("VI_1.advert_int", 0.005),), f"{VI}.advert_int", "version-advert"),
    ("15 ms adverts", (put("VI_1.advert_int", 0.015),), f"{VI}.advert_int", "version-advert"),
    ("41 s adverts with version 3", (put("VI_1.version", 3), put("VI_1.advert_int", 41)), f"{VI}.advert_int", "version-advert"),
    ("no adverts", (put("VI_1.advert_int", 0),), f"{VI}.advert_int", "out-of-range"),
    ("300 s adverts", (put("VI_1.advert_int", 300),), f"{VI}.advert_int", "out-of-range"),
    ("nopreempt and preempt_delay", (put("VI_1.nopreempt", True), put("VI_1.preempt_delay", 5)), f"{VI}.preempt_delay", "preempt"),
    ("preempt_delay 1001", (put("VI_1.preempt_delay", 1001),), f"{VI}.preempt_delay", "out-of-range"),
    ("negative weight too small", (script(process="x", weight=-50),), WEIGHT, "weight-too-small"),
    ("positive weight too small", (script(process="x", weight=50),), WEIGHT, "weight-too-small"),
    ("the well-known tool's 101 + 3 against 152", (put("d1.VI_1.priority", 152), put("d2.VI_1.priority", 101), script(process="x", weight=3)), WEIGHT, "weight-too-small"),
    ("weight above 254", (put("d1.VI_1.priority", 254), put("d2.VI_1.priority", 250), script(process="x", weight=5)), WEIGHT, "weight-over-254"),
    ("weight below 1", (put("d1.VI_1.priority", 5), put("d2.VI_1.priority", 1), script(process="x", weight=-100)), WEIGHT, "weight-too-small"),
    ("weight 254", (script(process="x", weight=254),), WEIGHT, "out-of-range"),
    ("weight with nopreempt", (put("VI_1.nopreempt", True), script(process="x", weight=-60)), WEIGHT, "weight-nopreempt"),
    ("a check that is not defined", (put("VI_1.track_script", ["web"]),), f"{VI}.track_script.0", "unknown-script"),
    ("a check that nobody tracks", (put("web.process", "nginx"),), "vrrp_scripts.web", "unused-script"),
    ("a check tracked twice", (script(process="x"), put("VI_1.track_script", ["web", "web"])), f"{VI}.track_script.1", "duplicate-track"),
    ("a check of nothing", (script(interval=2),), "vrrp_scripts.web", "one-check"),
    ("a check of two things", (script(process="x", tcp="h:80"),), "vrrp_scripts.web", "one-check"),
    ("interval half a second", (script(process="x", interval=0.5),), "vrrp_scripts.web.interval", "not-a-number"),
    ("rise 0", (script(process="x", rise=0),), "vrrp_scripts.web.rise", "out-of-range"),
    ("an alias for an interface", (put("d1.VI_1.interface", "eth1:1"),), f"{IN1}.interface", "bad-interface"),
    ("what ip shows for a veth", (put("d1.VI_1.interface", "eth1@if5"),), f"{IN1}.interface", "bad-interface"),
    ("lo", (put("d1.VI_1.interface", "lo"),), f"{IN1}.interface", "loopback-interface"),
    ("a long interface name", (put("d1.VI_1.interface", "a" * 16),), f"{IN1}.interface", "bad-interface"),
    ("tracked twice", (put("d1.VI_1.track_interface", ["eth2", "eth2"]),), f"{IN1}.track_interface.1", "duplicate-track"),
    ("tracked without list", (put("d1.VI_1.track_interface", "eth2"),), f"{IN1}.track_interface", "not-a-list"),
    ("a weight here too small", (script(process="x", weight=-60), put("VI_1.track_script", [{"script": "web", "weight": -50}])), f"{VI}.track_script.0", "weight-too-small"),
    ("a weight here with nopreempt", (put("VI_1.nopreempt", True), script(process="x"), put("VI_1.track_script", [{"script": "web", "weight": -60}])), f"{VI}.track_script.0", "weight-nopreempt"),
    ("weights here above 254", (script(process="x"), put("VI_1.track_script", [{"script": "web", "weight": 105}])), f"{VI}.track_script.0", "weight-over-254"),
    ("an interface's weight too small", (put("d1.VI_1.track_interface", ["eth2", {"interface": "eth3", "weight": -50}]),), f"{IN1}.track_interface.1", "weight-too-small"),
    ("an interface's weight with nopreempt", (put("VI_1.nopreempt", True), put("d1.VI_1.track_interface", [{"interface": "eth2", "weight": -60}])), f"{IN1}.track_interface.0", "weight-nopreempt"),
    ("an interface that adds", (put("d1.VI_1.track_interface", [{"interface": "eth2", "weight": 60}]),), f"{IN1}.track_interface.0", "out-of-range"),
    ("a weight of its own interface", (put("d1.VI_1.track_interface", [{"interface": "eth1", "weight": -60}]),), f"{IN1}.track_interface.0", "tracks-itself"),
    ("a misspelt weight", (script(process="x"), put("VI_1.track_script", [{"script": "web", "wieght": -60}])), f"{VI}.track_script.0", "unknown-key"),
    ("a weight of nothing", (put("d1.VI_1.track_interface", [{"weight": -60}]),), f"{IN1}.track_interface.0", "missing"),
    ("a weight as text", (put("d1.VI_1.track_interface", [{"interface": "eth2", "weight": "much"}]),), f"{IN1}.track_interface.0", "not-a-number"),
    ("both servers have one address", (put("d2.VI_1.address", "10.9.1.16/24"),), f"{IN2}.address", "shared-address"),
    ("two subnets", (put("d2.VI_1.address", "10.9.2.61/24"),), f"{IN2}.address", "split-subnets"),
    ("two masks", (put("d2.VI_1.address", "10.9.1.61/25"),), f"{IN2}.address", "split-subnets"),
    ("network address for a server", (put("d1.VI_1.address", "10.9.1.0/24"),), f"{IN1}.address", "subnet-end"),
    ("a server without prefix", (put("d1.VI_1.address", "10.9.1.16"),), f"{IN1}.address", "no-prefix"),
    ("one address on two interfaces", (second(), put("d1.VI_2.address", "10.9.1.16/24"), put("d2.VI_2.address", "10.9.1.61/24"), put("VI_2.virtual_ipaddress", ["10.9.1.7/24"])), "nodes.d1.vrrp.VI_2.interface", "address-moved"),
    ("one server", (only("d1"),), "nodes", "server-count"),
    ("nine servers", (crowd,), "nodes", "server-count"),
    ("an instance on one server", (third(), second(), lambda raw: raw["hosts"][1][1]["vrrp"].pop("VI_2")), "vrrp_instances.VI_2", "too-few-members"),
    ("a server in no instance", (third(), lambda raw: raw["hosts"][2][1]["vrrp"].clear()), "nodes.d3.vrrp", "idle-server"),
    ("two servers of one name", (rename("d2", "d1"),), "nodes.1", "duplicate-node"),
    ("a server called like the cluster", (rename("d2", "lab"),), "nodes.lab", "name-clash"),
    ("one machine twice", (put("d2.ssh_hostname", "192.0.2.16"),), "nodes.d2.ssh_hostname", "same-server"),
    ("SSH over the floating address", (put("d1.ssh_hostname", "10.9.1.6"),), "nodes.d1.ssh_hostname", "ssh-over-floating"),
    ("SSH port 0", (put("d1.ssh_port", 0),), "nodes.d1.ssh_port", "out-of-range"),
    ("a password", (put("d1.ssh_password", "x"),), "nodes.d1.ssh_password", "secret"),
    ("no priority", (without("d1.VI_1", "priority"),), f"{IN1}.priority", "missing"),
    ("no vrrp", (without("d1", "vrrp"),), "nodes.d1.vrrp", "missing"),
    ("an unknown instance", (put("d1.vrrp", {"VI_2": {"interface": "eth1"}}),), "nodes.d1.vrrp.VI_2", "unknown-instance"),
    ("SSH user for all", (put("data.ssh_user", "root"),), "ssh_user", "misplaced"),
    ("an empty instance: its number", (put("data.vrrp_instances", {"VI_1": {}}),), f"{VI}.virtual_router_id", "missing"),
    ("an empty instance: its address", (put("data.vrrp_instances", {"VI_1": {}}),), VIPS, "missing"),
    ("no instances", (put("data.vrrp_instances", {}), lambda raw: [host[1]["vrrp"].clear() for host in raw["hosts"]]), "vrrp_instances", "no-instance"),
    ("the same in quotes", (put("VI_1.extra_lines", ['"priority" 200']),), f"{VI}.extra_lines.0", "managed-line"),
    ("the same without a blank", (put("VI_1.extra_lines", ['priority"200"']),), f"{VI}.extra_lines.0", "managed-line"),
    ("the same behind braces", (put("VI_1.extra_lines", ["x { } priority 200"]),), f"{VI}.extra_lines.0", "managed-line"),
    ("a raw line for what floatip sets", (put("VI_1.extra_lines", ["priority 200"]),), f"{VI}.extra_lines.0", "managed-line"),
    ("firewall on", (put("data.firewall", "on"),), "firewall", "not-a-choice"),
    ("nopreempt 1", (put("VI_1.nopreempt", 1),), f"{VI}.nopreempt", "not-a-flag"),
]  # fmt: skip


def test_the_good_cluster_has_no_problems() -> None:
    assert parsed().problems == ()
    assert parsed(ipv6).problems == ()
    assert parsed(second(), third()).problems == ()
    assert parsed(script(tcp="127.0.0.1:80", weight=-60)).problems == ()


@pytest.mark.parametrize(("name", "changes", "path", "code"), MISTAKES, ids=[row[0] for row in MISTAKES])
def test_a_mistake_is_told_at_its_place(name: str, changes: tuple[Change, ...], path: str, code: str) -> None:
    result = parsed(*changes)
    assert result.cluster is None, name
    assert (path, code) in found(*changes)


@pytest.mark.parametrize(("name", "changes", "path", "code"), MISTAKES, ids=[row[0] for row in MISTAKES])
def test_each_message_names_the_thing_and_says_how_to_mend_it(
    name: str, changes: tuple[Change, ...], path: str, code: str
) -> None:
    for problem in problems_at(path, *changes):
        words = (problem.message + problem.hint).lower()
        parts = [part for part in path.split(".") if part not in ("nodes", "vrrp", "vrrp_instances", "vrrp_scripts")]
        named = [part for part in parts if part.lower() in words or part.isdigit() or part == "virtual_ipaddress"]
        assert named == parts or path in ("nodes", "vrrp_instances"), name
        assert problem.message.endswith((".", "…"))
        assert problem.hint.endswith((".", "?", "…", "]"))
        assert problem.message.isprintable()


# a misspelt setting: (setting, path, what was meant)
MISSPELT = [
    ("d1.VI_1.prioritty", f"{IN1}.prioritty", "priority"),
    ("d1.VI_1.adress", f"{IN1}.adress", "address"),
    ("d1.VI_1.Interface", f"{IN1}.Interface", "interface"),
    ("d1.ssh_host", "nodes.d1.ssh_host", "ssh_hostname"),
    ("d1.vrpp", "nodes.d1.vrpp", "vrrp"),
    ("VI_1.virtual_router", f"{VI}.virtual_router", "virtual_router_id"),
    ("VI_1.virtual_ip", f"{VI}.virtual_ip", "virtual_ipaddress"),
    ("VI_1.advert_interval", f"{VI}.advert_interval", "advert_int"),
    ("VI_1.no_preempt", f"{VI}.no_preempt", "nopreempt"),
    ("data.vrrp_instance", "vrrp_instance", "vrrp_instances"),
    ("data.fire_wall", "fire_wall", "firewall"),
]


@pytest.mark.parametrize(("setting", "path", "meant"), MISSPELT)
def test_a_misspelt_setting_is_told_with_the_one_that_was_meant(setting: str, path: str, meant: str) -> None:
    (problem,) = problems_at(path, put(setting, 1))
    assert problem.code == "unknown-key"
    assert problem.hint == f"Did you mean {meant!r}?"


# what deserves a look but may be meant: (name, changes, path, code, level)
DOUBTS: list[tuple[str, tuple[Change, ...], str, str, Level]] = [
    ("outside the subnet", (vips("198.51.100.6/32"),), f"{VIPS}.0", "outside-subnet", Level.WARNING),
    ("a wide prefix", (vips("10.9.1.6/2"),), f"{VIPS}.0", "wide-prefix", Level.WARNING),
    ("two subnets, unicast", (put("VI_1.unicast", True), put("d2.VI_1.address", "10.9.2.61/24")), f"{IN2}.address", "split-subnets", Level.WARNING),
    ("virtual MAC, unicast", (put("VI_1.unicast", True), put("VI_1.use_vmac", True)), f"{VI}.use_vmac", "unicast-vmac", Level.WARNING),
    ("a check of the floating address", (script(tcp="10.9.1.6:80"),), "vrrp_scripts.web.tcp", "checks-floating", Level.WARNING),
    ("a weight that moves it once only", (third(priority=10), script(process="x", weight=-60)), WEIGHT, "weight-too-small", Level.WARNING),
    ("a backup's interface that cannot move it", (third(priority=10), put("d2.VI_1.track_interface", [{"interface": "eth2", "weight": -60}])), f"{IN2}.track_interface.0", "weight-too-small", Level.WARNING),
    ("a weight here that waits", (put("VI_1.preempt_delay", 5), script(process="x"), put("VI_1.track_script", [{"script": "web", "weight": -60}])), f"{VI}.track_script.0", "weight-delayed", Level.INFO),
    ("a weight that waits", (put("VI_1.preempt_delay", 5), script(process="x", weight=-60)), WEIGHT, "weight-delayed", Level.INFO),
    ("its own interface", (put("d1.VI_1.track_interface", ["eth1"]),), f"{IN1}.track_interface.0", "tracks-itself", Level.INFO),
    ("the first key is taken", (put("d2.ssh_strict_host_key_checking", "accept-new"),), "nodes.d2.ssh_strict_host_key_checking", "first-key-taken", Level.INFO),
    ("raw lines", (put("VI_1.extra_lines", ["garp_master_delay 2"]),), f"{VI}.extra_lines", "unchecked", Level.INFO),
]  # fmt: skip


@pytest.mark.parametrize(("name", "changes", "path", "code", "level"), DOUBTS, ids=[row[0] for row in DOUBTS])
def test_a_doubt_does_not_block(name: str, changes: tuple[Change, ...], path: str, code: str, level: Level) -> None:
    result = parsed(*changes)
    assert result.cluster is not None, result.problems
    assert (path, code, level) in {(problem.path, problem.code, problem.level) for problem in result.problems}, name


def test_all_problems_are_told_at_once() -> None:
    changes = [put("d1.VI_1.priority", 999), put("d2.VI_1.interface", "a;id"), put("VI_1.virtual_router_id", 0)]
    changes += [vips("10.9.1.16/24", "10.9.1.6"), put("data.fire_wall", 1), script(process="x", weight=-5, rise=0)]
    assert found(*changes) == {
        (f"{IN1}.priority", "bad-priority"),
        (f"{IN2}.interface", "bad-interface"),
        (f"{VI}.virtual_router_id", "bad-vrid"),
        (f"{VIPS}.0", "own-address"),
        (f"{VIPS}.1", "no-prefix"),
        ("fire_wall", "unknown-key"),
        ("vrrp_scripts.web.rise", "out-of-range"),
    }


def test_enough_cases() -> None:
    assert len(MISTAKES) >= 40
    assert good()["data"]["vrrp_scripts"] == {}
