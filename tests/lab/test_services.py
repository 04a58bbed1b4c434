"""Services behind the floating address: one that names it starts on every server, now and after a reboot."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from floatip.hosts.codes import Code
from floatip.model import paths
from floatip.runs.events import Remark
from lab import wait_until
from lab.host import Host
from lab.layers import State
from lab.names import FLOATING
from lab.place import Place
from tests.lab import stories
from tests.lab.changes import FAST, inventory, left, snapshot
from tests.lab.conftest import Runs

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
    proposed = [one.path for one in deploy(plain).all(Remark) if one.code == Code.BINDS_ADDRESS]
    assert proposed == ["nonlocal_bind"], "d2's file names it"
    stories.settles(lab, "d1")
    assert serves(d1) and not serves(d2)
    live = floatip("check", plain, "--live", "--json").document
    assert [one["code"] for one in live["problems"]] == [Code.BINDS_ADDRESS] * 2, "d1 listens on it"

    asked = inventory(tmp_path / "asked.py", instance=FAST, group={"nonlocal_bind": True})
    assert floatip("check", asked, "--live", "--json", check=False).returncode == 1
    shown = deploy(asked, "--dry", "--diff")
    assert "+ net.ipv4.ip_nonlocal_bind = 1" in shown.stdout + shown.stderr
    assert not d2.exists(paths.SYSCTL_CONF)
    assert not [one for one in deploy(asked).all(Remark) if one.code == Code.BINDS_ADDRESS]
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
