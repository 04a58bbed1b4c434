"""Packages on a server where a repository cannot be reached. How somebody else who is at work on them is waited for is
told by `test_floats`, on each Debian."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from floatip.deploy.operations.packages import LISTS_READ
from floatip.model import paths
from floatip.model.problems import Level
from floatip.runs import detached
from floatip.runs.events import Event, Failed, Failure, Remark
from lab import wait_until
from lab.host import Host
from lab.names import SUITES
from lab.paths import ROOT
from lab.place import Place
from tests import preloaded
from tests.lab.changes import INVENTORY, left, settled, snapshot
from tests.lab.conftest import Runs
from tests.lab.test_killed import Told
from tests.lab.test_removal import traces

LOCKS = {"d1": "/var/lib/apt/lists/lock", "d2": "/var/lib/dpkg/lock-frontend"}
OFF = "deb [trusted=yes] http://127.0.0.1:9/debian ./\n"
LIST = "/etc/apt/sources.list.d/off.list"

# A lock of the kind that apt and dpkg ask for; flock(1) makes another.
HOLD = """\
use Fcntl;
my $lock = pack("s s x4 q q i x4", F_WRLCK);
open FILE, ">>", $ARGV[0] or die $!;
fcntl(FILE, F_SETLK, $lock) or die $!;
open HELD, ">", "/run/held" or die $!;
sleep;
"""


def hold(host: Host) -> None:
    """Have a process of its own take the host's lock."""
    host.write("/run/hold.pl", HOLD)
    host.run(f"systemd-run -q --unit=holder perl /run/hold.pl {LOCKS[host.name]}")
    wait_until("the lock is taken", lambda: host.exists("/run/held"))


def deployed_while_waiting(lab: Place, file: Path) -> list[Event]:
    """What a deploy told; each lock is let go once the deploy has said that it waits for it."""
    argv = [preloaded.python(), "-m", "pyinfra", "-y", str(file), "deploy.py"]
    events = []
    with Told() as run, (run.place / "log").open("w+") as log:
        environment = {**os.environ, detached.RUN: str(run.place)}
        child = subprocess.Popen(argv, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        for event in run.by(child):
            events.append(event)
            if isinstance(event, Remark) and event.code == "packages-busy":
                lab.host(event.path.removeprefix("nodes.")).run("systemctl stop holder")
        log.seek(0)
        assert child.returncode == 0, log.read()
    return events


@pytest.mark.parametrize("suite", SUITES[:1])
def test_a_repository_that_is_off_matters_only_where_a_package_cannot_be_had(
    lab: Place, deploy: Runs, floatip: Runs
) -> None:
    d1, d2 = lab.servers
    d1.write(LIST, OFF)
    sources = only(d2, OFF)
    before = {host.name: snapshot(host) for host in lab.servers}
    failed = deploy(INVENTORY, check=False)
    assert failed.returncode != 0
    assert {(failure.code, failure.node) for failure in failed.all(Failed)} == {(Failure.PACKAGES, "d2")}
    warned = {(remark.path, remark.code, remark.level) for remark in failed.all(Remark)}
    assert ("nodes.d1", "repository-unreachable", Level.WARNING) in warned
    assert all(not host.exists(LISTS_READ) for host in lab.servers)
    assert not d2.exists(paths.RECORD)
    floatip("remove", INVENTORY, "--yes")
    for host in lab.servers:
        assert left(before[host.name], snapshot(host)) == []
        assert traces(host) == []
    d2.run(sources)
    deploy(INVENTORY)
    settled(lab)
    assert [host.exists(LISTS_READ) for host in lab.servers] == [False, True]


def only(host: Host, source: str) -> str:
    """Have this as a host's only repository; the command that brings the others back."""
    host.run("mkdir /root/apt; mv /etc/apt/sources.list* /root/apt/; mkdir /etc/apt/sources.list.d; apt-get update -qq")
    host.write(LIST, source)
    return "rm -r /etc/apt/sources.list.d; mv /root/apt/* /etc/apt/"
