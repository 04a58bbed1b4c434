"""Looking after a cluster: an address is handed over without a lost ping, a server goes through its reboot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from floatip.change.plan import Kind
from floatip.model import inventory
from floatip.operate import refusals, status
from lab import wait_until
from lab.layers import State
from lab.names import FLOATING
from lab.place import Place
from tests import releases
from tests.lab import changes, stories
from tests.lab.changes import INVENTORY, settled, unnoticed
from tests.lab.conftest import Runs

NOTE = "/var/lib/floatip/moved"
SECOND = "10.9.1.7"
AS_WANTED: dict[str, list[str]] = {"d1": [], "d2": []}
"""What `floatip check --live` finds where no file differs."""


def states(floatip: Runs, file: Path) -> dict[str, tuple[str, bool]]:
    """Server → its state, and whether all of its health checks are well, of the one address."""
    (row,) = floatip("status", file, "--json", check=False).document["addresses"]
    return {node["name"]: (node["state"], all((node["checks"] or {}).values())) for node in row["nodes"]}


def becomes(floatip: Runs, file: Path, node: str, state: tuple[str, bool]) -> None:
    """Wait until the status of a server is this."""
    wait_until(f"{node} is {state}", lambda: states(floatip, file)[node] == state, every=0.5)


@pytest.mark.hosts(State.DEPLOYED)
@pytest.mark.parametrize("suite", releases.USUAL)
def test_an_address_is_moved_and_stays_there(lab: Place, floatip: Runs, deploy: Runs) -> None:
    """That a boot leaves it there, on each Debian: `test_floats`."""
    with unnoticed(lab, hands=1):
        floatip("move", INVENTORY, "d2")
        settled(lab, "d2")
        again = deploy(INVENTORY)
        settled(lab, "d2")
    assert (again.planned.kind, again.planned.moved) == (Kind.NOTHING, {"VI_1": "d2"})
    (row,) = floatip("status", INVENTORY, "--json").document["addresses"]
    assert (row["address"], row["code"]) == (FLOATING, status.Code.MOVED)
    assert [node["name"] for node in row["nodes"] if node["state"] == "master"] == ["d2"]
    answer = floatip("check", INVENTORY, "--live", "--explain", "--json").document
    assert answer["servers"] == AS_WANTED
    assert {event["code"] for event in answer["events"]} >= {"dies"}, "asked together, both are told"
    with unnoticed(lab, hands=1):
        floatip("move", INVENTORY, "d1")
        settled(lab, "d1")
    assert lab.host("d2").read(NOTE).split()[1:] == []
    deploy(INVENTORY)
    settled(lab, "d1")


@pytest.mark.hosts(State.READY)
def test_addresses_that_never_go_by_themselves_are_moved_all_the_same(
    lab: Place, floatip: Runs, deploy: Runs, tmp_path: Path
) -> None:
    """One stays wherever it is, and one would wait a minute; both are moved together."""
    late = replace(stories.instance("VI_2", vrid=102, address=SECOND), preempt_delay=60)
    file = inventory.save(stories.cluster(stories.instance(nopreempt=True), late), tmp_path)
    deploy(file)
    both(lab, "d1")
    for node in ("d2", "d1"):
        with unnoticed(lab, hands=1), unnoticed(lab, SECOND, hands=1):
            floatip("move", file, node)
            both(lab, node)
            assert deploy(file).planned.kind is Kind.NOTHING
            both(lab, node)
    assert floatip("check", file, "--live", "--json").document["servers"] == AS_WANTED


def both(lab: Place, node: str) -> None:
    """Wait until this server alone has both addresses."""
    for address in (FLOATING, SECOND):
        settled(lab, node, address)


@pytest.mark.hosts(State.READY)
@pytest.mark.parametrize("suite", releases.USUAL)
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
        answer = floatip("reboot", file, "d3", "--json", timeout=300)
        settled(lab, "d3")
    assert answer.document == {"ok": True, "rebooted": "d3", "stood_in": {"VI_1": "d1"}}
    assert lab.host("d3").boot_id() != before


# What is done to d2, what `floatip status` makes of it, and why nobody gives it an address then.
UNFIT = [
    ("systemctl stop keepalived", ("stopped", True), refusals.Code.NOT_RUNNING),
    ("rm /run/fit", ("fault", False), refusals.Code.CHECK_FAILS),
]


@pytest.mark.hosts(State.READY)
def test_nobody_takes_over_who_is_not_well(lab: Place, floatip: Runs, deploy: Runs, tmp_path: Path) -> None:
    for host in lab.servers:
        host.run("touch /run/fit")
    fit = {"command": "/usr/bin/test -e /run/fit", "interval": 1, "timeout": 1, "fall": 1, "rise": 1}
    file = changes.inventory(tmp_path, group={"vrrp_scripts": {"web": fit}}, instance={"track_script": ["web"]})
    deploy(file)
    settled(lab)
    before, sick = lab.host("d1").boot_id(), lab.host("d2")
    for fault, shown, code in UNFIT:
        sick.run(fault)
        becomes(floatip, file, "d2", shown)
        commands: list[list[str | Path]] = [["move", file, "d2"], ["reboot", file, "d1"], ["drill", file, "--yes"]]
        for command in commands:
            answer = floatip(*command, "--json", check=False)
            assert (answer.returncode, answer.error["code"], answer.error["node"]) == (1, code, "d2"), command
            assert answer.stderr.endswith(f"error: {answer.error['message']}\n")
        assert lab.holders(FLOATING) == ["d1"]
        sick.run("systemctl start keepalived; touch /run/fit")
        settled(lab)
        becomes(floatip, file, "d2", ("backup", True))
    assert lab.host("d1").boot_id() == before
    answer = floatip("move", file, "nobody", "--json", check=False)
    assert (answer.returncode, answer.error["code"]) == (2, refusals.Code.NO_SUCH_SERVER)
    assert answer.error["node"] == "nobody"


@pytest.mark.hosts(State.DEPLOYED)
def test_drift_is_shown(lab: Place, floatip: Runs) -> None:
    lab.host("d2").run(f"sed -i 's/priority 100/priority 99/' {changes.CONF}")
    answer = floatip("check", INVENTORY, "--live", "--json", check=False)
    assert answer.returncode == 1
    servers = answer.document["servers"]
    assert servers["d1"] == []
    assert [line for line in servers["d2"][2:] if line[0] in "+-"] == ["-    priority 99", "+    priority 100"]
    lab.host("d1").power_off()
    answer = floatip("check", INVENTORY, "--live", "--json", check=False)
    assert answer.returncode == 3
    servers = answer.document["servers"]
    assert isinstance(servers["d1"], str) and isinstance(servers["d2"], list)
