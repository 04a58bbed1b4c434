"""Fixtures of the lab tests: fresh hosts for each story, and the programs under test as a user starts them.

A story that wants another Debian or more servers says `@pytest.mark.parametrize("suite", [...])` or
`("servers", [...])`; one whose hosts have the packages already, or are the deployed pair of `inventories/lab.py`, says
`@pytest.mark.hosts(State.READY)` or `(State.DEPLOYED)`, with `whole=True` where the client runs services. A
module whose stories share one lab asks for `place`, a deployed pair, or makes a fixture from `labs`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from floatip.runs import detached, storage
from lab import Lab
from lab.layers import State
from lab.making import INSTALL, wall
from lab.names import DEFAULT_SUITE
from lab.paths import ROOT
from lab.place import Place
from lab.shell import LabError
from lab.vagrant import NotFresh, VagrantLab
from tests import preloaded, releases
from tests.lab.changes import settled
from tests.lab.controllers import Controller
from tests.lab.ran import Ran


class Runs(Protocol):
    """Starts a program of floatip and returns its exit code, its texts and the events that it told."""

    def __call__(self, *args: str | Path, check: bool = ..., timeout: float = ...) -> Ran:
        """Run it with these arguments; with `check`, an exit code other than 0 fails the test."""


class Labs:
    """The labs of one test run: one at a time, as they share the loopback ports."""

    def __init__(self, kind: str, *, warm: bool = False) -> None:
        self.kind, self.warm = kind, warm
        self.current: Place | None = None

    def up(
        self, suite: str = DEFAULT_SUITE, servers: int = 2, state: State = State.BARE, *, whole: bool = False
    ) -> Place:
        """A lab of hosts d1, d2 … and client, in this state. `whole`: the client runs services, too, with systemd."""
        self.down()
        # These are new machines: what was deployed before, with the same names and ports, was deployed to others.
        shutil.rmtree(storage.state_directory() / "deployed", ignore_errors=True)
        names = [*(f"d{number}" for number in range(1, servers + 1)), "client"]
        if self.kind == "vagrant":
            try:
                self.current = VagrantLab.attach(names, suite)
            except NotFresh:
                raise
            except LabError as other:
                pytest.skip(str(other))
            _bring(self.current, state)
        else:
            releases.need(suite)
            hosts = dict.fromkeys(names, suite)
            light = () if whole else ("client",)
            if self.warm:
                self.current = Lab.warm(hosts, state, light)
            else:
                self.current = Lab.up(hosts, state=state, light=light)
        if state is State.DEPLOYED:
            settled(self.current)
        return self.current

    def down(self) -> None:
        """End the present one, if there is one; a warm one is made fresh for the next story."""
        if self.warm and isinstance(self.current, Lab):
            self.current.renew()
        elif self.current is not None:
            self.current.down()
        self.current = None


@pytest.fixture(scope="session")
def labs(request: pytest.FixtureRequest) -> Iterator[Labs]:
    """For fixtures that make a lab of their own: `labs.up(suite, servers)`."""
    made = Labs(request.config.getoption("--lab"), warm=request.config.getoption("--warm"))
    yield made
    made.down()


@pytest.fixture
def suite() -> str:
    """The Debian of the lab's hosts."""
    return DEFAULT_SUITE


@pytest.fixture
def servers() -> int:
    """How many servers the lab has, besides the client."""
    return 2


@pytest.fixture
def lab(request: pytest.FixtureRequest, labs: Labs, suite: str, servers: int) -> Iterator[Place]:
    """Fresh hosts, for this story alone; bare ones, unless it is marked with another state."""
    marker = request.node.get_closest_marker("hosts")
    state, more = (marker.args[0], marker.kwargs) if marker else (State.BARE, {})
    yield labs.up(suite, servers, state, **more)
    labs.down()


@pytest.fixture(scope="module")
def place(labs: Labs) -> Iterator[Place]:
    """One deployed pair for all stories of a module, unless the module makes another place."""
    yield labs.up(state=State.DEPLOYED)
    labs.down()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Controller]:
    """The computer that runs are started on, with a state directory of its own."""
    with Controller(tmp_path / "here") as controller:
        yield controller


def _bring(place: Place, state: State) -> None:
    """What a layer does for nspawn hosts, done on hosts that have none."""
    if state in (State.READY, State.WALLED):
        for host in place.servers:
            host.run(INSTALL, timeout=300)
        if state is State.WALLED:
            wall(place.servers)
            for host in place.servers:
                host.reboot()
    elif state is State.DEPLOYED:
        start("pyinfra", "-y", "inventories/lab.py", "deploy.py", check=True, timeout=300)


@pytest.fixture
def deploy() -> Runs:
    """`pyinfra -y ARGS… deploy.py`, from the repository root; ARGS begin with the inventory."""

    def run(*args: str | Path, check: bool = True, timeout: float = 180) -> Ran:
        return start("pyinfra", "-y", *args, "deploy.py", check=check, timeout=timeout)

    return run


@pytest.fixture
def floatip() -> Runs:
    """`floatip ARGS…`, from the repository root."""

    def run(*args: str | Path, check: bool = True, timeout: float = 180) -> Ran:
        return start("floatip", *args, check=check, timeout=timeout)

    return run


def start(module: str, *args: str | Path, check: bool, timeout: float, cwd: Path = ROOT) -> Ran:
    """Run a Python module as a program would be run; what it said goes into the failure."""
    argv = [preloaded.python() if cwd == ROOT else sys.executable, "-m", module, *map(str, args)]
    with tempfile.TemporaryDirectory() as place:
        done = Ran(
            subprocess.run(
                argv,
                cwd=cwd,
                env={**os.environ, detached.RUN: place},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=timeout,
                check=False,
            ),
            Path(place),
        )
    if check and done.returncode != 0:
        pytest.fail(f"exit {done.returncode}: {' '.join(argv[1:])}\n{done.stdout}\n{done.stderr}")
    return done


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A story that fails shows what the hosts' keepalived had to say."""
    report = yield
    labs = getattr(item, "funcargs", {}).get("labs")
    if report.when == "call" and report.failed and isinstance(labs, Labs) and labs.current is not None:
        for host in labs.current.servers:
            report.sections.append((f"{host.name}", last_words(labs.current, host.name)))
    return report


def last_words(place: Place, name: str) -> str:
    """Addresses and the end of the log of one host, as far as they can be had."""
    try:
        return place.host(name).run("ip -br address; journalctl -n 40 --no-pager -o short-precise", check=False).stdout
    except LabError as off:
        return str(off)
