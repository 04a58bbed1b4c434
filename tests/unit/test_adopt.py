"""Taking over files of anybody's making: nothing is dropped silently, and our own come back as they were."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from floatip.keepalived import conf, render
from floatip.keepalived.adopt import Adopted, Asked, Code, adopt, masked, placeholders, together
from floatip.keepalived.conf import read
from floatip.model.cluster import Cluster
from floatip.model.inventory import dumps, loads, raw
from floatip.model.parse import Parsed
from floatip.model.parse import parse as parse_cluster
from floatip.model.problems import errors
from floatip.model.settings import KINDS
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


def parsed(found: Adopted) -> Parsed:
    """What the core makes of it."""
    return parse_cluster("web", [(name, {"vrrp": vrrp}) for name, vrrp in found.vrrp.items()], found.data)


def answers(found: Adopted) -> dict[str, str]:
    """What was decided."""
    return {question.key: question.choice for question in found.questions}


def codes(name: str, hosts: list[tuple[str, dict[str, Any]]], data: dict[str, Any]) -> set[str]:
    """What the core says of it."""
    return {problem.code for problem in parse_cluster(name, hosts, data).problems}


def test_the_article_s_files() -> None:
    states = {"d1": {"eth1": ["10.9.1.16/24", "10.9.1.6/24"]}, "d2": {"eth1": ["10.9.1.61/24"]}}
    found = adopt({"d1": ARTICLE, "d2": ARTICLE}, states)
    assert found.vrrp == {
        "d1": {"VI_1": {"interface": "eth1", "priority": 101, "address": "10.9.1.16/24"}},
        "d2": {"VI_1": {"interface": "eth1", "priority": 100, "address": "10.9.1.61/24"}},
    }
    assert found.data == {"vrrp_instances": {"VI_1": {"virtual_router_id": 101, "virtual_ipaddress": ["10.9.1.6/24"]}}}
    left = sorted((finding.node, finding.line, finding.text) for finding in found.findings if finding.node == "d1")
    assert left == [("d1", 7, "authentication {…}"), ("d1", 12, "10.9.1.6")]
    assert "canary" not in repr(found)
    hosts = [(name, {"ssh_hostname": "127.0.0.1", "vrrp": vrrp}) for name, vrrp in found.vrrp.items()]
    assert codes("web", hosts, found.data) & {problem.code for problem in errors(parsed(found).problems)} == set()
    assert answers(found) == {"prefix VI_1": "/24", "leader VI_1": "d1"}


def test_cat_twice_is_told() -> None:
    found = adopt({"d1": ARTICLE + ARTICLE}, {})
    (second,) = [finding for finding in found.findings if finding.line == 15]
    assert (second.text, second.last, second.kept) == ("vrrp_instance VI_1 {…}", 26, False)
    assert "second time" in second.why


def test_every_line_of_somebody_else_s_file_is_accounted_for() -> None:
    found = adopt({"d1": STYLES}, {"d1": {"eth1": ["10.9.1.16/24"]}})
    assert found.vrrp == {"d1": {"WEB": {"interface": "eth1", "address": "10.9.1.16/24", "priority": 150}}}
    assert found.data["vrrp_scripts"] == {
        "chk": {"process": "haproxy", "interval": 2, "timeout": 2, "fall": 1, "rise": 1, "weight": 0}
    }
    assert found.data["vrrp_instances"]["WEB"] == {
        "virtual_router_id": 7,
        "advert_int": 0.5,
        "nopreempt": True,
        "version": 3,
        "unicast": True,
        "virtual_ipaddress": ["10.9.1.6/24", {"address": "10.9.1.7/24", "label": "eth1:0"}],
        "track_script": ["chk"],
        "smtp_alert": True,
        "notify_master": {"run": "/usr/local/bin/up.sh now", "user": "root"},
        "extra_lines": [
            "virtual_routes {",
            "192.0.2.0/24 via 10.9.1.1",
            "}",
        ],
    }
    assert found.data["extra_lines"] == ["virtual_server 10.9.1.6 80 {", "lb_algo rr", "}"]
    findings = {
        code: {(finding.line, finding.last): finding.text for finding in found.findings if finding.code is code}
        for code in Code
    }
    assert set(findings[Code.KEPT]) == {(28, 29), (33, 34)}
    assert set(findings[Code.LEFT]) == {(1, 1), (14, 14), (32, 32)}
    assert (set(findings[Code.CHECK]), set(findings[Code.USER]), set(findings[Code.TIMES])) == ({(7, 0)}, set(), set())
    assert findings[Code.LEFT][32, 32] == "include /etc/keepalived/conf.d/*.conf"
    assert answers(found) == {"weight chk": "0"}


DIFFERENT = [
    ("virtual_router_id 101", "virtual_router_id 102", "virtual_router_id 102"),
    ("10.9.1.6\n", "10.9.1.7\n", "VI_1: virtual_ipaddress"),
    ("advert_int 1", "advert_int 2", "VI_1: advert_int 2"),
]


@pytest.mark.parametrize(("mine", "theirs", "expected"), DIFFERENT)
def test_what_must_agree_and_does_not(mine: str, theirs: str, expected: str) -> None:
    found = adopt({"d1": ARTICLE, "d2": ARTICLE.replace(mine, theirs)}, {})
    assert list(found.data["vrrp_instances"]) == ["VI_1"]
    assert any(
        (finding.node, finding.code) == ("d2", Code.SERVERS) and finding.text.startswith(expected)
        for finding in found.findings
    )


def test_two_instances_that_have_nothing_in_common_stay_two() -> None:
    other = ARTICLE.replace("VI_1", "WEB").replace("101", "102").replace("10.9.1.6", "10.9.1.7")
    found = adopt({"d1": ARTICLE, "d2": other}, {})
    assert sorted(found.data["vrrp_instances"]) == ["VI_1", "WEB"]
    assert answers(found)["member VI_1"] == "backup"
    assert errors(parsed(found).problems) == ()
    alone = adopt({"d1": ARTICLE, "d2": other}, {}, {"member WEB": "left out"})
    assert list(alone.data["vrrp_instances"]) == ["VI_1"]


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


@examples(150, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS, TEXTS)
def test_any_text_ends_in_answers_or_in_findings(text: str, second: str) -> None:
    addresses = {"d1": {"eth1": ["10.9.1.16/24"]}, "d2": {"eth1": ["10.9.1.61/24"]}}
    for states in ({}, addresses):
        found = adopt({"d1": text, "d2": second}, states)
        parsed = parse_cluster("odd", [(name, {"vrrp": vrrp}) for name, vrrp in found.vrrp.items()], found.data)
        assert parsed.cluster or parsed.problems
        if parsed.cluster:
            dumps(parsed.cluster)
        assert all(finding.text.isprintable() and len(finding.text) <= 300 for finding in found.findings)
        json.dumps([finding.as_dict() for finding in found.findings])


CHECKED = 'vrrp_script chk {\n script "/usr/bin/x"\n}\n'
CHECKED_AS_NOBODY = CHECKED.replace("}", " user nobody\n}")
NOBODY = "global_defs {\n script_user nobody\n}\n"
UNICAST = "unicast_src_ip 10.9.1.{mine}\nunicast_peer {{\n10.9.1.{theirs}\n}}"
CHANGES = [
    (CHECKED, set()),
    (CHECKED.replace("}", " user root\n}"), set()),
    (CHECKED.replace("}", " user 1000\n}"), {"USER 3"}),
    (CHECKED.replace("}", " user nobody nogroup\n}"), set()),
    (CHECKED.replace("}", " user nobody adm\n}"), set()),
    (NOBODY + CHECKED, set()),
    (NOBODY.replace("nobody", "keepalived_script") + CHECKED, set()),
    (block("notify_master /usr/local/bin/up"), set()),
    (block('notify_master "/usr/local/bin/up now" www-data'), set()),
    (NOBODY + block("notify /usr/local/bin/up"), set()),
    (block("interface eth1\nvirtual_ipaddress {\n10.9.1.6\n10.9.1.7/24\n}"), {"PREFIX 4"}),
    (block("virtual_ipaddress {\n10.9.1.7/24 dev eth2\n}\ninterface eth1"), set()),
    (block("virtual_ipaddress {\n10.9.1.7/24 dev eth1\n}\ninterface eth1"), set()),
    (block("virtual_ipaddress {\n10.9.1.7/24 label eth1:1 dev eth2\n}\ninterface eth1"), {"LEFT 3"}),
    (block("virtual_ipaddress {\n10.9.1.7/24 dev eth1 no_track\n}\ninterface eth1"), set()),
    (block("virtual_ipaddress {\n10.9.1.7/24 label\n}\ninterface eth1"), {"LEFT 3"}),
    (block("track_script {\nchk weight 5\n}"), set()),
    (block("track_script {\nchk weight 5 reverse\n}"), {"TIMES 3"}),
    (block("track_interface {\neth2 weight -5\n}"), set()),
    (block("track_interface {\neth2 weight 5\n}\npriority 100"), {"ELECTION 2"}),
    (block("interface eth2\ntrack_interface {\neth2 weight -5\n}"), {"TIMES 3"}),
    (block("state MASTER\nnopreempt"), set()),
    (block("state MASTER\npreempt_delay 9"), {"ELECTION 3"}),
    (block("state SLAVE"), {"ELECTION 2"}),
    (block("state BACKUP\nnopreempt"), set()),
    (block("use_vmac"), {"SOURCE 2"}),
    (block("use_vmac vrrp.101\nvmac_xmit_base\nvirtual_router_id 101"), set()),
    (block("interface eth1\nvirtual_ipaddress {\n10.9.1.6/24\n}\nunicast_src_ip 10.9.1.99"), {"SOURCE 6"}),
    (block("virtual_ipaddress {\n{{VIP}}\n}"), {"LEFT 3"}),
    (CHECKED.replace(" script", " init_fail\n script ") + NOBODY, set()),
    (CHECKED.replace(" script", " # why\n script ") + NOBODY, {"LEFT 2"}),
    (NOBODY + CHECKED + CHECKED, {"LEFT 7"}),
]


TRACKED = "vrrp_instance LAST {\n virtual_router_id 9\n track_script {\n chk\n }\n}\n"
"""Nobody adopts a check that no instance tracks."""


@pytest.mark.parametrize(("text", "expected"), CHANGES, ids=range(len(CHANGES)))
def test_nothing_changes_its_meaning_silently(text: str, expected: set[str]) -> None:
    text += TRACKED if "vrrp_script" in text else CHECKED_AS_NOBODY if "chk weight" in text else ""
    found = adopt({"d1": text}, {"d1": {"eth1": ["10.9.1.16/24"]}})
    assert {
        f"{finding.code.name} {finding.line}" for finding in found.findings if finding.code is not Code.KEPT
    } == expected


@pytest.mark.parametrize(
    ("text", "user"),
    [
        (CHECKED, "root"),
        (CHECKED.replace("}", " user nobody nogroup\n}"), None),
        (CHECKED.replace("}", " user www-data adm\n}"), "www-data adm"),
        (NOBODY + CHECKED, None),
        (NOBODY.replace("nobody", "keepalived_script") + CHECKED, "keepalived_script"),
    ],
)
def test_a_check_goes_on_as_the_user_that_it_ran_as(text: str, user: str | None) -> None:
    assert adopt({"d1": text + TRACKED}, {}).data["vrrp_scripts"]["chk"].get("user") == user


def test_a_check_that_another_user_runs_on_another_server_is_told() -> None:
    other = CHECKED.replace("}", " user www-data\n}") + TRACKED
    found = adopt({"d1": CHECKED + TRACKED, "d2": other}, {})
    assert [(finding.node, finding.text) for finding in found.findings if finding.code is Code.SERVERS] == (
        [("d2", "vrrp_script chk: user www-data")]
    )


PEERS = [
    (["10.9.1.61"], set()),
    (["10.9.1.61", "10.9.1.62"], {"10.9.1.62"}),
    (["10.9.1.62"], {"10.9.1.62", "unicast_peer"}),
    ([], {"unicast_peer"}),
]


@pytest.mark.parametrize(("listed", "expected"), PEERS)
@pytest.mark.parametrize("looked", [True, False])
def test_a_peer_that_is_lost_or_new(listed: list[str], expected: set[str], looked: bool) -> None:
    ours = "\n".join(listed)
    text = block(f"interface eth1\nunicast_src_ip 10.9.1.16\nunicast_peer {{\n{ours}\n}}")
    second = block("interface eth1\nunicast_src_ip 10.9.1.61\nunicast_peer {\n10.9.1.16\n}")
    states = {"d1": {"eth1": ["10.9.1.16/24"]}, "d2": {"eth1": ["10.9.1.61/24"]}}
    found = adopt({"d1": text, "d2": second}, states if looked else {})
    assert {finding.text for finding in found.findings if finding.code is Code.PEERS} == expected


def test_a_peer_of_servers_whose_addresses_are_not_known() -> None:
    def text(peers: str) -> str:
        return block(f"interface eth1\nunicast_peer {{\n{peers}\n}}")

    first, second = text("10.9.1.61"), text("10.9.1.16")
    assert [finding.code for finding in adopt({"d1": first, "d2": second}, {}).findings] == []
    lost = adopt({"d1": text("10.9.1.61\n10.9.1.62"), "d2": second}, {})
    assert [finding.code for finding in lost.findings] == [Code.PEERS, Code.PEERS]


def test_what_keepalived_does_without_being_told_is_kept() -> None:
    found = adopt({"d1": NOBODY + CHECKED + TRACKED}, {})
    check = {"command": "/usr/bin/x", "interval": 1, "timeout": 1, "fall": 1, "rise": 1}
    assert (found.data["vrrp_scripts"], found.findings) == ({"chk": check}, ())


def test_the_servers_checks_differ() -> None:
    other = CHECKED.replace("}", " fall 3\n timeout 9\n}")
    found = adopt({"d1": NOBODY + CHECKED + TRACKED, "d2": NOBODY + other + TRACKED}, {})
    findings = {(finding.node, finding.text, finding.code) for finding in found.findings}
    fall, timeout = "vrrp_script chk: fall 3", "vrrp_script chk: timeout 9"
    assert findings == {("d2", fall, Code.SERVERS), ("d2", timeout, Code.SERVERS)}


def test_raw_lines_of_one_server_are_told_to_the_others() -> None:
    found = adopt({"d1": "", "d2": "linkbeat_use_polling\n"}, {})
    assert found.data["extra_lines"] == ["linkbeat_use_polling"]
    assert [(finding.node, finding.code) for finding in found.findings] == [("d1", Code.SERVERS), ("d2", Code.KEPT)]


def test_two_groups_of_one_kind_stay_two() -> None:
    twice = block("interface eth1\nvirtual_router_id 7") + block("interface eth2\nvirtual_router_id 7").replace(
        "VI_1", "VI_2"
    )
    found = adopt({"d1": twice, "d2": twice}, {})
    assert list(found.data["vrrp_instances"]) == ["VI_1", "VI_2"]
    assert {name: group["interface"] for name, group in found.vrrp["d2"].items()} == {"VI_1": "eth1", "VI_2": "eth2"}


NETWORKS = "".join(
    f"vrrp_instance VI_{number} {{\n interface eth{number}\n virtual_router_id {number}\n priority 100\n"
    f" virtual_ipaddress {{ 10.9.{number}.6/24 }}\n}}\n"
    for number in (1, 2)
)
KNOWN = [
    (["10.9.1.16/24"], ["10.9.1.16/24", "10.9.2.7/24"], {"d1 VI_2", "d2", "d2 VI_2"}),
    (["10.9.2.16/24", "10.9.1.16/24"], ["10.9.1.16/24", "10.9.2.16/24"], {"d2", "d2 VI_2"}),
]


@pytest.mark.parametrize(("known", "own", "asked"), KNOWN)
def test_an_address_is_that_of_the_interface_in_its_network(known: list[str], own: list[str], asked: set[str]) -> None:
    """One that fits no network of an instance is not taken for it, where there is another interface."""
    found = adopt({"d1": NETWORKS, "d2": NETWORKS}, {"d1": {"": known}})
    parts = found.vrrp["d1"].values()
    assert [(part["interface"], part["address"]) for part in parts] == [("eth1", own[0]), ("eth2", own[1])]
    (question,) = (question for question in found.questions if question.code is Asked.ADDRESS)
    assert {name for name, _ in question.choices} == asked


@pytest.mark.parametrize("names", ["{ VI_1 VI_2 }", "{\n VI_1 VI_2\n}", "{\n VI_1\n VI_2 ! both\n}"])
def test_the_names_of_a_group_in_any_layout(names: str) -> None:
    text = f"{NETWORKS}vrrp_sync_group both {{\n group {names}\n}}\n"
    assert conf.groups(text) == {"both": {"VI_1", "VI_2"}}
    assert adopt({"d1": text}, {}).data["vrrp_sync_group"] == {"both": ["VI_1", "VI_2"]}


def test_an_instance_with_another_name() -> None:
    text = block("virtual_router_id 7")
    found = adopt({"d1": text, "d2": text.replace("VI_1", "WEB")}, {})
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


@examples(60, suppress_health_check=[HealthCheck.too_slow])
@given(clusters())
def test_our_own_files_come_back(cluster: Cluster) -> None:
    files = {node.name: render.keepalived_conf(cluster, node.name) for node in cluster.nodes}
    addresses: dict[str, dict[str, list[str]]] = {node.name: {} for node in cluster.nodes}
    for instance in cluster.instances:
        for member in instance.members:
            addresses[member.node].setdefault(member.interface, []).append(str(member.address))
    found = adopt(files, addresses)
    assert [finding for finding in found.findings if finding.changed] == []
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


COMMANDS = [
    ("killall -0 nginx", "process nginx", True),
    ("/usr/bin/killall -0 nginx", "process nginx", True),
    ("pidof haproxy", "process haproxy", True),
    ("pgrep -x nginx", "process nginx", True),
    ("pgrep nginx", "process nginx", False),
    ("pgrep -f 'caddy run'", "process caddy", False),
    ("/sbin/service haproxy status", "unit haproxy.service", True),
    ("systemctl is-active --quiet nginx", "unit nginx.service", True),
    ("nc -z -w 2 127.0.0.1 80", "tcp 127.0.0.1:80", True),
    ("/usr/bin/nc -zv ::1 5432", "tcp [::1]:5432", True),
    ("curl -sf -o /dev/null http://127.0.0.1/health", "http http://127.0.0.1/health", False),
    ("/usr/bin/check", "", True),
    ("iptables -L", "command /usr/sbin/iptables -L", False),
    ('\\"/etc/keepalived/check.sh\\"', "command /etc/keepalived/check.sh", False),
    ("ss -ltn | grep :80", "none", False),
    ("killall -9 nginx", "command /usr/bin/killall -9 nginx", False),
]


@pytest.mark.parametrize(("command", "becomes", "certain"), COMMANDS)
def test_a_command_becomes_the_check_that_looks_at_the_same(command: str, becomes: str, *, certain: bool) -> None:
    text = CHECKED.replace('"/usr/bin/x"' if command.startswith("\\") else "/usr/bin/x", command)
    found = adopt({"d1": text + TRACKED}, {})
    kind, _, target = (becomes or f"command {command}").partition(" ")
    scripts = found.data.get("vrrp_scripts", {})
    assert {key: value for block in scripts.values() for key, value in block.items() if key in KINDS} == (
        {kind: target} if target else {}
    )
    assert (answers(found).get("check chk", "") == "") is certain
    assert any(finding.code is Code.CHECK for finding in found.findings) is (certain and bool(becomes))
    if kind == "none":  # said once, with the place where it was tracked
        assert [finding.line for finding in found.findings if finding.code is Code.LEFT] == [1]
        assert "track_script" not in found.data["vrrp_instances"]["LAST"]


def test_an_answer_counts() -> None:
    text = CHECKED.replace("/usr/bin/x", "pgrep nginx") + TRACKED
    for answer, script in (
        ("tcp 127.0.0.1:80", {"tcp": "127.0.0.1:80"}),
        ("none", None),
        ("nonsense", {"process": "nginx"}),
    ):
        scripts = adopt({"d1": text}, {}, {"check chk": answer}).data.get("vrrp_scripts", {}).get("chk")
        assert (script is None and scripts is None) or (scripts and script and scripts.items() >= script.items())


DECIDED = [
    ("priority 101", "priority 255", {"priority VI_1": "d1 254, d2 253"}),
    ("state MASTER", "state MASTER\n    nopreempt", {"leader VI_1": "d1", "preemption VI_1": "preempt"}),
    ("state MASTER", "nopreempt", {"leader VI_1": "d1"}),
    ("10.9.1.6", "VIP", {"leader VI_1": "d1", "values VI_1": "virtual_ipaddress.0 192.0.2.10/24"}),
    ("10.9.1.6", "", {"leader VI_1": "d1", "values VI_1": "virtual_ipaddress 192.0.2.10/24"}),
    ("eth1", "__NIC__:0 x", {"leader VI_1": "d1", "values VI_1": "interface eth0"}),
]


@pytest.mark.parametrize(("written", "instead", "expected"), DECIDED)
def test_what_cannot_be_decided_has_one_obvious_answer(written: str, instead: str, expected: dict[str, str]) -> None:
    text = ARTICLE.replace("10.9.1.6", "10.9.1.6/24").replace(
        f"{written}/24" if written == "10.9.1.6" else written, instead
    )
    found = adopt({"d1": text, "d2": text}, {})
    assert {key: value for key, value in answers(found).items() if key != "address"} == expected
    assert "address" in answers(found)
    assert errors(parsed(found).problems) == ()


def test_nopreempt_counts_as_it_does_on_the_one_that_leads() -> None:
    text = ARTICLE.replace("state MASTER", "state BACKUP")
    stays = text.replace("priority 101", "priority 150\n    nopreempt")
    led, follows = (
        adopt(files, {})
        for files in (
            {"d1": stays, "d2": text},
            {"d1": text, "d2": text.replace("priority 101", "priority 90\n nopreempt")},
        )
    )
    assert led.data["vrrp_instances"]["VI_1"]["nopreempt"] is True
    assert "nopreempt" not in follows.data["vrrp_instances"]["VI_1"]
    assert (answers(led)["preemption VI_1"], answers(follows)["preemption VI_1"]) == ("nopreempt", "preempt")


def test_a_stand_in_is_nobody_s_address() -> None:
    """Neither that of another instance nor that of another server."""
    text = ARTICLE.replace("10.9.1.6", "10.9.1.6/24")
    second = text.replace("VI_1", "VI_2").replace("101", "102").replace("10.9.1.6/24", "10.9.1.7/24")
    found = adopt({"d1": text + second, "d2": text + second}, {})
    assert {part["address"] for vrrp in found.vrrp.values() for part in vrrp.values()} == {"10.9.1.8/24", "10.9.1.9/24"}
    assert [instance["virtual_ipaddress"] for instance in found.data["vrrp_instances"].values()] == [
        ["10.9.1.6/24"],
        ["10.9.1.7/24"],
    ]
    assert errors(parsed(found).problems) == ()


WEIGHTS = [
    (2, 101, 100, "2", ""),
    (2, 150, 100, "51", "51"),
    (-2, 150, 100, "-51", "-51"),
    (2, 250, 100, "0", "0"),
    (-9, 254, 1, "0", "0"),
]


@pytest.mark.parametrize(("weight", "first", "second", "becomes", "asked"), WEIGHTS)
def test_a_weight_that_does_nothing(weight: int, first: int, second: int, becomes: str, asked: str) -> None:
    check = CHECKED.replace("}", f" weight {weight}\n}}")
    text = ARTICLE.replace("10.9.1.6", "10.9.1.6/24").replace("advert_int 1", "advert_int 1\n track_script {\n chk\n }")
    files = {
        node: check + text.replace("priority 101", f"priority {number}")
        for node, number in (("d1", first), ("d2", second))
    }
    found = adopt(files, {})
    assert str(found.data["vrrp_scripts"]["chk"].get("weight", 0)) == becomes
    assert answers(found).get("weight chk", "") == asked
    assert errors(parsed(found).problems) == ()


def test_what_is_told_together() -> None:
    found = adopt({"d1": STYLES, "d2": STYLES}, {})
    comments, *_ = (group for group in together(found.findings) if group.first.text.startswith(("!", "#")))
    assert (comments.places, comments.texts) == ("d1:1, 14; d2:1, 14", ())
    (kept,) = (group for group in together(found.findings) if group.first.kept)
    assert kept.places == "d1:28-29, 33-34; d2:28-29, 33-34"
    assert len(together(found.findings)) < len(found.findings) / 2


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("interface {{ NIC }}\npriority ${PRIO}\n # {{NOT}}", ("{{ NIC }}", "${PRIO}")),
        ("$VIP=10.9.1.6\nvirtual_ipaddress {\n${VIP}\n{$OTHER}\n}", ("{$OTHER}",)),
        ("notify ${_INSTANCE}\n{ }", ()),
    ],
)
def test_what_marks_a_template(text: str, marks: tuple[str, ...]) -> None:
    assert placeholders(text) == marks


def test_raw_lines_of_each_block_come_back_where_they_were() -> None:
    """Those of global_defs and of a check, too; what floatip sets there itself does not."""
    text = f"global_defs {{\n vrrp_rx_bufs_multiples 3 # почта\n script_user nobody\n}}\n{CHECKED}".replace(
        "}", " init_fail\n}", 2
    ).replace("nobody\n init_fail\n", "nobody\n", 1)
    body = ARTICLE.replace("10.9.1.6", "10.9.1.6/24").replace("advert_int 1", "track_script {\n chk\n }")
    found = adopt({"d1": text + body, "d2": text + body}, {})
    assert found.data["global_lines"] == ["vrrp_rx_bufs_multiples 3"]
    assert found.data["vrrp_scripts"]["chk"]["extra_lines"] == ["init_fail"]
    cluster = parsed(found).cluster
    assert cluster is not None
    blocks = {
        statement.keyword: statement
        for statement in read(render.keepalived_conf(cluster, "d1")).statements
        if not statement.comment
    }
    assert {"vrrp_rx_bufs_multiples", "script_user"} <= {
        statement.keyword for statement in blocks["global_defs"].body or []
    }
    assert "init_fail" in {statement.keyword for statement in blocks["vrrp_script"].body or []}
    again = adopt({node.name: render.keepalived_conf(cluster, node.name) for node in cluster.nodes}, {})
    assert again.data["global_lines"] == found.data["global_lines"]
    assert again.data["vrrp_scripts"]["chk"]["extra_lines"] == ["init_fail"]


BALANCED = """virtual_server 10.9.1.6 80 { # поштучно {
  lb_algo rr  ! zuerst, dann é
\treal_server 10.9.1.20 80
  {
    HTTP_GET { # eine Klammer }
      url { path "/a b" status_code 200 }
    }
    notify_up "/usr/bin/up --text '{' "
  }
  # fin\\
}
"""


def test_a_block_is_passed_through_whole() -> None:
    """Comments, other letters and quotes with it."""
    found = adopt({"d1": ARTICLE + BALANCED, "d2": ARTICLE.replace("101", "100") + BALANCED}, {})
    (parsed_file,) = read("\n".join(found.data["extra_lines"])).statements
    assert [statement.keyword for statement in parsed_file.all() if not statement.comment] == (
        ["virtual_server", "lb_algo", "real_server", "HTTP_GET", "url", "path", "notify_up"]
    )
    text = "\n".join(found.data["extra_lines"])
    assert all(
        part in text for part in ("поштучно {", "lb_algo rr  ! zuerst, dann é", '"/a b"', "# eine Klammer }", "'{'")
    )
    cluster = parsed(found).cluster
    assert cluster is not None
    assert text in render.keepalived_conf(cluster, "d1")
    assert loads(dumps(cluster), f"{cluster.name}.py")[0].cluster == cluster


def grouped(*names: str, last: int, group: str = "") -> str:
    """A server's file with these instances, each with an address of its own, and perhaps with a group of them."""
    text = "".join(
        f"vrrp_instance {name} {{\n interface eth1\n virtual_router_id {number}\n priority {last}\n"
        f" unicast_src_ip 10.9.{number}.{last}\n virtual_ipaddress {{\n 10.9.{number}.6/24\n }}\n}}\n"
        for number, name in ((int(name[1:]), name) for name in names)
    )
    return text + (f"vrrp_sync_group {group} {{\n group {{\n {chr(10).join(names)}\n }}\n}}\n" if group else "")


