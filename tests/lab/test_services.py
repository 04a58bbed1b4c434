"""What lives beside keepalived: a service that names the floating address starts on every server, after a reboot too;
systemd-networkd leaves the address alone."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest

from floatip.change import summary
from floatip.hosts import interface_managers
from floatip.hosts.codes import Code
from floatip.model import paths
from floatip.model.problems import Level
from floatip.runs.events import Remark
from lab import wait_until
from lab.host import Host
from lab.layers import State
from lab.names import FLOATING, SUITES
from lab.place import Place
from lab.watch import Watch
from tests.lab import stories
from tests.lab.changes import FAST, INVENTORY, inventory, left, settled, snapshot
from tests.lab.conftest import Runs
from tests.lab.test_removal import traces

SWITCH = "/proc/sys/net/ipv4/ip_nonlocal_bind"
PORT = 8080
SOCKET = f"""\
[Socket]
ListenStream={FLOATING}:{PORT}
Accept=yes

[Install]
WantedBy=sockets.target
"""
SERVICE = """\
[Service]
ExecStart=/bin/hostname
StandardInput=socket
StandardOutput=socket
"""


def serves(host: Host) -> bool:
    """Whether the service has started, which binds the floating address."""
    return host.run("systemctl start web.socket", check=False).returncode == 0


def answers(client: Host, name: str) -> bool:
    """Whether the service at the floating address is this server's."""
    said = client.run(f"bash -c 'exec 3<>/dev/tcp/{FLOATING}/{PORT} && timeout 2 cat <&3'", check=False)
    return said.stdout == f"{name}\n"


@pytest.mark.hosts(State.READY)
def test_a_service_that_names_the_address_starts_anywhere(
    lab: Place, deploy: Runs, floatip: Runs, tmp_path: Path
) -> None:
    d1, d2 = lab.servers
    for host in lab.servers:
        host.write("/etc/systemd/system/web.socket", SOCKET)
        host.write("/etc/systemd/system/web@.service", SERVICE)
        host.run("systemctl daemon-reload")
    d2.write("/etc/nginx/sites-enabled/web", f"server {{\n    listen {FLOATING}:{PORT};\n}}\n")
    before = {host.name: snapshot(host) for host in lab.servers}

    plain = inventory(tmp_path / "plain.py", instance=FAST)
    proposed = [remark.path for remark in deploy(plain).all(Remark) if remark.code == Code.BINDS_ADDRESS]
    assert proposed == ["nonlocal_bind"], "d2's file names it"
    stories.settles(lab, "d1")
    assert serves(d1) and not serves(d2)
    live = floatip("check", plain, "--live", "--json").document
    assert [problem["code"] for problem in live["problems"]] == [Code.BINDS_ADDRESS] * 2, "d1 listens on it"

    asked = inventory(tmp_path / "asked.py", instance=FAST, group={"nonlocal_bind": True})
    assert floatip("check", asked, "--live", "--json", check=False).returncode == 1
    shown = deploy(asked, "--dry", "--diff")
    assert "+ net.ipv4.ip_nonlocal_bind = 1" in shown.stdout + shown.stderr
    assert not d2.exists(paths.SYSCTL_CONF)
    assert not [remark for remark in deploy(asked).all(Remark) if remark.code == Code.BINDS_ADDRESS]
    assert serves(d2)
    assert floatip("check", asked, "--live", "--json").document["problems"] == []
    now = {host.name: snapshot(host) for host in lab.servers}
    assert deploy(asked).changes == []
    assert all(now[host.name].differences(snapshot(host)) == [] for host in lab.servers)

    wait_until("d1 serves", partial(answers, lab.client, "d1"))
    floatip("move", asked, "d2")
    wait_until("d2 serves", partial(answers, lab.client, "d2"))
    d1.run("systemctl enable -q web.socket")
    d1.reboot()
    assert d1.read(SWITCH) == "1\n"
    assert d1.run("systemctl is-active web.socket", check=False).stdout == "active\n"
    d1.run("systemctl disable -q --now web.socket")

    floatip("remove", asked, "--yes")
    for host in lab.servers:
        assert host.read(SWITCH) == "0\n"
        host.run("systemctl stop web.socket")
        assert left(before[host.name], snapshot(host)) == []


NETWORK = "/etc/systemd/network/50-eth1.network"
RESTART, RELOAD = "systemctl restart systemd-networkd", f"touch {NETWORK} && networkctl reload"
RECONFIGURE = "networkctl reconfigure eth1"
SURVIVED = {"bullseye": (RESTART,), "bookworm": (RESTART, RELOAD), "trixie": (RESTART, RELOAD, RECONFIGURE)}
"""Release → what the floating address survives there with the drop-in."""


def managed(host: Host) -> bool:
    """Whether networkd has configured the interface."""
    return bool(re.search(r"eth1 .*configured", host.run("networkctl --no-pager --no-legend").stdout))


def kept(place: Place, *commands: str) -> bool:
    """Whether d1 has the address all the while that these run on it, one after the other."""
    d1 = place.host("d1")
    with Watch(place.servers, FLOATING) as watch:
        for command in commands:
            d1.run(command)
            wait_until("networkd has configured it", partial(managed, d1))
            stories.settles(place, "d1")
    return {(change.host, change.holds) for change in watch.changes} == {("d1", True)}


def loses(place: Place, command: str) -> None:
    """Wait until this has taken the address away from d1, some time after it has returned; and until it is back."""
    with Watch(place.servers, FLOATING) as watch:
        place.host("d1").run(command)
        wait_until("d1 loses the address", lambda: any(not change.holds for change in watch.lane("d1")))
    stories.settles(place, "d1")


@pytest.mark.hosts(State.READY)
@pytest.mark.parametrize("suite", SUITES)
def test_networkd_leaves_the_address_alone(lab: Place, deploy: Runs, floatip: Runs, suite: str) -> None:
    d1, guard = lab.host("d1"), f"{NETWORK}.d/{interface_managers.GUARD}"
    own = "".join(f"Address={address}\n" for address in (f"{d1.spec.address}/24", f"{d1.spec.address6}/64"))
    d1.write(NETWORK, f"[Match]\nName=eth1\n\n[Network]\n{own}")
    d1.run("systemctl start systemd-networkd")
    wait_until("networkd has configured it", partial(managed, d1))
    remarks = [
        (remark.path, remark.level) for remark in deploy(INVENTORY).all(Remark) if remark.code == Code.LOSES_ADDRESS
    ]
    assert remarks == ([] if suite == "trixie" else [("nodes.d1", Level.WARNING)])
    settled(lab)
    assert kept(lab, *SURVIVED[suite])
    assert deploy(INVENTORY).changes == []
    d1.run(f"rm {guard}")
    loses(lab, RESTART if suite == "bullseye" else RELOAD)  # so it is the drop-in that does it
    with Watch(lab.servers, FLOATING) as watch:
        assert [begin.what for begin, _ in deploy(INVENTORY).changes] == [summary.NETWORKD]
    assert {(change.host, change.holds) for change in watch.changes} == {("d1", True)}
    assert kept(lab, *SURVIVED[suite])
    floatip("remove", INVENTORY, "--yes")
    assert not d1.exists(f"{NETWORK}.d") and traces(d1) == []
