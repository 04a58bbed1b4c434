"""Looking after a cluster: an address is handed over without a lost ping, a server goes through its reboot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from floatip import inventory
from lab import wait_until
from lab.layers import State
from lab.names import FLOATING, SUITES
from lab.place import Place
from tests.lab import changes, stories
from tests.lab.changes import INVENTORY, settled, unnoticed
from tests.lab.conftest import Runs

NOTE = "/var/lib/floatip/moved"


@pytest.mark.hosts(State.DEPLOYED)
@pytest.mark.parametrize("suite", SUITES)
def test_an_address_is_moved_and_stays_there(lab: Place, floatip: Runs, deploy: Runs) -> None:
    with unnoticed(lab, hands=1):
        floatip("move", INVENTORY, "d2")
        settled(lab, "d2")
        again = deploy(INVENTORY)
        settled(lab, "d2")
    assert "VI_1 was moved to d2 and stays there" in again.stdout + again.stderr
    assert "d2 holds 10.9.1.6: it was moved there on purpose." in floatip("status", INVENTORY).stdout
    assert floatip("check", INVENTORY, "--live").stdout.count("as the inventory says") == 2
    lab.host("d1").reboot()
    settled(lab, "d2")
    with unnoticed(lab, hands=1):
        floatip("move", INVENTORY, "d1")
        settled(lab, "d1")
    assert lab.host("d2").read(NOTE).split()[1:] == []
    deploy(INVENTORY)
    settled(lab, "d1")


@pytest.mark.hosts(State.READY)
@pytest.mark.parametrize("setting", [{"nopreempt": True}, {"preempt_delay": 60}], ids=["nopreempt", "preempt_delay"])
def test_an_address_that_never_goes_by_itself_is_moved_all_the_same(
    lab: Place, floatip: Runs, deploy: Runs, tmp_path: Path, setting: dict[str, Any]
) -> None:
    file = changes.inventory(tmp_path, instance=setting)
    deploy(file)
    settled(lab, timeout=90)
    for node in ("d2", "d1"):
        with unnoticed(lab, hands=1):
            floatip("move", file, node)
            settled(lab, node)
            assert "Nothing will be changed" in deploy(file).stderr
            settled(lab, node)
    assert floatip("check", file, "--live").stdout.count("as the inventory says") == 2


@pytest.mark.hosts(State.READY)
@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("servers", [3])
def test_three_servers_and_a_reboot(lab: Place, floatip: Runs, deploy: Runs, tmp_path: Path) -> None:
    file = inventory.save(stories.cluster(stories.instance(servers=("d1", "d2", "d3"))), tmp_path)
    deploy(file)
    settled(lab)
    with unnoticed(lab, hands=1):
        floatip("move", file, "d3")
        settled(lab, "d3")
    before = lab.host("d3").boot_id()
    with unnoticed(lab, hands=2):
        answer = floatip("reboot", file, "d3", timeout=300)
        settled(lab, "d3")
    assert "d3 was rebooted, and everything is where it was." in answer.stdout
    assert lab.host("d3").boot_id() != before


UNFIT = {
    "systemctl stop keepalived": "d2 is not fit: keepalived does not run.",
    "rm /run/fit": "d2 is not fit: its health check web fails.",
}


@pytest.mark.hosts(State.READY)
def test_nobody_takes_over_who_is_not_well(lab: Place, floatip: Runs, deploy: Runs, tmp_path: Path) -> None:
    for host in lab.servers:
        host.run("touch /run/fit")
    fit = {"command": "/usr/bin/test -e /run/fit", "interval": 1, "timeout": 1, "fall": 1, "rise": 1}
    file = changes.inventory(tmp_path, group={"vrrp_scripts": {"web": fit}}, instance={"track_script": ["web"]})
    deploy(file)
    settled(lab)
    before, sick = lab.host("d1").boot_id(), lab.host("d2")
    for fault, reason in UNFIT.items():
        sick.run(fault)
        wait_until("it shows", lambda: "d2" in floatip("status", file, check=False).stdout, timeout=10)
        commands: list[list[str | Path]] = [["move", file, "d2"], ["reboot", file, "d1"], ["drill", file, "--yes"]]
        for command in commands:
            answer = floatip(*command, check=False)
            assert (answer.returncode, answer.stderr.strip()) == (1, f"error: {reason}"), command
        assert lab.holders(FLOATING) == ["d1"]
        sick.run("systemctl start keepalived; touch /run/fit")
        settled(lab)
    assert lab.host("d1").boot_id() == before
    answer = floatip("move", file, "nobody", check=False)
    assert (answer.returncode, answer.stderr) == (1, "error: nobody is none of the servers.\n")


@pytest.mark.hosts(State.DEPLOYED)
def test_drift_is_shown(lab: Place, floatip: Runs) -> None:
    lab.host("d2").run(f"sed -i 's/priority 100/priority 99/' {changes.CONF}")
    answer = floatip("check", INVENTORY, "--live", check=False)
    assert answer.returncode == 1
    assert "● d1: as the inventory says" in answer.stdout
    assert "▲ d2: not what the inventory says" in answer.stdout
    assert "-    priority 99\n" in answer.stdout and "+    priority 100\n" in answer.stdout
    lab.host("d1").power_off()
    answer = floatip("check", INVENTORY, "--live", "--json", check=False)
    assert answer.returncode == 3
    servers = json.loads(answer.stdout)["servers"]
    assert isinstance(servers["d1"], str) and isinstance(servers["d2"], list)
