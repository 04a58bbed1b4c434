"""Every step of a change, and all that can cut it off there: one holder, one configuration, in time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from floatip.runs import detached, events
from lab import Probe
from lab.names import FLOATING
from lab.paths import ROOT
from lab.place import Place
from tests.lab.controllers import Controller, Elsewhere, send
from tests.lab.cut_off import FULL, ROOM, begun, leases_end, whole
from tests.lab.measuring import answered_within
from tests.lab.test_killed import CHANGING, Told

LONGEST = 4.0
"""Seconds without an answer: one election, and what a booting server and a busy machine add."""


Fault = Callable[[Place, Elsewhere, subprocess.Popen[bytes]], None]


def signalled(number: signal.Signals) -> Fault:
    """The run gets a signal."""
    return lambda place, on, run: send(number, [run.pid])


def network(place: Place, on: Elsewhere, run: subprocess.Popen[bytes]) -> None:
    """Its network is cut, for good."""
    on.cut()


def sessions(place: Place, on: Elsewhere, run: subprocess.Popen[bytes]) -> None:
    """All its sessions end, while the servers take new ones."""
    for host in place.servers:
        host.run("pkill -f '^sshd: .*@'; pkill -f '^sshd-session: .*@'", check=False)


def power(name: str) -> Fault:
    """A server is switched off."""
    return lambda place, on, run: place.host(name).power_off()


def full(name: str) -> Fault:
    """A server's disk is full: what is kept there already has to do."""

    def fault(place: Place, on: Elsewhere, run: subprocess.Popen[bytes]) -> None:
        place.host(name).run(FULL)

    return fault


FAULTS: Mapping[str, Fault] = {
    **{number.name: signalled(number) for number in (signal.SIGKILL, signal.SIGINT, signal.SIGHUP)},
    "network": network,
    "sessions": sessions,
    "power of d1": power("d1"),
    "power of d2": power("d2"),
    "disk of d2": full("d2"),
}
ASKED = {"SIGINT", "SIGHUP"}
KINDS: Mapping[str, Mapping[str, Any]] = {
    "identity": {},
    "reload": {"virtual_ipaddress": [f"{FLOATING}/24", "10.9.1.7/24"]},
    "start-over": {"use_vmac": True},
}


EACH = [pytest.param(kind, marks=pytest.mark.xdist_group(name=f"soak-cut-off-{kind}")) for kind in KINDS]


@pytest.mark.parametrize("kind", EACH)
@pytest.mark.parametrize("fault", FAULTS)
def test_every_step(place: Place, tmp_path: Path, kind: str, fault: str) -> None:
    for number in range(1, 30):
        on = Elsewhere(tmp_path / f"on-{number}")
        with on:
            before, goal = begun(place, Controller(tmp_path / f"here-{number}"), tmp_path, **KINDS[kind])
            with Probe(place.client, FLOATING) as probe:
                code, what = cut(place, on, goal, number, FAULTS[fault])
                for host in place.servers:
                    if not host.is_on():
                        host.power_on()
                        host.wait_ready()
                leases_end(place)
                took = whole(place, before, goal)
        for host in place.servers:
            host.run(ROOM)
        answered_within(probe.pings, LONGEST, f"{kind}, {fault}, {what}")
        longest = max(gap for _, gap in probe.pings.gaps)
        if fault in ASKED and number > 1:  # the first step is the test, before the servers keep anything
            assert code in (0, 1), what
        print(f"| {kind} | {fault} | {number}: {what} | {code} | {took:.0f} s | {longest:.0f} ms |")
        if not what:
            return


def cut(place: Place, on: Elsewhere, goal: Path, number: int, fault: Fault) -> tuple[int, str]:
    """Run a deploy with this fault at its operation of this number: exit code, and the operation; empty, where it
    has fewer."""
    argv = [*on.inside(), sys.executable, "-m", "pyinfra", "-y", str(goal), "deploy.py"]
    what = ""
    with Told() as outcome, (outcome.place / "log").open("w") as log:
        environment = {**os.environ, detached.RUN: str(outcome.place), "XDG_STATE_HOME": str(on.state)}
        run = subprocess.Popen(argv, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        for event in outcome.by(run):
            if isinstance(event, events.Begin) and event.what.template in CHANGING:
                number -= 1
                if number == 0:
                    what = str(event.what)
                    fault(place, on, run)
    return run.returncode, what
