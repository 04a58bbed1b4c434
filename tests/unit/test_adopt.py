"""Taking over files of anybody's making: nothing is dropped silently, and our own come back as they were."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from floatip.keepalived import conf, render
from floatip.keepalived.adopt import Code, adopt, masked
from floatip.keepalived.conf import read
from floatip.model.cluster import Cluster
from floatip.model.inventory import dumps, raw
from floatip.model.parse import parse as parse_cluster
from tests.examples import examples
from tests.strategies import clusters

ARTICLE = """vrrp_instance VI_1 {
    state MASTER
    interface eth1
    virtual_router_id 101
    priority 101
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass s3cr3t!canary
    }
    virtual_ipaddress {
        10.9.1.6
    }
}
"""
STYLES = """! Configuration File for keepalived
global_defs {
   notification_email { admin@example.org }
   router_id LVS_DEVEL
   vrrp_version 3
}
vrrp_script chk { script "killall -0 haproxy"
  interval 2
  weight -60
  user root
}
vrrp_instance WEB
{
  state BACKUP   # not master
  interface eth1
  virtual_router_id 7
  priority 150
  advert_int 0.5
  nopreempt
  smtp_alert
  notify_master "/usr/local/bin/up.sh now"
  unicast_src_ip 10.9.1.16
  unicast_peer { 10.9.1.61 }
  virtual_ipaddress { 10.9.1.6/24 dev eth1
    10.9.1.7/24 dev eth1 label eth1:0
  }
  track_script { chk weight 5 }
  virtual_routes {
    192.0.2.0/24 via 10.9.1.1
  }
}
include /etc/keepalived/conf.d/*.conf
virtual_server 10.9.1.6 80 {
  lb_algo rr
}
"""


def codes(name: str, hosts: list[tuple[str, dict[str, Any]]], data: dict[str, Any]) -> set[str]:
    """What the core says of it."""
    return {one.code for one in parse_cluster(name, hosts, data).problems}


def test_the_article_s_files() -> None:
    states = {"d1": {"eth1": ["10.9.1.16/24", "10.9.1.6/24"]}, "d2": {"eth1": ["10.9.1.61/24"]}}
    found = adopt({"d1": ARTICLE, "d2": ARTICLE}, states)
    part = {"interface": "eth1", "priority": 101}
    assert found.vrrp == {
        "d1": {"VI_1": {**part, "address": "10.9.1.16/24"}},
        "d2": {"VI_1": {**part, "address": "10.9.1.61/24"}},
    }
    assert found.data == {"vrrp_instances": {"VI_1": {"virtual_router_id": 101, "virtual_ipaddress": ["10.9.1.6/24"]}}}
    left = [(one.node, one.line, one.text) for one in found.findings if one.node == "d1"]
    assert left == [
        ("d1", 7, "authentication"),
        ("d1", 8, "auth_type PASS"),
        ("d1", 9, "auth_pass …"),
        ("d1", 12, "10.9.1.6"),
    ]
    assert "canary" not in repr(found)
    hosts = [(name, {"ssh_hostname": "127.0.0.1", "vrrp": vrrp}) for name, vrrp in found.vrrp.items()]
    assert codes("web", hosts, found.data) >= {"equal-priorities"}


def test_cat_twice_is_told() -> None:
    found = adopt({"d1": ARTICLE + ARTICLE}, {})
    (second,) = [one for one in found.findings if one.line == 15]
    assert (second.text, second.kept) == ("vrrp_instance VI_1", False)
    assert "second time" in second.why


def test_every_line_of_somebody_else_s_file_is_accounted_for() -> None:
    found = adopt({"d1": STYLES}, {"d1": {"eth1": ["10.9.1.16/24"]}})
    assert found.vrrp == {"d1": {"WEB": {"interface": "eth1", "address": "10.9.1.16/24", "priority": 150}}}
    assert found.data["vrrp_scripts"] == {
        "chk": {"command": "killall -0 haproxy", "interval": 2, "timeout": 2, "fall": 1, "rise": 1, "weight": -60}
    }
    assert found.data["vrrp_instances"]["WEB"] == {
        "virtual_router_id": 7,
        "advert_int": 0.5,
        "nopreempt": True,
        "version": 3,
        "unicast": True,
        "virtual_ipaddress": ["10.9.1.6/24", {"address": "10.9.1.7/24", "label": "eth1:0"}],
        "track_script": ["chk"],
        "extra_lines": [
            "smtp_alert",
            'notify_master "/usr/local/bin/up.sh now"',
            "virtual_routes {",
            "192.0.2.0/24 via 10.9.1.1",
            "}",
        ],
    }
    assert found.data["extra_lines"] == ["virtual_server 10.9.1.6 80 {", "lb_algo rr", "}"]
    told = {code: {one.line: one.text for one in found.findings if one.code is code} for code in Code}
    assert set(told[Code.KEPT]) == {20, 21, 28, 29, 33, 34}
    assert set(told[Code.LEFT]) == {1, 3, 14, 32}
    assert (set(told[Code.USER]), set(told[Code.TIMES])) == ({10, 21}, {27})
    assert told[Code.LEFT][32] == "include /etc/keepalived/conf.d/*.conf"


DIFFERENT = [
    ("virtual_router_id 101", "virtual_router_id 102", None),
    ("10.9.1.6\n", "10.9.1.7\n", "VI_1: virtual_ipaddress"),
    ("advert_int 1", "advert_int 2", "VI_1: advert_int 2"),
]


@pytest.mark.parametrize(("mine", "theirs", "told"), DIFFERENT)
def test_what_must_agree_and_does_not(mine: str, theirs: str, told: str | None) -> None:
    found = adopt({"d1": ARTICLE, "d2": ARTICLE.replace(mine, theirs)}, {})
    if told is None:  # another VRID is another group: the core says that nobody stands by
        assert sorted(found.data["vrrp_instances"]) == ["VI_1", "VI_1_2"]
    else:
        assert any(one.node == "d2" and one.text.startswith(told) for one in found.findings)


def block(body: str) -> str:
    """An instance with this in it."""
    return f"vrrp_instance VI_1 {{\n{body}\n}}\n"


ODD = [
    "{" * 5000,
    "vrrp_instance VI_1 " + "{\n" * 5000 + "}" * 5000,
    block("virtual_ipaddress {\n{{VIP}}\n}"),
    block("virtual_ipaddress {\n${VIP}\n{$VIP}\n}\nunicast_peer {\n{\n}\n}"),
    block("track_script {\n{{CHECK}}\n}\ntrack_interface {\n{ }\n}"),
    block("advert_int inf\nadvert_int nan\nadvert_int 1e999\npriority\ninterface\nunicast_src_ip\nstate"),
    block("virtual_router_id 7") * 2,
    "vrrp_script a {\n}\nvrrp_script a {\nscript\nuser\ninterval x\n}\n",
]
WORDS = st.sampled_from(
    [
        *("{", "}", "{{", "}}", '"', "!", "#", "\n", " ", "\t", "\r", "\u2028", "\x00", "\ufeff", "$", "@", "~", "\\"),
        *("vrrp_instance", "VI_1", "vrrp_script", "global_defs", "virtual_ipaddress", "unicast_peer", "track_script"),
        *("10.9.1.6", "10.9.1.6/24", "::6", "dev", "eth1", "label", "script", '"/bin/x y"', "user", "root", "nobody"),
        *("interval", "timeout", "fall", "weight", "-5", "0.5", "nan", "priority", "interface", "state", "MASTER"),
        *("nopreempt", "use_vmac", "unicast_src_ip", "notify_master", "authentication", "advert_int", "include", "x"),
    ]
)
TEXTS = st.lists(st.one_of(WORDS, st.text(max_size=3)), max_size=60).map(" ".join)


@examples(400, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS, TEXTS)
def test_any_text_ends_in_answers_or_in_findings(one: str, two: str) -> None:
    addresses = {"d1": {"eth1": ["10.9.1.16/24"]}, "d2": {"eth1": ["10.9.1.61/24"]}}
    for states in ({}, addresses):
        found = adopt({"d1": one, "d2": two}, states)
        parsed = parse_cluster("odd", [(name, {"vrrp": vrrp}) for name, vrrp in found.vrrp.items()], found.data)
        assert parsed.cluster or parsed.problems
        if parsed.cluster:
            dumps(parsed.cluster)
        assert all(finding.text.isprintable() and len(finding.text) <= 300 for finding in found.findings)
        json.dumps([finding.as_dict() for finding in found.findings])


CHECKED = 'vrrp_script chk {\n script "/usr/bin/x"\n}\n'
NOBODY = "global_defs {\n script_user nobody\n}\n"
UNICAST = "unicast_src_ip 10.9.1.{mine}\nunicast_peer {{\n10.9.1.{theirs}\n}}"
CHANGES = [
    (CHECKED, {"USER 1"}),
    (CHECKED.replace("}", " user root\n}"), {"USER 3"}),
    (CHECKED.replace("}", " user nobody nogroup\n}"), set()),
    (CHECKED.replace("}", " user nobody adm\n}"), {"USER 3"}),
    (NOBODY + CHECKED, set()),
    (NOBODY.replace("nobody", "keepalived_script") + CHECKED, {"USER 4"}),
    (block("notify_master /usr/local/bin/up"), {"USER 2"}),
    (block('notify_master "/usr/local/bin/up now" www-data'), set()),
    (NOBODY + block("notify /usr/local/bin/up"), set()),
    (block("interface eth1\nvirtual_ipaddress {\n10.9.1.6\n10.9.1.7/24\n}"), {"PREFIX 4"}),
    (block("virtual_ipaddress {\n10.9.1.7/24 dev eth2\n}\ninterface eth1"), set()),
    (block("virtual_ipaddress {\n10.9.1.7/24 dev eth1\n}\ninterface eth1"), set()),
    (block("virtual_ipaddress {\n10.9.1.7/24 label eth1:1 dev eth2\n}\ninterface eth1"), set()),
    (block("virtual_ipaddress {\n10.9.1.7/24 dev eth1 no_track\n}\ninterface eth1"), {"LEFT 3"}),
    (block("virtual_ipaddress {\n10.9.1.7/24 label\n}\ninterface eth1"), {"LEFT 3"}),
    (block("track_script {\nchk weight 5\n}"), {"TIMES 3"}),
    (block("track_interface {\neth2 weight -5\n}"), {"TIMES 3"}),
    (block("state MASTER\nnopreempt"), {"ELECTION 3"}),
    (block("state BACKUP\nnopreempt"), set()),
    (block("use_vmac"), {"SOURCE 2"}),
    (block("use_vmac vrrp.101\nvmac_xmit_base\nvirtual_router_id 101"), set()),
    (block("interface eth1\nvirtual_ipaddress {\n10.9.1.6/24\n}\nunicast_src_ip 10.9.1.99"), {"SOURCE 6"}),
    (block("virtual_ipaddress {\n{{VIP}}\n}"), {"LEFT 3"}),
    (CHECKED.replace(" script", " init_fail\n script ") + NOBODY, {"LEFT 2"}),
    (NOBODY + CHECKED + CHECKED, {"LEFT 7", "LEFT 8"}),
]


@pytest.mark.parametrize(("text", "told"), CHANGES, ids=range(len(CHANGES)))
def test_nothing_changes_its_meaning_silently(text: str, told: set[str]) -> None:
    found = adopt({"d1": text}, {"d1": {"eth1": ["10.9.1.16/24"]}})
    assert {f"{one.code.name} {one.line}" for one in found.findings if one.code is not Code.KEPT} == told


PEERS = [
    (["10.9.1.61"], set()),
    (["10.9.1.61", "10.9.1.62"], {"10.9.1.62"}),
    (["10.9.1.62"], {"10.9.1.62", "unicast_peer"}),
    ([], {"unicast_peer"}),
]


@pytest.mark.parametrize(("listed", "told"), PEERS)
@pytest.mark.parametrize("looked", [True, False])
def test_a_peer_that_is_lost_or_new(listed: list[str], told: set[str], looked: bool) -> None:
    ours = "\n".join(listed)
    one = block(f"interface eth1\nunicast_src_ip 10.9.1.16\nunicast_peer {{\n{ours}\n}}")
    two = block("interface eth1\nunicast_src_ip 10.9.1.61\nunicast_peer {\n10.9.1.16\n}")
    states = {"d1": {"eth1": ["10.9.1.16/24"]}, "d2": {"eth1": ["10.9.1.61/24"]}}
    found = adopt({"d1": one, "d2": two}, states if looked else {})
    assert {finding.text for finding in found.findings if finding.code is Code.PEERS} == told


def test_a_peer_of_servers_whose_addresses_are_not_known() -> None:
    def text(peers: str) -> str:
        return block(f"interface eth1\nunicast_peer {{\n{peers}\n}}")

    one, two = text("10.9.1.61"), text("10.9.1.16")
    assert [one.code for one in adopt({"d1": one, "d2": two}, {}).findings] == []
    lost = adopt({"d1": text("10.9.1.61\n10.9.1.62"), "d2": two}, {})
    assert [one.code for one in lost.findings] == [Code.PEERS, Code.PEERS]


def test_what_keepalived_does_without_being_told_is_kept() -> None:
    found = adopt({"d1": NOBODY + CHECKED}, {})
    check = {"command": "/usr/bin/x", "interval": 1, "timeout": 1, "fall": 1, "rise": 1}
    assert (found.data["vrrp_scripts"], found.findings) == ({"chk": check}, ())


def test_the_servers_checks_differ() -> None:
    other = CHECKED.replace("}", " fall 3\n timeout 9\n}")
    found = adopt({"d1": NOBODY + CHECKED, "d2": NOBODY + other}, {})
    told = {(one.node, one.text, one.code) for one in found.findings}
    fall, timeout = "vrrp_script chk: fall 3", "vrrp_script chk: timeout 9"
    assert told == {("d2", fall, Code.SERVERS), ("d2", timeout, Code.SERVERS)}


def test_raw_lines_of_one_server_are_told_to_the_others() -> None:
    found = adopt({"d1": "", "d2": "linkbeat_use_polling\n"}, {})
    assert found.data["extra_lines"] == ["linkbeat_use_polling"]
    assert [(one.node, one.code) for one in found.findings] == [("d1", Code.SERVERS), ("d2", Code.KEPT)]


def test_two_groups_of_one_kind_stay_two() -> None:
    twice = block("interface eth1\nvirtual_router_id 7") + block("interface eth2\nvirtual_router_id 7").replace(
        "VI_1", "VI_2"
    )
    found = adopt({"d1": twice, "d2": twice}, {})
    assert list(found.data["vrrp_instances"]) == ["VI_1", "VI_2"]
    assert {name: one["interface"] for name, one in found.vrrp["d2"].items()} == {"VI_1": "eth1", "VI_2": "eth2"}


def test_an_instance_with_another_name() -> None:
    one = block("virtual_router_id 7")
    found = adopt({"d1": one, "d2": one.replace("VI_1", "WEB")}, {})
    assert [(finding.node, finding.line, finding.code) for finding in found.findings] == [("d2", 1, Code.NAME)]


def test_a_line_separator_is_no_end_of_a_line() -> None:
    found = adopt({"d1": block("# a comment\u2028nopreempt\n")}, {})
    assert "nopreempt" not in found.data["vrrp_instances"]["VI_1"]


@pytest.mark.parametrize("text", ["", "}", "{{{", '"', "a {", "\x00\x1b[31m", "vrrp_instance {\n}", "x" * 9000, *ODD])
def test_no_text_is_too_odd(text: str) -> None:
    read(text)
    adopt({"d1": text, "d2": text}, {})


def test_a_password_is_masked() -> None:
    assert masked("x\n    auth_pass abc def\n+  auth_pass z\ny") == "x\n    auth_pass …\n+  auth_pass …\ny"


@examples(120, suppress_health_check=[HealthCheck.too_slow])
@given(clusters())
def test_our_own_files_come_back(cluster: Cluster) -> None:
    files = {node.name: render.keepalived_conf(cluster, node.name) for node in cluster.nodes}
    addresses: dict[str, dict[str, list[str]]] = {node.name: {} for node in cluster.nodes}
    for instance in cluster.instances:
        for member in instance.members:
            addresses[member.node].setdefault(member.interface, []).append(str(member.address))
    found = adopt(files, addresses)
    assert [one for one in found.findings if one.changed] == []
    text = dumps(cluster)
    known = raw(text, f"{cluster.name}.py")
    assert isinstance(known, tuple)
    hosts = [
        (name, {**{k: v for k, v in data.items() if k != "vrrp"}, "vrrp": found.vrrp[name]}) for name, data in known[0]
    ]
    kept = {key: value for key, value in known[1].items() if key in ("firewall", "log_file")}
    again = parse_cluster(cluster.name, hosts, {**found.data, **kept}).cluster
    assert again is not None
    for node in again.nodes:  # in what order the groups stand matters to nobody
        text = render.keepalived_conf(again, node.name)
        assert conf.same(files[node.name], text)
        assert sorted(text.splitlines()) == sorted(files[node.name].splitlines())
