"""How a run of the tests is arranged: the machine's lock, releases that are gone, and what is told of times."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from _pytest.outcomes import Skipped

from lab import image, machine
from lab.image import Image
from lab.paths import ROOT
from lab.shell import LabError, wait_until
from tests import releases, schedule, times

HOLD = """
import sys
from pathlib import Path
from lab import machine
machine.MACHINE = Path(sys.argv[1])
with getattr(machine, sys.argv[2])():
    print("in", flush=True)
    sys.stdin.read()
"""


def holder(place: Path, how: str) -> subprocess.Popen[str]:
    """Another process that wants the machine, shared or alone; it says `in` once it has it."""
    argv = [sys.executable, "-c", HOLD, str(place), how]
    return subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def waits(place: Path, pid: int) -> bool:
    """Whether the kernel has a process wait for one of the locks."""
    nodes = {str(file.stat().st_ino) for file in place.iterdir()}
    rows = [line.split() for line in Path("/proc/locks").read_text().splitlines() if "->" in line]
    return any(str(pid) in row and any(field.endswith(f":{node}") for field in row for node in nodes) for row in rows)


def said(child: subprocess.Popen[str]) -> str:
    """Its next line."""
    assert child.stdout
    return child.stdout.readline()


def test_who_wants_the_machine_alone_waits_for_all_and_keeps_newcomers_out(tmp_path: Path) -> None:
    with holder(tmp_path, "shared") as first, holder(tmp_path, "shared") as other:
        assert (said(first), said(other)) == ("in\n", "in\n")  # beside each other
        with holder(tmp_path, "exclusive") as alone:
            wait_until("it is so", lambda: waits(tmp_path, alone.pid))
            with holder(tmp_path, "shared") as newcomer:
                wait_until("it is so", lambda: waits(tmp_path, newcomer.pid))
                first.communicate()
                other.communicate()
                assert said(alone) == "in\n"
                assert waits(tmp_path, newcomer.pid)
                alone.communicate()
                assert said(newcomer) == "in\n"
                newcomer.communicate()


def test_what_has_the_machine_asks_for_it_again_in_passing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "MACHINE", tmp_path)
    monkeypatch.setattr(machine, "_held", 0)
    with machine.exclusive(), machine.shared(), machine.exclusive():
        assert (tmp_path / "room").exists()


def test_only_a_release_past_its_support_or_not_out_yet_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(suite: str, prefix: object) -> Image:
        raise LabError(f"no archive has {suite}\nat all")

    monkeypatch.setattr(image, "_ensure", gone)
    releases._had.cache_clear()
    with pytest.raises(Skipped, match=r"Debian bullseye is past its support.*: no archive has bullseye$"):
        releases.need("bullseye")
    with pytest.raises(Skipped, match=r"Debian forky is not out yet.*: no archive has forky$"):
        releases.need("forky")
    with pytest.raises(LabError, match="no archive has bookworm"):
        releases.need("bookworm")
    releases._had.cache_clear()


@pytest.mark.parametrize(
    ("nodeid", "name", "group"),
    [
        ("tests/a.py::test_b", "tests/a.py::test_b", ""),
        ("tests/a.py::test_b@tests/a.py", "tests/a.py::test_b", "tests/a.py"),
        ("tests/a.py::test_b[@node]", "tests/a.py::test_b[@node]", ""),
        ("tests/a.py::test_b[@node]@drill", "tests/a.py::test_b[@node]", "drill"),
    ],
)
def test_a_test_and_its_group(nodeid: str, name: str, group: str) -> None:
    assert times.split(nodeid) == (name, group)


def story(fixtures: Mapping[str, str], params: Mapping[str, object], module: str = "tests/lab/test_x.py") -> Any:
    """A test that asks for these fixtures, by scope, and was given these parameters."""
    definitions = {name: [SimpleNamespace(scope=scope)] for name, scope in fixtures.items()}
    return SimpleNamespace(
        nodeid=f"{module}::test_y",
        get_closest_marker=lambda _: None,
        _fixtureinfo=SimpleNamespace(name2fixturedefs=definitions),
        callspec=SimpleNamespace(params=params),
    )


def test_what_shares_a_lab_is_one_unit_whatever_it_is_told_with() -> None:
    shared = {"place": "module", "pair": "module", "fault": "module"}  # pytest lends a parameter its fixture's scope
    rows = [{"place": "trixie", "pair": pair, "fault": fault} for pair in ("stays", "goes") for fault in ("cut", "off")]
    assert {schedule.unit(story(shared, row)) for row in rows} == {"tests/lab/test_x.py-trixie"}
    assert schedule.unit(story(shared, {"place": "bullseye"})) == "tests/lab/test_x.py-bullseye"
    assert schedule.unit(story({"clean": "module", "case": "function"}, {"case": "a"})) == "tests/lab/test_x.py"
    assert schedule.unit(story({"lab": "function"}, {"suite": "trixie"})) == ""
    assert schedule.unit(story({"lab": "function"}, {}, "tests/unit/test_x.py")) == "tests/unit/test_x.py"


def test_times_are_told_beside_those_that_are_kept() -> None:
    kept = {"set-up": {"images": 60.0}, "modules": {"a": 2.0, "gone": 4.0}}
    rows = [line.split() for line in times.table({"images": 50.0, "a": 3.0, "new": 1.0}, kept)]
    assert rows == [["images", "50.0", "60.0"], ["a", "3.0", "2.0"], ["new", "1.0"], ["in", "all", "54.0", "62.0"]]
    assert times.rounded({"a": 1.04, "b": 3.0, "c": 0.2}) == {"b": 3.0, "a": 1.0}


def test_what_no_run_has_seen_begins_early_where_it_may_be_long() -> None:
    lab, browser, unit = (times.guess(f"tests/{room}/test_x.py::test_y") for room in ("lab", "browser", "unit"))
    assert lab > browser > unit > 0
