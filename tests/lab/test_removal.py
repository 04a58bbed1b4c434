"""`floatip remove`: afterwards a host is as it was before the first deploy, whatever was there. `test_floats` tells it
of bare hosts, on each Debian."""

from __future__ import annotations

import pytest

from floatip.change.plan import Kind
from floatip.model.paths import FOREIGN_CONF
from floatip.runs.events import Refusal
from lab import wait_until
from lab.host import Host
from lab.layers import State
from lab.names import FLOATING
from lab.place import Place
from tests.lab.changes import CONF, INVENTORY, Journals, left, settled, snapshot
from tests.lab.conftest import Runs


@pytest.mark.hosts(State.READY)
def test_packages_that_were_there_before_stay(lab: Place, deploy: Runs, floatip: Runs) -> None:
    """On d1 all of them, on d2 not that of the log; deployed again afterwards, it floats again."""
    d1, d2 = lab.servers
    d2.run("systemctl disable -q keepalived; DEBIAN_FRONTEND=noninteractive apt-get -qy purge rsyslog", timeout=120)
    before = {host.name: snapshot(host) for host in lab.servers}
    deploy(INVENTORY)
    settled(lab)
    floatip("remove", INVENTORY, "--yes")
    for host in lab.servers:
        assert left(before[host.name], snapshot(host)) == []
        assert installed(host, "keepalived")
    assert [installed(host, "rsyslog") for host in (d1, d2)] == [True, False]
    deploy(INVENTORY)
    settled(lab)


def installed(host: Host, package: str) -> bool:
    """Whether a host has it."""
    status = host.run(f"dpkg-query -W -f='${{db:Status-Status}}' {package}", check=False)
    return status.stdout == "installed"


@pytest.mark.hosts(State.READY)
def test_a_hand_made_configuration_is_replaced_only_when_asked_for_and_runs_again(
    lab: Place, deploy: Runs, floatip: Runs
) -> None:
    d1, d2 = lab.servers
    d1.write(CONF, HAND_MADE, 0o600)
    d1.run("systemctl start keepalived")
    wait_until(f"{MINE} is there", lambda: d1.holds(MINE))
    before = {host.name: snapshot(host) for host in lab.servers}
    refused = deploy(INVENTORY, check=False)
    assert (refused.returncode, refused.refused.code) == (1, Refusal.HOSTS)
    assert [(error.path, error.code) for error in refused.errors] == [("nodes.d1", "foreign-configuration")]
    assert all(before[host.name].differences(snapshot(host)) == [] for host in lab.servers)
    deploy(INVENTORY, "--data", "floatip_replace=true")
    settled(lab)
    assert d1.read(FOREIGN_CONF) == HAND_MADE
    assert "# Managed by floatip" in d1.read(CONF)
    assert not d2.exists(FOREIGN_CONF)
    assert deploy(INVENTORY).planned.kind is Kind.NOTHING
    journals = Journals(lab)
    floatip("remove", INVENTORY, "--yes")
    wait_until(f"{MINE} is back", lambda: d1.holds(MINE))
    assert left(before["d1"], snapshot(d1)) == []
    assert (d1.read(CONF), d1.run(f"stat -c %a {CONF}").stdout) == (HAND_MADE, "600\n")
    assert lab.holders(FLOATING) == []
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
