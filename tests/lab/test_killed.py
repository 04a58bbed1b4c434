"""A run that is killed anywhere is simply run again: the hosts are then what an undisturbed run makes of them."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Self

import pytest

from floatip.change import summary
from floatip.change.plan import Kind
from floatip.model import paths
from floatip.model.messages import Said
from floatip.runs import detached, events
from lab import Probe, wait_until
from lab.layers import State
from lab.names import FLOATING
from lab.paths import ROOT
from lab.place import Place
from tests import preloaded
from tests.lab.changes import FAST, INVENTORY, inventory, ours, settled
from tests.lab.conftest import Labs, Runs
from tests.lab.measuring import answered_within

SECOND = "10.9.1.7"
MOST = 60
"""More operations than a run has."""
CHANGING = {sentence.template for sentence in (summary.TEST, summary.PROVE)} | {summary.ACTIVATE, summary.WAIT}
"""The operations that the change of a configuration consists of."""


HALVES = {sentence.template for sentence in (summary.RESTART, summary.PROVE)} | {summary.ACTIVATE}
"""Those of a first run that leave different things half done, where the packages are there already."""


def test_an_installation_that_is_killed_is_run_again(labs: Labs, deploy: Runs) -> None:
    undisturbed = looks(labs.up(state=State.DEPLOYED))
    lab = labs.up()
    assert killed(INVENTORY, 1, lambda what: what.template == summary.INSTALL.template, signal.SIGKILL)
    run_again(deploy, INVENTORY)
    settled(lab)
    assert differences(undisturbed, looks(lab)) == []
    labs.down()


@pytest.mark.parametrize(
    "which",
    [
        pytest.param(HALVES, id="configuration", marks=pytest.mark.hosts(State.READY)),
        pytest.param(None, id="all", marks=pytest.mark.soak),
    ],
)
def test_a_first_run_killed_at_any_operation_is_run_again(
    lab: Place, deploy: Runs, tmp_path: Path, which: set[str] | None
) -> None:
    goal = inventory(tmp_path, instance=FAST)
    deploy(goal)
    undisturbed = looks(lab)
    assert deploy(goal).planned.kind is Kind.NOTHING  # so it is where a killed run has come to the same
    lab.reset(*(host.name for host in lab.servers))
    seen = []
    for operation in kills([goal], lambda what: which is None or what.template in which):
        seen.append(operation)
        run_again(deploy, goal)
        settled(lab)
        assert differences(undisturbed, looks(lab)) == [], operation
        lab.reset(*(host.name for host in lab.servers))
    assert {sentence.template for sentence in seen} == which if which else len(seen) > 12


def run_again(deploy: Runs, goal: Path) -> None:
    """As a person does: once more where the last step of the killed run, say apt, has changed something after the
    plan was made."""
    first = deploy(goal, check=False)
    if first.returncode:
        assert first.refused.code is events.Refusal.OUTDATED, first.stderr
        deploy(goal)


@pytest.mark.hosts(State.READY)
@pytest.mark.parametrize(
    "how",
    [pytest.param(signal.SIGKILL, id="kill"), pytest.param(signal.SIGINT, id="ctrl-c", marks=pytest.mark.soak)],
)
def test_a_change_killed_at_any_step_is_run_again(
    lab: Place, deploy: Runs, tmp_path: Path, how: signal.Signals
) -> None:
    """The identity changes and an address is added, or both are taken back; a client asks all the time."""
    before = inventory(tmp_path / "before.py", instance=FAST)
    more = {"virtual_router_id": 102, "virtual_ipaddress": [f"{FLOATING}/24", f"{SECOND}/24"]}
    goal = inventory(tmp_path / "goal.py", instance={**FAST, **more})
    undisturbed = {}
    second: Mapping[Path, list[str]] = {before: [], goal: ["d1"]}
    for path in (before, goal, before):
        deploy(path)
        settled(lab)
        undisturbed[path] = looks(lab)
    assert deploy(before).planned.kind is Kind.NOTHING  # so it is where a killed run has come to the same
    seen: list[Said] = []
    for operation in kills(ways := (goal, before), lambda what: what.template in CHANGING, how):
        there = ways[len(seen) % 2]
        seen.append(operation)
        with Probe(lab.client, FLOATING) as probe:
            deploy(there)
            settled(lab)
            is_with(lab, second[there])
        assert differences(undisturbed[there], looks(lab)) == [], operation
        answered_within(probe.pings, 1.5, operation)
    assert len(seen) > 4


def is_with(place: Place, names: list[str]) -> None:
    """Wait until just these servers have the second address."""
    wait_until(f"{SECOND} is with {names}", lambda: place.holders(SECOND) == names)


def kills(paths: Sequence[Path], which: Callable[[Said], bool], how: signal.Signals = signal.SIGKILL) -> Iterator[Said]:
    """Run the deploy and kill it when its first operation of these begins; the next time at the second, and so on: of
    one inventory after the other, again and again.

    Gives the operation's name each time, and ends when a run has fewer operations than that.
    """
    for number in range(1, MOST):
        operation = killed(paths[(number - 1) % len(paths)], number, which, how)
        if operation is None:
            return
        yield operation
    raise AssertionError("it never ended by itself")


def killed(path: Path, number: int, which: Callable[[Said], bool], how: signal.Signals) -> Said | None:
    """The operation at which the run was killed; None where it came to its end."""
    argv = [preloaded.python(), "-m", "pyinfra", "-y", str(path), "deploy.py"]
    found = None
    with Told() as outcome, (outcome.place / "log").open("w+") as log:
        told_to = {**os.environ, detached.RUN: str(outcome.place)}
        child = subprocess.Popen(argv, cwd=ROOT, env=told_to, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        for event in outcome.by(child):
            if isinstance(event, events.Begin) and which(event.what):
                number -= 1
                if number == 0:
                    # To the program itself: what stands in its place would pass it on some time later.
                    program = child.pid if how == signal.SIGKILL else preloaded.program(child.pid)
                    os.kill(program or child.pid, how)
                    found = event.what
                    if how == signal.SIGKILL:
                        child.wait()  # nobody reads what is told any more, so nothing new begins until it is dead
        log.seek(0)
        assert found or child.returncode == 0, log.read()
        # Only the test of the new file comes before the servers keep the change: from then on it is brought to its end.
        if how != signal.SIGKILL and found and found.template in CHANGING:
            begun = found.template != summary.TEST.template
            assert child.returncode in (0, 1) if begun else child.returncode != 0, log.read()
    return found


class Told:
    """What a run tells, event by event, at the moment when it does: it can begin nothing new before the last event
    was taken, so that a signal at the beginning of an operation comes no later than at its end."""

    def __enter__(self) -> Self:
        self._directory = tempfile.TemporaryDirectory()
        self.place = Path(self._directory.name)
        self._ready()
        return self

    def __exit__(self, *_: object) -> None:
        self._directory.cleanup()

    def _ready(self) -> None:
        """Whoever writes to a pipe that nobody reads yet waits."""
        os.mkfifo(self.place / "next")
        os.replace(self.place / "next", self.place / detached.STEPS)

    def by(self, child: subprocess.Popen[bytes], patience: float = 180) -> Iterator[events.Event]:
        """Until it has ended; a run that takes longer is ended."""
        until = time.monotonic() + patience
        while child.poll() is None:
            with open(os.open(self.place / detached.STEPS, os.O_RDONLY | os.O_NONBLOCK)) as pipe:
                while not select.select([pipe], [], [], 0.02)[0] and child.poll() is None:
                    if time.monotonic() > until:
                        child.kill()
                self._ready()
                os.set_blocking(pipe.fileno(), True)
                text = pipe.read()
            yield from events.read(text)


def looks(place: Place) -> Mapping[str, Mapping[str, str]]:
    """Server → everything of floatip on it. The backup is of whatever ran before, and what was noted of the deploy has
    its time, so they are others each time."""
    asked = "systemctl is-enabled keepalived; systemctl is-active keepalived; nft list ruleset 2>/dev/null"
    return {
        host.name: {
            **{path: look for path, look in ours(host).items() if path not in (paths.PREVIOUS_CONF, paths.ORIGIN)},
            "service and firewall": host.run(asked, check=False).stdout,
        }
        for host in place.servers
    }


def differences(texts: Mapping[str, Mapping[str, str]], other: Mapping[str, Mapping[str, str]]) -> list[str]:
    """What is another on which server."""
    return [
        f"{name}: {thing}: {texts[name].get(thing)} -> {other[name].get(thing)}"
        for name in texts
        for thing in sorted(texts[name].keys() | other[name].keys())
        if texts[name].get(thing) != other[name].get(thing)
    ]
