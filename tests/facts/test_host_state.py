"""What a host says is read strictly: a table of answers, and what is made of them."""

from __future__ import annotations

import base64

import pytest

from floatip.hosts import host_answer, worker_answers
from floatip.hosts.ssh_errors import Reason, Why

LINKS = (
    '[{"ifname":"lo","operstate":"UNKNOWN","addr_info":[{"local":"127.0.0.1","prefixlen":8}]},'
    '{"ifname":"eth1","operstate":"UP","addr_info":[{"local":"10.9.1.16","prefixlen":24},'
    '{"local":"10.9.1.6","prefixlen":24},{"local":"fd00:9:1::16","prefixlen":64}]}]'
)
CONF = base64.b64encode(b"# Managed by floatip\n").decode()
GOOD = [
    "floatip-state=1",
    "uid=0",
    "os=debian 12",
    "systemd=1",
    "package=keepalived installed 1:2.2.7-1+b2",
    "package=logrotate config-files 3.21.0-1",
    "unit=Id=keepalived.service",
    "unit=ActiveState=active",
    "unit=UnitFileState=enabled",
    "unit=",
    "unit=Id=rsyslog.service",
    "unit=ActiveState=inactive",
    "unit=UnitFileState=",
    f"links={LINKS}",
    f"file=conf 640:root:root {CONF}",
    "fw.manager=none",
]


def test_a_good_answer_is_read() -> None:
    found = host_answer.parse(GOOD)
    assert (found.uid, found.os, found.release, found.systemd) == (0, "debian", "12", True)
    assert found.packages == {"keepalived": "1:2.2.7-1+b2"}, "a removed package's leftovers do not count"
    assert found.active("keepalived")
    assert found.enabled("keepalived")
    assert not found.active("rsyslog")
    assert not found.enabled("rsyslog")
    assert found.held == {"127.0.0.1", "10.9.1.16", "10.9.1.6", "fd00:9:1::16"}
    assert found.text("conf") == "# Managed by floatip\n"
    assert found.files["conf"].mode == "640:root:root"
    assert not found.pending
    assert found.firewall == ("fw.manager=none",)


def test_a_bare_host_is_read() -> None:
    found = host_answer.parse(["floatip-state=1", "uid=1000", "os=debian 13", "links=[]"])
    assert (found.packages, found.files, found.held, found.systemd) == ({}, {}, frozenset(), False)
    assert not found.active("keepalived")


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["Last login: today"],
        [line for line in GOOD if not line.startswith("links")],
        [*GOOD, "file=conf 640:root:root ***"],
        [*GOOD, "file=passwd 640:root:root " + CONF],
        [*GOOD, "file=conf $(id):root:root " + CONF],
        ["floatip-state=1", "uid=0", "links={}{"],
        ["floatip-state=1", "uid=0", 'links=[{"ifname":"eth0"}]'],
        ["floatip-state=1", "uid=root", "links=[]"],
    ],
    ids=["nothing", "banner", "cut-off", "no-base64", "foreign-file", "hostile-mode", "no-json", "odd-json", "no-uid"],
)
def test_any_other_answer_fails_that_host_with_a_message(lines: list[str]) -> None:
    result = worker_answers.result({"lines": lines}, {}, worker_answers.by_lines(host_answer.parse))
    assert isinstance(result, Reason)
    assert result.code is Why.NONSENSE
