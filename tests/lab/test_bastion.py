"""Servers that can only be reached through another machine: ProxyJump in ssh_config, from discovery to a drill.

The servers are known by their addresses in the lab's own network, where nothing of this computer is; the client is the
bastion.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from floatip.hosts import host_answer, probe
from lab.layers import State
from lab.names import spec
from lab.paths import KEY, KNOWN_HOSTS
from lab.place import Place
from tests import preloaded
from tests.lab import changes
from tests.lab.changes import FAST, settled
from tests.lab.conftest import Runs

ADDRESSES = {"d1": "10.9.1.16", "d2": "10.9.1.61"}
CONFIG = """\
Host bastion
    HostName 127.0.0.1
    Port {port}
Host {servers}
    ProxyJump bastion
Host *
    User root
    IdentityFile {key}
    StrictHostKeyChecking yes
"""
STRICT = {"ssh_strict_host_key_checking": "yes"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Somebody's ~/.ssh, with all keys known under the names that ssh uses on the way."""
    preloaded.python()  # has its place in the home of the test run
    ssh = tmp_path / ".ssh"
    ssh.mkdir(mode=0o700)
    port = spec("client").connection["ssh_port"]
    (ssh / "config").write_text(CONFIG.format(port=port, servers=" ".join(ADDRESSES.values()), key=KEY))
    known = KNOWN_HOSTS.read_text()
    for name, address in ADDRESSES.items():
        known = known.replace(f"[127.0.0.1]:{spec(name).connection['ssh_port']}", address)
    (ssh / "known_hosts").write_text(known)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


@pytest.mark.hosts(State.READY)
def test_servers_behind_a_bastion(lab: Place, home: Path, floatip: Runs) -> None:
    answers = probe.ask([[name, {**STRICT, "ssh_hostname": address}] for name, address in ADDRESSES.items()])
    found = {name: host_answer.parse(answer["lines"]) for name, answer in answers.items()}
    assert {name: state.uid for name, state in found.items()} == {"d1": 0, "d2": 0}
    through = dict.fromkeys(("ssh_port", "ssh_user", "ssh_key", "ssh_known_hosts_file"))
    hosts = {name: {**through, "ssh_hostname": address} for name, address in ADDRESSES.items()}
    file = changes.inventory(home, instance=FAST, host=hosts)
    floatip("deploy", file, "--yes")
    settled(lab)
    floatip("status", file)
    report = json.loads(floatip("drill", file, "--fault", "stop", "--json").stdout)
    assert report["held"] and report["lanes"]["d2"]
    floatip("move", file, "d2")
    settled(lab, "d2")
    # A bastion whose key is not known is not trusted: nothing is sent through it.
    known = home / ".ssh" / "known_hosts"
    lines = known.read_text().splitlines(keepends=True)
    known.write_text("".join(line for line in lines if line.split()[0] in ADDRESSES.values()))
    answers = probe.ask([[name, {**STRICT, "ssh_hostname": address}] for name, address in ADDRESSES.items()])
    assert set(answers) == set(ADDRESSES) and all("lines" not in answer for answer in answers.values())
