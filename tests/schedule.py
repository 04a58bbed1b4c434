"""Which tests one worker does in one piece, in which order, and what is done once more, alone.

A worker takes one unit after the other: a module that costs little, the stories of a module that share a lab, or one
story with a lab of its own. The dearest come first (`tests/times.json`), so that none is left for the end.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence

import pytest
from _pytest.runner import runtestprotocol

from lab import machine
from tests import times

BY_THEMSELVES = ("tests/lab/", "tests/browser/")
LAB = "place"
"""The fixture that boots what the stories of a module share. Each of its parameters is another lab, so another unit;
what else a story is told with is not: rows of one lab go to one worker, which boots it once."""
LATE = "the machine was late"
"""What a test that was measured once more has as a property, with its first figures."""
FIRST = pytest.StashKey[str]()
HOSTS = pytest.StashKey[bool]()
"""Whether this run boots hosts: then it shares the machine with others that do."""


class MachineWasLate(AssertionError):
    """Something took too long, and a control in the same window, that nothing but the machine disturbs, as well."""


def unit(item: pytest.Item) -> str:
    """The name of the unit that a test belongs to; empty where it is one by itself."""
    marker = item.get_closest_marker("xdist_group")
    if marker:
        return str(marker.kwargs.get("name") or marker.args[0])
    module = item.nodeid.partition("::")[0]
    if not module.startswith(BY_THEMSELVES):
        return module
    definitions = item._fixtureinfo.name2fixturedefs  # type: ignore[attr-defined]
    if all(found[-1].scope != "module" for found in definitions.values()):
        return ""
    parameters: dict[str, object] = getattr(getattr(item, "callspec", None), "params", {})
    return "-".join([module, *(str(parameters[name]) for name in [LAB] if name in parameters)])


def mark(items: Sequence[pytest.Item]) -> None:
    """Mark the units, for pytest-xdist."""
    for item in items:
        if (name := unit(item)) and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(name))


def arrange(items: list[pytest.Item]) -> None:
    """Put the dearest units first; the tests of a unit stay together, in their order."""
    names = {item: unit(item) for item in items}
    known = times.known()
    cost = {item: known.get(name or item.nodeid, times.guess(item.nodeid)) for item, name in names.items()}
    first = {name: number for number, name in reversed(list(enumerate(names.values()))) if name}
    place = {item: first.get(name, number) for number, (item, name) in enumerate(names.items())}
    items.sort(key=lambda item: (-cost[item], place[item]))


def pytest_xdist_node_collection_finished(node: object, ids: Sequence[str]) -> None:
    """Look whether the units have come out as units: a pytest and an xdist that do not fit together lose them, and
    every worker would boot every lab."""
    labs = [name for name in ids if name.startswith("tests/lab/test_outages.py")]
    if labs and not any("@" in name for name in labs):
        raise pytest.UsageError("pytest-xdist has lost the groups of the tests (see pyproject.toml)")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Work beside others; what came out badly because the machine was late is measured once more, alone.

    As pytest-rerunfailures does it, which wants a socket between processes that here have different networks.
    """
    if not item.config.stash.get(HOSTS, False):
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    with machine.shared():
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
    if (first := item.stash.get(FIRST, "")) and any(report.failed for report in reports):
        item.user_properties.append((LATE, first))
        with machine.exclusive():
            item._initrequest()  # type: ignore[attr-defined]
            reports = runtestprotocol(item, log=False, nextitem=nextitem)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note what a test said that failed because the machine was late."""
    if call.excinfo and call.excinfo.errisinstance(MachineWasLate):
        item.stash[FIRST] = str(call.excinfo.value)
    return (yield)


def tell(terminal: pytest.TerminalReporter) -> None:
    """Both figures of what was measured once more."""
    reports = [report for kind in ("passed", "failed") for report in terminal.getreports(kind)]
    rows = [(report, first) for report in reports for name, first in report.user_properties if name == LATE]
    if rows:
        terminal.section("MEASURED ONCE MORE, ALONE: the machine was late", sep="!", yellow=True, bold=True)
    for report, first in rows:
        second = report.outcome if report.passed else str(report.longrepr).splitlines()[-1]
        terminal.write_line(f"{report.nodeid}: at first {first}; then {second}", yellow=True)
