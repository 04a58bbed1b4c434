"""Which files mean the same to keepalived, and which do not; what is shown of a difference."""

from __future__ import annotations

import pytest

from floatip.keepalived import conf

HEAD = "vrrp_instance A {\n    interface eth1\n    virtual_router_id 5\n"


def instance(*lines: str, address: str = "10.0.0.1/24") -> str:
    return HEAD + "".join(f"    {line}\n" for line in lines) + f"    virtual_ipaddress {{\n{address}\n}}\n}}\n"


def script(*lines: str) -> str:
    return "vrrp_script S {\n script /bin/x\n" + "".join(f" {line}\n" for line in lines) + "}\n"


def every(*lines: str) -> str:
    return "global_defs {\n" + "".join(f" {line}\n" for line in lines) + "}\n"


BESIDE = instance().replace(" A ", " B ")
SAME = {
    "defaults": (instance("state BACKUP", "priority 100", "advert_int 1", "version 2", "preempt_delay 0"), instance()),
    "a word that is the default": (instance("preempt"), instance()),
    "the last of two words": (instance("nopreempt", "preempt"), instance()),
    "numbers": (instance("advert_int 2.0", "priority 090"), instance("priority 90", "advert_int 2")),
    "a master without a priority": (instance("state MASTER"), instance("state MASTER", "priority 255")),
    "the owner without a state": (instance("priority 255"), instance("state MASTER", "priority 255")),
    "version 3 with IPv6": (instance("version 3", address="fe80::1/64"), instance(address="FE80:0::1/64")),
    "a version for all": (every("vrrp_version 3") + instance(), every("vrrp_version 3") + instance("version 3")),
    "an address without a prefix": (instance(address="10.0.0.1"), instance(address="10.0.0.1/32")),
    "the order of peers": (
        instance("unicast_peer {\n1.1.1.1\n2.2.2.2\n}"),
        instance("unicast_peer {\n2.2.2.2\n1.1.1.1\n}"),
    ),
    "a check's defaults": (script("interval 1", "timeout 1", "rise 1", "fall 1", "weight 0"), script()),
    "no timeout": (script("interval 5", "timeout 0"), script("timeout 5", "interval 5")),
    "words for true": (every("vrrp_higher_prio_send_advert"), every("vrrp_higher_prio_send_advert on")),
    "the order of instances": (
        instance() + instance().replace(" A ", " B "),
        instance().replace(" A ", " B ") + instance(),
    ),
    "the password's block": (
        instance("authentication {\nauth_pass x\nauth_type PASS\n}"),
        instance("authentication {\nauth_type PASS\nauth_pass x\n}"),
    ),
}
OTHER = {
    "another state": (instance("state MASTER", "priority 100"), instance()),
    "a master's priority": (instance("state MASTER"), instance("state MASTER", "priority 100")),
    "version 2 for IPv6": (instance("version 2", address="fe80::1/64"), instance(address="fe80::1/64")),
    "another version for all": (every("vrrp_version 3") + instance(), instance()),
    "the word that counts": (instance("preempt", "nopreempt"), instance()),
    "the order of addresses": (
        instance(address="10.0.0.1/24\n10.0.0.2/24"),
        instance(address="10.0.0.2/24\n10.0.0.1/24"),
    ),
    "a timeout": (script("interval 5", "timeout 4"), script("interval 5")),
    "checks behind their instance": (script() + instance(), instance() + script()),
    "global settings behind": (every("router_id x") + instance(), instance() + every("router_id x")),
    "a password that looks like a number": (
        instance("authentication {\nauth_pass 01\n}"),
        instance("authentication {\nauth_pass 1\n}"),
    ),
    "twice": (every("router_id x") + every("router_id y"), every("router_id y") + every("router_id y")),
    "what is missing": (instance() + "static_routes {\nx\n}\n", instance()),
}


@pytest.mark.parametrize(("text", "other"), SAME.values(), ids=SAME)
def test_they_mean_the_same(text: str, other: str) -> None:
    assert conf.same(text, other)
    assert conf.same(other, text)
    assert conf.unclear(text) == conf.unclear(other) == ""
    if text.count("vrrp_instance") == 1:
        assert conf.same(text, other, "vrrp_instance A")


@pytest.mark.parametrize(("text", "other"), OTHER.values(), ids=OTHER)
def test_they_do_not(text: str, other: str) -> None:
    assert not conf.same(text, other)
    assert not conf.same(other, text)


def test_settings_come_with_their_defaults() -> None:
    found = conf.instances(instance("preempt_delay 0", "nopreempt", "advert_int 0.50"))["A"]
    assert found == {
        "interface": ("eth1",),
        "virtual_router_id": ("5",),
        "nopreempt": (),
        "advert_int": ("0.5",),
        "virtual_ipaddress": ("10.0.0.1/24",),
        "state": ("BACKUP",),
        "priority": ("100",),
        "version": ("2",),
    }
    assert conf.priority(conf.instances(instance("state MASTER"))["A"]) == 255
    assert conf.instances(instance("priority 255"))["A"]["state"] == ("MASTER",)
    assert conf.instances(instance(address="fe80::1/64"))["A"]["version"] == ("3",)


def test_a_default_is_shown_where_the_other_says_something_else() -> None:
    now, then = conf.compared(instance("priority 7", "version 2"), instance("nopreempt"))
    assert [line for line in now if line not in then] == ["    priority 7"]
    assert [line for line in then if line not in now] == ["    nopreempt", "    priority 100"]


@pytest.mark.parametrize(
    "line",
    ["state MASTER\n state BACKUP", "version 2\n version 3", "priority 0", "advert_int 256", "version 4", "state"],
)
def test_what_some_releases_take_otherwise_is_unclear(line: str) -> None:
    assert conf.unclear(instance(line)) == line.rpartition("\n")[2].strip()


def test_the_same_setting_twice_is_clear() -> None:
    assert conf.unclear(instance("priority 5", "priority 5")) == ""