def test_the_groups_of_all_servers_are_those_of_the_inventory() -> None:
    """A server need not say anything of a group that none of its instances is in; what it should say is told."""
    files = {
        "d1": grouped("V1", "V2", last=16, group="G"),
        "d2": grouped("V1", "V2", last=61),
        "d3": grouped("V3", "V4", last=16, group="H"),
        "d4": grouped("V3", "V4", last=61, group="H"),
    }
    found = adopt(files, {})
    assert found.data["vrrp_sync_group"] == {"G": ["V1", "V2"], "H": ["V3", "V4"]}
    findings = [
        (finding.node, finding.code) for finding in found.findings if finding.text.startswith("vrrp_sync_group")
    ]
    assert findings == [("d2", Code.SERVERS)]
    other = adopt({**files, "d2": grouped("V1", "V2", last=61, group="K")}, {})
    assert [*other.data["vrrp_sync_group"]] == ["G", "H"]


def test_an_address_on_another_interface_tells_the_family() -> None:
    text = block("interface eth1\nvirtual_router_id 1\npriority {0}\nvirtual_ipaddress {\nfd00:1::6/64 dev eth2\n}")
    files = {"d1": text.replace("{0}", "150"), "d2": text.replace("{0}", "100")}
    own = {node: vrrp["VI_1"]["address"] for node, vrrp in adopt(files, {}).vrrp.items()}
    assert own == {"d1": "2001:db8::11/64", "d2": "2001:db8::12/64"}
    links = {node: {"eth1": [f"10.9.1.{last}/24", f"fd00:9::{last}/64"]} for node, last in (("d1", 16), ("d2", 61))}
    own = {node: vrrp["VI_1"]["address"] for node, vrrp in adopt(files, links).vrrp.items()}
    assert own == {"d1": "fd00:9::16/64", "d2": "fd00:9::61/64"}
