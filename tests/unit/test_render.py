"""What lands on the servers: the layout that the deploy relies on, and the files around it."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given

from floatip.keepalived import render
from floatip.keepalived.adopt import adopt
from floatip.keepalived.conf import instances, unclear
from floatip.model.cluster import Cluster
from tests.examples import examples
from tests.strategies import clusters
from tests.unit.samples import Change, parsed, put, script


def conf(*changes: Change, node: str = "d1") -> str:
    """The configuration of one server after these changes to the good cluster."""
    result = parsed(*changes)
    assert result.cluster is not None, result.problems
    return render.keepalived_conf(result.cluster, node)


def test_the_plain_pair() -> None:
    assert conf() == (
        "# Managed by floatip: changes made here are lost with the next deploy.\n"
        "# Cluster lab, server d1\n"
        "\n"
        "global_defs {\n"
        "    router_id d1\n"
        "    vrrp_higher_prio_send_advert true\n"
        "    vrrp_garp_master_refresh 1\n"
        "}\n"
        "\n"
        "vrrp_instance VI_1 {\n"
        "    state BACKUP\n"
        "    interface eth1\n"
        "    virtual_router_id 101\n"
        "    priority 150\n"
        "    advert_int 1\n"
        "    version 2\n"
        "    virtual_ipaddress {\n"
        "        10.9.1.6/24\n"
        "    }\n"
        "}\n"
    )


# a change and the lines that it adds
LINES = [
    ([put("VI_1.nopreempt", True)], ["    nopreempt"]),
    ([put("VI_1.preempt_delay", 5)], ["    preempt_delay 5"]),
    ([put("VI_1.advert_int", 0.05)], ["    advert_int 0.05", "    version 3"]),
    ([put("VI_1.advert_int", 40.95)], ["    advert_int 40.95", "    version 3"]),
    ([put("VI_1.advert_int", "2")], ["    advert_int 2", "    version 2"]),
    ([put("VI_1.version", 3)], ["    version 3"]),
    ([put("VI_1.use_vmac", True)], ["    use_vmac vrrp.101", "    vmac_xmit_base"]),
    ([put("VI_1.unicast", True)], ["    unicast_src_ip 10.9.1.16", "    unicast_peer {", "        10.9.1.61", "    }"]),
    ([put("d1.VI_1.track_interface", ["eth2"])], ["    track_interface {", "        eth2", "    }"]),
    ([put("VI_1.extra_lines", ["garp_master_delay 2"])], ["    garp_master_delay 2", "    script_user nobody"]),
    ([put("data.extra_lines", ["static_rules {", "}"])], ["static_rules {", "}", "    enable_script_security"]),
    ([script(process="nginx")], ['    script "/etc/keepalived/floatip-check process nginx"', "    script_user nobody"]),
    ([script(tcp="[::1]:80")], ['    script "/etc/keepalived/floatip-check tcp ::1 80"', "    weight 0"]),
    ([script(http="http://h/a?b=1&c")], ['    script "/etc/keepalived/floatip-check http http://h/a?b=1&c"']),
    (
        [
            put(
                "d1.VI_1.track_interface",
                ["eth2", {"interface": "eth3", "weight": -60}, {"interface": "eth4", "weight": 0}],
            )
        ],
        ["    track_interface {", "        eth2", "        eth3 weight -60", "        eth4", "    }"],
    ),
    (
        [script(process="x"), put("VI_1.track_script", [{"script": "web", "weight": -60}])],
        ["    weight 0", "    track_script {", "        web weight -60", "    }"],
    ),
    (
        [script(process="x", weight=-60), put("VI_1.track_script", [{"script": "web", "weight": 0}])],
        ["    weight -60", "        web weight 0"],
    ),
    ([script(command="/bin/x -y", weight=-60)], ['    script "/bin/x -y"', "    weight -60", "    track_script {"]),
]


@pytest.mark.parametrize(("changes", "lines"), LINES, ids=range(len(LINES)))
def test_a_setting_adds_its_lines(changes: list[Change], lines: list[str]) -> None:
    text = conf(*changes)
    assert set(lines) <= set(text.splitlines())
    assert set(lines) - set(conf().splitlines())


def test_its_own_interface_is_not_tracked_twice() -> None:
    assert "track_interface" not in conf(put("d1.VI_1.track_interface", ["eth1"]))


def test_ipv6_has_a_virtual_mac_interface_of_its_own() -> None:
    changes = [put("VI_1.virtual_ipaddress", ["fd00::6/64"]), put("VI_1.use_vmac", True)]
    changes += [put("d1.VI_1.address", "fd00::16/64"), put("d2.VI_1.address", "fd00::61/64")]
    assert "    use_vmac vrrp6.101\n" in conf(*changes)


def test_an_unknown_server() -> None:
    cluster = parsed().cluster
    assert cluster is not None
    with pytest.raises(KeyError):
        render.keepalived_conf(cluster, "d9")


@examples(80, suppress_health_check=list(HealthCheck))
@given(clusters())
def test_the_layout_that_the_deploy_relies_on(cluster: Cluster) -> None:
    for node in cluster.nodes:
        text = render.keepalived_conf(cluster, node.name)
        assert text.startswith(render.MARKER)
        assert text.endswith("\n")
        assert "\n\n\n" not in text
        opened = list(instances(text))
        assert unclear(text) == ""
        assert opened == [instance.name for instance in cluster.instances_of(node.name)]
        assert len(re.findall(r"^\}$", text, re.MULTILINE)) == len(re.findall(r"^\w.*\{$", text, re.MULTILINE))
        assert text.count("    version ") == len(opened)
        assert all(len(line) == len(line.rstrip()) for line in text.splitlines())


def test_rsyslog_matches_the_daemons_names_and_stops() -> None:
    text = render.rsyslog_conf()
    assert text.startswith(render.MARKER)
    assert "$programname startswith 'Keepalived'" in text
    assert f'file="{render.LOG}" fileOwner="root" fileGroup="adm" fileCreateMode="0640"' in text
    assert text.index("omfile") < text.index("stop")
    assert 'fileOwner="syslog"' in render.rsyslog_conf("syslog"), "an rsyslog that gave the right to be root away"
    assert "create 0640 syslog adm" in render.logrotate_conf("syslog")


def test_logrotate_keeps_eight_weeks_and_tells_rsyslog() -> None:
    text = render.logrotate_conf()
    assert text.startswith(render.MARKER)
    words = ["weekly", "rotate 8", "compress", "delaycompress", "missingok", "notifempty", "create 0640 root adm"]
    assert [word for word in words if f"    {word}\n" not in text] == []
    assert re.search(r"postrotate\s+/usr/lib/rsyslog/rsyslog-rotate\s+endscript", text)


def test_one_gratuitous_arp_and_no_more() -> None:
    """keepalived goes by the order: what is said behind `vrrp_min_garp` counts. A virtual MAC repeats none either."""
    least, vmac = put("data.vrrp_min_garp", True), put("VI_1.use_vmac", True)
    text = conf(least, vmac)
    assert text.index("    vrrp_min_garp\n") < text.index("    vrrp_garp_master_refresh 1\n")
    assert "vrrp_garp_master_repeat" not in text
    assert "    vrrp_garp_master_repeat 10\n" in conf(vmac)
    said = (least, vmac, put("data.vrrp_garp_master_repeat", 10))
    again = adopt({name: conf(*said, node=name) for name in ("d1", "d2")}, {}).data
    assert (again["vrrp_min_garp"], again["vrrp_garp_master_repeat"]) == (True, 10)
