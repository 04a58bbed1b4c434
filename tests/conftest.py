"""Options of the whole test run, its own network and home, and a loud word about what did not run."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis.configuration import set_hypothesis_home_dir

from lab import image, namespace, runs
from tests import examples, isolation, preloaded, schedule, times

# Here once, for the stories of the browser and those of the lab: two drivers do not go together.
from tests.browser.chromium import chromium, context, page, playwright, wizard  # noqa: F401
from tests.schedule import (  # noqa: F401
    pytest_runtest_makereport,
    pytest_runtest_protocol,
    pytest_xdist_node_collection_finished,
)

ISOLATED = pytest.StashKey[str]()
"""Why tests of the lab cannot run; empty where they can."""
SOCKETS = pytest.StashKey[str]()
"""Why no test can open a socket; empty where the test run has a network of its own."""
STATES = itertools.count()
"""The numbers of the state directories: one for each test."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--lab`: where the lab's hosts are. `--examples`: how many each property is tried with."""
    parser.addoption(
        "--lab",
        choices=("nspawn", "vagrant", "none"),
        default="nspawn",
        help="hosts of the lab tests: systemd-nspawn here (root), `vagrant up` before, or none",
    )
    parser.addoption("--warm", action="store_true", help="stories use a lab that stays up: `make story`")
    parser.addoption(
        "--examples",
        choices=("few", "all"),
        default="all",
        help="a twentieth of the examples of each property, the same ones every time, and no file waits for its disk; "
        "or all of them, always new ones",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Leave the machine's network and the person's home: the tests get a loopback of their own, where the lab's ports
    are free. Only Vagrant's hosts are on the machine's loopback, and known in the person's home."""
    lab = config.getoption("--lab")
    os.environ[examples.VARIABLE] = config.getoption("--examples")
    if config.getoption("--examples") == "few":
        wait_for_no_disk()
    config.stash[ISOLATED], config.stash[SOCKETS] = why_not(lab), ""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(times.Times())
    if lab == "vagrant":
        return
    if config.getoption("--warm"):
        namespace.join(runs.WARM_NETWORK)
    isolation.nobody_s_home()
    writable(config)
    config.stash[SOCKETS] = isolation.apart()
    config.stash[ISOLATED] = config.stash[ISOLATED] or config.stash[SOCKETS]
    config.stash[schedule.HOSTS] = not config.stash[ISOLATED]


def wait_for_no_disk() -> None:
    """What is written is not there after a power cut: in the inner loop, some thousand files of tests that are over in
    a moment. That the product asks for it, and in which order, is `tests/unit/test_atomic.py`'s."""
    pytest.MonkeyPatch().setattr(os, "fsync", lambda descriptor: None)


def writable(config: pytest.Config) -> None:
    """Where the checkout is somebody else's, nothing is kept there from run to run, and that is no reason to fail."""
    if not os.access(config.rootpath, os.W_OK):
        set_hypothesis_home_dir(str(Path.home() / "hypothesis"))
        config.addinivalue_line("filterwarnings", "ignore::pytest.PytestCacheWarning")


@pytest.fixture(scope="session")
def network(pytestconfig: pytest.Config) -> None:
    """For tests that open sockets: skipped where the test run could have no network of its own."""
    if pytestconfig.stash[SOCKETS]:
        pytest.skip(f"no sockets: {pytestconfig.stash[SOCKETS]}")


@pytest.fixture(autouse=True)
def own_state(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that another test of this worker deployed or ran is known here. Stories of the lab share what their
    module deployed, and begin with an empty record wherever hosts are new."""
    if request.node.get_closest_marker("lab") is None:
        monkeypatch.setenv("XDG_STATE_HOME", str(Path.home() / f"state-{next(STATES)}"))


@pytest.fixture
def forks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs that the product starts are forks of what has been imported."""
    monkeypatch.setattr(sys, "executable", preloaded.python())


def why_not(lab: str) -> str:
    """The reason why lab tests cannot run; empty where they can."""
    if lab == "none":
        return "--lab=none"
    if lab == "nspawn" and os.geteuid() != 0:
        return "the lab needs root"
    if lab == "nspawn" and (missing := image.missing_tools()):
        return f"the lab needs the Debian packages {' '.join(missing)}"
    return ""


def shared(item: pytest.Item) -> tuple[str, ...]:
    """What a test of the lab shares with others of its module: the lab, and what was deployed there."""
    values: dict[str, object] = getattr(getattr(item, "callspec", None), "params", {})
    return tuple(str(values.get(name, "")) for name in ("place", "pair"))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None]:
    """Lab tests come last, so that a slip is told early, and within a module those that share a lab one after the
    other, whatever else pytest would put together; without a lab they are skipped."""
    modules = {path: number for number, path in enumerate(dict.fromkeys(item.path for item in items))}
    for item in items:
        if "tests/lab/" not in item.nodeid:
            continue
        item.add_marker(pytest.mark.lab)
        if config.stash[ISOLATED] and "no_lab" not in item.keywords:
            item.add_marker(pytest.mark.skip(reason=config.stash[ISOLATED]))
    schedule.mark(items)
    yield
    items.sort(key=lambda item: ("tests/lab/" in item.nodeid, modules[item.path], shared(item)))
    schedule.arrange(items)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say loudly what was not tested."""
    schedule.tell(terminalreporter)
    skipped = terminalreporter.getreports("skipped")
    if not skipped:
        return
    terminalreporter.section("NOT TESTED HERE", sep="!", yellow=True, bold=True)
    reasons: dict[str, int] = {}
    for report in skipped:
        reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        reasons[reason] = reasons.get(reason, 0) + 1
    for reason, count in reasons.items():
        terminalreporter.write_line(f"{count} tests: {reason.removeprefix('Skipped: ')}", yellow=True)
