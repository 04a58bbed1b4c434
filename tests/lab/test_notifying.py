"""A script beside the inventory runs on the servers when the address moves, as its user, and goes with floatip."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from floatip.model import paths
from floatip.operate.doctor.model import Code
from lab import wait_until
from lab.host import Host
from lab.layers import State
from lab.place import Place
from tests.lab import stories
from tests.lab.changes import FAST, inventory, left, snapshot
from tests.lab.conftest import Runs

TOLD = "/var/tmp/told"
SCRIPT = f"""\
#!/bin/sh
echo "$(id -un) $*" >>{TOLD}
"""


def messages(host: Host) -> list[str]:
    """What the script has written, run by run."""
    return host.read(TOLD).splitlines() if host.exists(TOLD) else []


def says(host: Host, line: str) -> bool:
    """Whether it has said so since the last time."""
    return line in messages(host)


def scripts(host: Host) -> list[str]:
    """What floatip has put there: owner, mode and name."""
    return host.run(f"cd {paths.SCRIPTS} && stat -c '%U:%G %a %n' *", check=False).stdout.splitlines()


EVENTS = f"""\
#!/bin/sh
# The words before the path of the FIFO, and then all that is read from it.
echo "begins $(id -un) $1" >>{TOLD}
while read -r line; do echo "$line" >>{TOLD}; done <"$2"
"""


def running(host: Host) -> list[str]:
    """The programs of the FIFO that run: their users."""
    return host.run("ps -eo user=,args= | awk '/[e]vents.sh/ {print $1}'").stdout.split()


@pytest.mark.hosts(State.READY)
def test_a_fifo_is_read_by_a_script(lab: Place, deploy: Runs, floatip: Runs, tmp_path: Path) -> None:
    before = {host.name: snapshot(host) for host in lab.servers}
    d1, d2 = lab.servers
    fifo, beside = "/run/keepalived.fifo", tmp_path / "events.sh"
    group = {"notify_fifo": fifo, "notify_fifo_script": {"run": "events.sh now", "user": "daemon"}}
    file = inventory(tmp_path / "lab.py", instance=FAST, group=group)
    beside.write_text(EVENTS)
    for host in lab.servers:
        host.run(f"install -o daemon -m 600 /dev/null {TOLD}")
    deploy(file)
    stories.settles(lab, "d1")
    wait_until("d1 has told", partial(says, d1, 'INSTANCE "VI_1" MASTER 150'))
    for host in lab.servers:
        wait_until("it has begun", lambda host=host: messages(host)[:1] == ["begins daemon now"])  # type: ignore[misc]
    assert d1.run(f"stat -c '%F %U' {fifo}").stdout.strip() == "fifo daemon"
    assert running(d1) == ["daemon"]
    assert deploy(file).changes == []
    floatip("move", file, "d2")
    stories.settles(lab, "d2")
    wait_until("d2 has told", lambda: any(line.startswith('INSTANCE "VI_1" MASTER') for line in messages(d2)))
    wait_until("d1 has told", lambda: any(line.startswith('INSTANCE "VI_1" BACKUP') for line in messages(d1)))
    floatip("move", file, "d1")
    stories.settles(lab, "d1")

    beside.write_text(EVENTS.replace("begins", "again"))
    deploy(file)
    stories.settles(lab, "d1")
    wait_until("the new one runs", partial(says, d1, "again daemon now"))
    wait_until("the old one has ended", lambda: running(d1) == ["daemon"])
    assert [len(scripts(host)) for host in lab.servers] == [1, 1]

    floatip("remove", file, "--yes")
    for host in lab.servers:
        wait_until("nobody reads it", lambda host=host: not running(host))  # type: ignore[misc]
        assert not host.exists(fifo)
        host.run(f"rm -f {TOLD}")
        assert left(before[host.name], snapshot(host)) == []


@pytest.mark.hosts(State.READY)
def test_a_script_runs_when_the_address_moves(lab: Place, deploy: Runs, floatip: Runs, tmp_path: Path) -> None:
    before = {host.name: snapshot(host) for host in lab.servers}
    d1, d2 = lab.servers
    beside = tmp_path / "told.sh"
    notify = {
        "notify_master": {"run": "told.sh master now", "user": "daemon"},
        "notify_backup": "/bin/sh /etc/keepalived/theirs",
    }
    file = inventory(tmp_path / "lab.py", instance={**FAST, **notify})
    assert deploy(file, check=False).returncode != 0, "the script is not there"
    assert not d1.exists(paths.KEEPALIVED_CONF)

    beside.write_text(SCRIPT)
    d2.write("/etc/keepalived/theirs", f'echo "$(id -un) backup" >>{TOLD}2\n')
    deploy(file)
    stories.settles(lab, "d1")
    wait_until("d1's script has run", partial(says, d1, "daemon master now"))
    assert [line.rpartition(".")[0] for line in scripts(d1)] == ["root:root 755 told.sh"]
    assert messages(d2) == []
    assert deploy(file).changes == []
    assert messages(d1) == ["daemon master now"]
    floatip("move", file, "d2")
    wait_until("d2's script has run", partial(says, d2, "daemon master now"))
    stories.settles(lab, "d2")
    assert messages(d1) == ["daemon master now"]
    floatip("move", file, "d1")
    wait_until("d2's own program has run", lambda: d2.exists(f"{TOLD}2") and d2.read(f"{TOLD}2") != "")
    assert set(d2.read(f"{TOLD}2").splitlines()) == {"nobody backup"}

    (name,) = (line.rpartition(" ")[2] for line in scripts(d2))
    d2.run(f"echo exit 1 >>{paths.SCRIPTS}/{name}")
    found = floatip("doctor", file, "--json", check=False).document
    assert Code.SCRIPT_NOT_RUN in str(found)
    deploy(file)
    assert d2.read(f"{paths.SCRIPTS}/{name}") == SCRIPT

    beside.write_text(SCRIPT.replace("$*", "$* again"))
    deploy(file)
    stories.settles(lab, "d1")
    assert [len(scripts(host)) for host in lab.servers] == [1, 1]
    assert name not in str(scripts(d2))
    d1.run("systemctl stop keepalived")
    wait_until("the new one has run", partial(says, d2, "daemon master now again"))
    d1.run("systemctl start keepalived")
    stories.settles(lab, "d1")

    floatip("remove", file, "--yes")
    for host in lab.servers:
        assert not host.exists(paths.SCRIPTS)
        host.run(f"rm -f {TOLD} {TOLD}2 /etc/keepalived/theirs")
        assert left(before[host.name], snapshot(host)) == []
