"""A run that is killed anywhere is simply run again: the hosts are then what an undisturbed run makes of them."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from floatip import paths
from lab import Probe
from lab.layers import State
from lab.names import FLOATING
from lab.paths import ROOT
from lab.place import Place
from tests.lab.changes import FAST, inventory, ours, settled
from tests.lab.conftest import Runs
from tests.lab.measuring import answered_within

SECOND = "10.9.1.7"
MOST = 60
"""More operations than a run has."""


def test_a_first_run_killed_at_any_operation_is_run_again(lab: Place, deploy: Runs, tmp_path: Path) -> None:
    goal = inventory(tmp_path, instance=FAST)
    deploy(goal)
    undisturbed = looks(lab)
    seen = []
    for operation in kills(goal):
        seen.append(operation)
        deploy(goal)
        settled(lab)
        assert differences(undisturbed, looks(lab)) == [], operation
        assert "Nothing will be changed" in deploy(goal).stderr, operation
        lab.reset(*(host.name for host in lab.servers))
    assert len(seen) > 12
    assert "Install packages" in seen
    assert "Prove that exactly one node holds each address" in seen


@pytest.mark.hosts(State.READY)
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["kill", "ctrl-c"])
def test_a_change_killed_at_any_step_is_run_again(
    lab: Place, deploy: Runs, tmp_path: Path, how: signal.Signals
) -> None:
    """The identity changes and an address is added; a client asks all the time."""
    before = inventory(tmp_path / "before.py", instance=FAST)
    more = {"virtual_router_id": 102, "virtual_ipaddress": [f"{FLOATING}/24", f"{SECOND}/24"]}
    goal = inventory(tmp_path / "goal.py", instance={**FAST, **more})
    for path in (before, goal):
        deploy(path)
    undisturbed = looks(lab)
    deploy(before)
    seen = []
    for operation in kills(goal, "Test|Activate|Wait|Prove", how):
        seen.append(operation)
        with Probe(lab.client, FLOATING) as probe:
            deploy(goal)
            settled(lab)
            settled(lab, address=SECOND)
        assert differences(undisturbed, looks(lab)) == [], operation
        answered_within(probe.pings, 1.5, operation)
        assert "Nothing will be changed" in deploy(goal).stderr, operation
        deploy(before)
        settled(lab)
    assert len(seen) > 4


def kills(path: Path, which: str = "", how: signal.Signals = signal.SIGKILL) -> Iterator[str]:
    """Run the deploy and kill it when its first operation of these begins; the next time at the second, and so on.

    Gives the operation's name each time, and ends when a run has fewer operations than that.
    """
    for number in range(1, MOST):
        operation = killed(path, number, which, how)
        if operation is None:
            return
        yield operation
    raise AssertionError("it never ended by itself")


def killed(path: Path, number: int, which: str, how: signal.Signals) -> str | None:
    """The operation at which the run was killed; None where it came to its end."""
    argv = [sys.executable, "-m", "pyinfra", "-y", str(path), "deploy.py"]
    child = subprocess.Popen(
        argv, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert child.stderr is not None
    with child, child.stderr:
        for line in child.stderr:
            found = re.search(rf"Starting operation: ((?:{which}).*?)\s*$", line)
            number -= found is not None
            if found and number == 0:
                child.send_signal(how)
                child.wait(timeout=60)
                return found[1]
    assert child.returncode == 0
    return None


def looks(place: Place) -> Mapping[str, Mapping[str, str]]:
    """Server → everything of floatip on it. The backup is of whatever ran before, so it is another each time."""
    asked = "systemctl is-enabled keepalived; systemctl is-active keepalived; nft list ruleset 2>/dev/null"
    return {
        host.name: {
            **{path: look for path, look in ours(host).items() if path != paths.PREVIOUS_CONF},
            "service and firewall": host.run(asked, check=False).stdout,
        }
        for host in place.servers
    }


def differences(one: Mapping[str, Mapping[str, str]], other: Mapping[str, Mapping[str, str]]) -> list[str]:
    """What is another on which server."""
    return [
        f"{name}: {thing}: {one[name].get(thing)} -> {other[name].get(thing)}"
        for name in one
        for thing in sorted(one[name].keys() | other[name].keys())
        if one[name].get(thing) != other[name].get(thing)
    ]
