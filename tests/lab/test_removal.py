"""`floatip remove`: afterwards a host is as it was before the first deploy, and other people's files stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import wait_until
from lab.host import Host
from lab.layers import State
from lab.names import DEFAULT_SUITE, FLOATING, SUITES
from lab.place import Place
from lab.watch import Watch
from tests.lab.changes import CONF, INVENTORY, Journals, inventory, left, settled, snapshot
from tests.lab.conftest import Runs


@pytest.mark.parametrize("suite", SUITES)
def test_a_host_is_as_it_was(lab: Place, deploy: Runs, floatip: Runs, tmp_path: Path) -> None:
    for host in lab.servers:
        host.write("/etc/keepalived/mine", "somebody's own\n")
    before = {host.name: snapshot(host) for host in lab.servers}
    chosen = inventory(
        tmp_path,
        instance={"track_script": ["sshd"], "use_vmac": True},
        group={"vrrp_scripts": {"sshd": {"process": "sshd", "weight": -60}}},
    )
    deploy(chosen)
    settled(lab)
    assert lab.host("d1").exists("/etc/keepalived/floatip-check")
    with Watch(lab.servers, FLOATING) as watch:
        answer = floatip("remove", chosen, "--yes", "--json")
        assert lab.holders(FLOATING) == []
    assert answer.document["ok"] is True
    assert [(change.host, change.holds) for change in watch.changes] == [("d1", True), ("d1", False)]
    for host in lab.servers:
        assert left(before[host.name], snapshot(host)) == []
        assert traces(host) == []
        assert host.read("/etc/keepalived/mine") == "somebody's own\n"
    again = {host.name: snapshot(host) for host in lab.servers}
    floatip("remove", chosen, "--yes")
    assert all(again[host.name].differences(snapshot(host)) == [] for host in lab.servers)
    if lab.client.spec.suite == DEFAULT_SUITE:
        deploy(chosen)
        settled(lab)


def test_a_keepalived_that_was_there_before_stays(lab: Place, deploy: Runs, floatip: Runs) -> None:
    for host in lab.servers:
        host.run("apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -qy install keepalived", timeout=120)
    lab.host("d2").run("systemctl disable -q keepalived")
    before = {host.name: snapshot(host) for host in lab.servers}
    deploy(INVENTORY)
    settled(lab)
    floatip("remove", INVENTORY, "--yes")
    for host in lab.servers:
        assert host.run("dpkg-query -W -f='${db:Status-Status}' keepalived").stdout == "installed"
        assert left(before[host.name], snapshot(host)) == []


@pytest.mark.hosts(State.READY)
def test_a_hand_made_configuration_that_ran_before_runs_again(lab: Place, deploy: Runs, floatip: Runs) -> None:
    d1, d2 = lab.servers
    d1.write(CONF, HAND_MADE, 0o600)
    d1.run("systemctl start keepalived")
    wait_until(f"{MINE} is there", lambda: d1.holds(MINE))
    before = snapshot(d1)
    deploy(INVENTORY, "--data", "floatip_replace=true")
    settled(lab)
    journals = Journals(lab)
    floatip("remove", INVENTORY, "--yes")
    wait_until(f"{MINE} is back", lambda: d1.holds(MINE))
    assert left(before, snapshot(d1)) == []
    assert d1.run("systemctl is-active keepalived").stdout == "active\n"
    assert journals.starts() == {"d1": 1, "d2": 0}
    assert not d2.exists(CONF)


MINE = "10.9.1.8"
HAND_MADE = f"""\
vrrp_instance MINE {{
    interface eth1
    virtual_router_id 7
    priority 42
    virtual_ipaddress {{
        {MINE}/24
    }}
}}
"""


def traces(host: Host) -> list[str]:
    """Files, units and rules that still bear floatip's name."""
    found = [path for path in snapshot(host).files if "floatip" in path]
    units = host.run("systemctl list-units --all --no-legend --plain '*floatip*'").stdout.splitlines()
    return [*found, *units]
