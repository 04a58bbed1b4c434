"""Taking over files of anybody's making: nothing is dropped silently, and our own come back as they were."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given

from floatip import conf, render
from floatip.adopt import adopt, masked
from floatip.adopt.tokens import read
from floatip.cluster import Cluster
from floatip.host_state import HostState, parse
from floatip.inventory import dumps, raw
from floatip.parse import parse as parse_cluster
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


def state(addresses: dict[str, list[str]]) -> HostState:
    """A host with these addresses."""
    links = [
        {
            "ifname": name,
            "operstate": "UP",
            "addr_info": [{"local": a.split("/")[0], "prefixlen": int(a.split("/")[1])} for a in some],
        }
        for name, some in addresses.items()
    ]
    return parse(["floatip-state=1", "uid=0", f"links={json.dumps(links)}"])


def codes(name: str, hosts: list[tuple[str, dict[str, Any]]], data: dict[str, Any]) -> set[str]:
    """What the core says of it."""
    return {one.code for one in parse_cluster(name, hosts, data).problems}


def test_the_article_s_files() -> None:
    states = {"d1": state({"eth1": ["10.9.1.16/24", "10.9.1.6/24"]}), "d2": state({"eth1": ["10.9.1.61/24"]})}
    found = adopt({"d1": ARTICLE, "d2": ARTICLE}, states)
    part = {"interface": "eth1", "priority": 101}
    assert found.vrrp == {
        "d1": {"VI_1": {**part, "address": "10.9.1.16/24"}},
        "d2": {"VI_1": {**part, "address": "10.9.1.61/24"}},
    }
    assert found.data == {"vrrp_instances": {"VI_1": {"virtual_router_id": 101, "virtual_ipaddress": ["10.9.1.6/24"]}}}
    left = [(one.node, one.line, one.text) for one in found.findings if one.node == "d1"]
    assert left == [("d1", 7, "authentication"), ("d1", 8, "auth_type PASS"), ("d1", 9, "auth_pass …")]
    assert "canary" not in repr(found)
    hosts = [(name, {"ssh_hostname": "127.0.0.1", "vrrp": vrrp}) for name, vrrp in found.vrrp.items()]
    assert codes("web", hosts, found.data) >= {"equal-priorities"}


def test_cat_twice_is_told() -> None:
    found = adopt({"d1": ARTICLE + ARTICLE}, {})
    (second,) = [one for one in found.findings if one.line == 15]
    assert (second.text, second.kept) == ("vrrp_instance VI_1", False)
    assert "second time" in second.why


def test_every_line_of_somebody_else_s_file_is_accounted_for() -> None:
    found = adopt({"d1": STYLES}, {"d1": state({"eth1": ["10.9.1.16/24"]})})
    assert found.vrrp == {"d1": {"WEB": {"interface": "eth1", "address": "10.9.1.16/24", "priority": 150}}}
    assert found.data["vrrp_scripts"] == {"chk": {"command": "killall -0 haproxy", "interval": 2, "weight": -60}}
    assert found.data["vrrp_instances"]["WEB"] == {
        "virtual_router_id": 7,
        "advert_int": 0.5,
        "nopreempt": True,
        "version": 3,
        "unicast": True,
        "virtual_ipaddress": ["10.9.1.6/24", "10.9.1.7/24"],
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
    told = {one.line: (one.text, one.kept) for one in found.findings}
    assert {line for line, (_, kept) in told.items() if kept} == {20, 21, 28, 29, 33, 34}
    assert {line for line, (_, kept) in told.items() if not kept} == {1, 3, 10, 14, 25, 27, 32}
    assert told[32][0] == "include /etc/keepalived/conf.d/*.conf"


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


@pytest.mark.parametrize("text", ["", "}", "{{{", '"', "a {", "\x00\x1b[31m", "vrrp_instance {\n}", "x" * 9000])
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
    found = adopt(files, {name: state(some) for name, some in addresses.items()})
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
        assert conf.blocks(text) == conf.blocks(files[node.name])
        assert sorted(text.splitlines()) == sorted(files[node.name].splitlines())
