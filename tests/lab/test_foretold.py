"""What the check page foretells is what happens: each step of a deploy, and each event of the table."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from floatip.change import summary
from floatip.hosts import host_answer
from floatip.keepalived import forecast
from floatip.keepalived.forecast import Happens
from floatip.model import inventory
from floatip.model.cluster import Cluster
from lab import Probe
from lab.layers import State
from lab.names import FLOATING
from lab.paths import ROOT
from lab.place import Place
from tests import preloaded
from tests.lab import changes
from tests.lab.changes import settled
from tests.lab.conftest import Runs
from tests.lab.measuring import answered_within
from tests.lab.ran import Ran
from wizard.show import outlook


def cluster_of(file: Path) -> Cluster:
    """The one cluster of an inventory."""
    (read,) = inventory.read(file)
    assert read.cluster
    return read.cluster


def foretold(file: Path) -> list[tuple[str, tuple[str, ...]]]:
    """The steps that the check page lists: (what, on which servers)."""
    cluster = cluster_of(file)
    servers = [[node.name, dict(node.connection)] for node in cluster.nodes]
    request = json.dumps({"servers": servers, "seconds": 60})
    words = [preloaded.python(), "-m", "floatip.hosts.probe_worker"]
    answers = json.loads(
        subprocess.run(words, cwd=ROOT, input=request, capture_output=True, check=True, text=True).stdout
    )
    seen = outlook.see(cluster, {name: host_answer.parse(answer["lines"]) for name, answer in answers.items()})
    assert seen
    return [(str(action.what), action.nodes) for action in seen.actions]


def done(run: Ran) -> list[tuple[str, tuple[str, ...]]]:
    """The steps that changed something."""
    return [(str(begin.what), nodes) for begin, nodes in run.changes]


@pytest.mark.hosts(State.READY)
def test_a_deploy_does_what_was_foretold(lab: Place, deploy: Runs, tmp_path: Path) -> None:
    """From hosts on of which d1 lacks a package; d2 is reached as a user with sudo."""
    lab.host("d1").run("DEBIAN_FRONTEND=noninteractive apt-get -qy purge rsyslog", timeout=120)
    sudo = {"d2": {"ssh_user": "admin", "_sudo": True}}
    checked = {"vrrp_scripts": {"web": {"tcp": "127.0.0.1:22", "weight": -60}}}
    files = [
        changes.inventory(tmp_path / "fresh.py", host=sudo),
        changes.inventory(tmp_path / "checked.py", host=sudo, group=checked, instance={"track_script": ["web"]}),
        changes.inventory(
            tmp_path / "moved.py", host=sudo, instance={"virtual_router_id": 77}, group={"log_file": False}
        ),
        changes.inventory(tmp_path / "swapped.py", host=sudo, member={"d1": {"priority": 90}}),
    ]
    for number, file in enumerate(files):
        expected = foretold(file)
        assert number or (summary.INSTALL, ("d1",)) in expected
        assert len(expected) > (5 if number == 0 else 1), expected
        assert done(deploy(file)) == expected, file.name
        assert foretold(file) == []
    lab.host("d2").run("chmod 644 /etc/keepalived/keepalived.conf; systemctl disable -q keepalived rsyslog")
    expected = foretold(files[-1])
    assert [what for what, _ in expected] == [
        summary.RUN_RSYSLOG,
        summary.AT_BOOT,
        summary.ROOT_ONLY,
    ]
    assert done(deploy(files[-1])) == expected


EVENTS: list[tuple[Happens, str, Callable[[Place], object], Callable[[Place], object]]] = [
    (
        Happens.STOPPED,
        "d2",
        lambda lab: lab.host("d1").run("systemctl stop keepalived"),
        lambda lab: lab.host("d1").run("systemctl start keepalived"),
    ),
    (
        Happens.CUT,
        "d2",
        lambda lab: lab.host("d1").link_down(),
        lambda lab: lab.host("d1").link_up(),
    ),
    (
        Happens.CHECK_FAILS,
        "d2",
        lambda lab: lab.host("d1").run("rm /run/fit"),
        lambda lab: lab.host("d1").run("touch /run/fit"),
    ),
]


@pytest.mark.hosts(State.READY)
def test_what_happens_if_is_what_happens(lab: Place, deploy: Runs, tmp_path: Path) -> None:
    for host in lab.servers:
        host.run("touch /run/fit")
    fit = {"command": "/usr/bin/test -e /run/fit", "interval": 1, "timeout": 1, "fall": 2, "rise": 2}
    file = changes.inventory(tmp_path, group={"vrrp_scripts": {"web": fit}}, instance={"track_script": ["web"]})
    table = {event.code: event for event in forecast.foresee(cluster_of(file))}
    deploy(file)
    for what, holder, fault, mend in EVENTS:
        settled(lab)
        event = table[what]
        assert event.holder == holder
        assert event.seconds
        with Probe(lab.client, FLOATING) as probe:
            fault(lab)
            settled(lab, holder)
        assert probe.pings.gap_ms > 0
        answered_within(probe.pings, event.seconds, what)
        mend(lab)
    settled(lab)
    back = table[Happens.RETURNS]
    assert back.holder == "d1"
