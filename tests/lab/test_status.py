"""`floatip status` tells what is the case, and harms no daemon by asking."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from floatip.change import origin
from floatip.change.plan import Kind
from floatip.hosts import daemon, daemon_script
from floatip.model import paths
from floatip.operate.fleet import Need
from floatip.operate.running import Source
from floatip.operate.status import Cause, Code
from floatip.runs.lock import process
from lab import wait_until
from lab.layers import State
from lab.names import FLOATING
from lab.place import Place
from tests import releases
from tests.lab import changes
from tests.lab.changes import settled
from tests.lab.conftest import Runs

OTHER = "10.9.1.30"
FIT = {"command": "/usr/bin/test -e /run/fit", "interval": 1, "timeout": 1, "fall": 1, "rise": 1}


def status_row(floatip: Runs, file: Path) -> tuple[int, dict[str, Any]]:
    """Exit code, and the row of the one address with its nodes by name."""
    answer = floatip("status", file, "--json", check=False)
    (row,) = answer.document["addresses"]
    return answer.returncode, {**row, "nodes": {node["name"]: node for node in row["nodes"]}}


@pytest.mark.hosts(State.READY)
@pytest.mark.parametrize("suite", releases.USUAL)
def test_what_is_the_case(lab: Place, floatip: Runs, deploy: Runs, tmp_path: Path) -> None:
    servers = [lab.host("d1"), lab.host("d2")]
    for host in servers:
        host.run("touch /run/fit")
    file = changes.inventory(tmp_path, group={"vrrp_scripts": {"web": FIT}}, instance={"track_script": ["web"]})
    deploy(file)
    settled(lab)
    code, row = status_row(floatip, file)
    first, second = row["nodes"]["d1"], row["nodes"]["d2"]
    assert (code, row["address"], row["verdict"], row["code"]) == (0, FLOATING, "good", Code.HELD)
    assert (first["state"], first["priority"], first["checks"]) == ("master", 150, {"web": True})
    assert (second["state"], second["priority"], second["checks"]) == ("backup", 100, {"web": True})
    assert 0 < first["since"] < 120

    servers[0].run("rm /run/fit")
    settled(lab, "d2")
    code, row = status_row(floatip, file)
    assert (code, row["code"]) == (0, Code.NOT_PREFERRED)
    assert (row["nodes"]["d1"]["state"], row["nodes"]["d1"]["checks"]) == ("fault", {"web": False})
    assert row["nodes"]["d2"]["state"] == "master"
    assert row["nodes"]["d2"]["since"] < first["since"] + 60

    servers[1].run("rm /run/fit")
    wait_until("no server has it", lambda: lab.holders(FLOATING) == [])
    code, row = status_row(floatip, file)
    assert (code, row["code"], row["cause_code"]) == (1, Code.NOBODY, Cause.CHECKS_FAIL)
    assert {name: node["checks"] for name, node in row["nodes"].items()} == {"d1": {"web": False}, "d2": {"web": False}}

    for host in servers:
        host.run("touch /run/fit")
    settled(lab)
    servers[1].run("systemctl stop keepalived")
    code, row = status_row(floatip, file)
    assert (code, row["verdict"], row["nodes"]["d2"]["state"]) == (0, "good", "stopped")
    servers[1].power_off()
    code, row = status_row(floatip, file)
    assert (code, row["verdict"], row["nodes"]["d2"]["state"]) == (3, "unknown", "unknown")


@pytest.mark.hosts(State.DEPLOYED)
def test_asking_harms_no_daemon_that_just_starts(lab: Place, floatip: Runs) -> None:
    host = lab.host("d1")
    again = "systemctl restart keepalived; systemctl reset-failed keepalived"
    loop = f"n=0; until [ -e /run/enough ] && [ $n -ge 8 ]; do {again}; n=$((n + 1)); done; touch /run/over"
    host.run(f"nohup sh -c '{loop}' >/dev/null 2>&1 &")
    for _ in range(8):
        floatip("status", changes.INVENTORY, check=False)
    host.run("touch /run/enough")
    wait_until("it is no longer restarted", lambda: host.exists("/run/over"), timeout=60)
    settled(lab)
    log = host.run("journalctl -u keepalived --no-pager -o cat").stdout
    assert "Main process exited" not in log
    assert host.run("systemctl show keepalived -p NRestarts --value").stdout.strip() == "0"


@pytest.mark.hosts(State.DEPLOYED)
def test_two_who_look_at_once_do_not_blind_each_other(lab: Place) -> None:
    """A page that follows a cluster, and a failover test that begins."""
    d1 = lab.host("d1")
    with ThreadPoolExecutor() as both:
        for _ in range(10):
            looks = both.map(lambda _: daemon.parse(d1.run(daemon_script.LOOK).stdout.splitlines()), range(2))
            assert [look.instances["VI_1"].state for look in looks if look.instances] == ["master"] * 2


@pytest.mark.hosts(State.DEPLOYED)
def test_what_is_not_deployed_is_not_spoken_of(
    lab: Place, floatip: Runs, deploy: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    other = changes.inventory(tmp_path, instance={"virtual_ipaddress": [f"{OTHER}/24"], **changes.FAST})

    def runs(address: str, source: Source) -> None:
        answer = floatip("status", other, "--json")
        (deployed,), (row,) = answer.document["deployed"], answer.document["addresses"]
        assert (row["address"], deployed["source"]) == (address, source)
        assert bool(deployed["not_deployed"]) == (address != OTHER)

    runs(FLOATING, Source.SERVERS)
    assert deploy(changes.INVENTORY).planned.kind is Kind.NOTHING  # proven, so it is noted
    runs(FLOATING, Source.RECORD)
    assert floatip("doctor", other, "--json").document["findings"] == []
    with lab.partition():
        wait_until("both have the address", lambda: lab.holders(FLOATING) == ["d1", "d2"])
        assert deploy(other, check=False).returncode != 0
        assert floatip("status", other, "--json", check=False).document["deployed"][0]["source"] == Source.RECORD
    settled(lab)
    with changes.unnoticed(lab, hands=1):
        floatip("move", other, "d2")
        settled(lab, "d2")
    assert lab.holders(OTHER) == []
    assert all(FLOATING in text and OTHER not in text for text in changes.confs(lab).values())
    floatip("move", other, "d1")
    settled(lab)
    deploy(other)
    wait_until("the other address is there", lambda: lab.holders(OTHER) == ["d1"])
    runs(OTHER, Source.FILE)
    notes = [origin.parse(host.read(paths.ORIGIN)) for host in lab.servers]
    assert {note and note.who for note in notes} == {process.who()}
    (cluster,) = floatip("status", other.parent, "--json").document["clusters"]
    assert (cluster["well"], [note["code"] for note in cluster["notes"]]) == (2, [])
    for host in lab.servers:
        host.run(f"echo '1 9999999999 bob@desk {'f' * 64}' >{paths.ORIGIN}")
    (cluster,) = floatip("status", other.parent, "--json").document["clusters"]
    assert [note["code"] for note in cluster["notes"]] == [Need.ELSEWHERE]
    assert floatip("history", other, "--json").document["elsewhere"]
    floatip("remove", other, "--yes")
    assert not any(host.exists(paths.ORIGIN) for host in lab.servers)
    answer = floatip("status", other, "--json", check=False)
    assert (answer.returncode, answer.document["addresses"]) == (3, [])
    assert [deployed["source"] for deployed in answer.document["deployed"]] == [Source.NOTHING]
