"""What is begun in a terminal is in the history like the wizard's runs: who, what, what came of it, and the inventory
as it was, which can be deployed again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from floatip.change import origin
from floatip.cli import main
from floatip.hosts import monitor, probe
from floatip.hosts.daemon import DaemonState
from floatip.hosts.monitor import Snapshot
from floatip.model import inventory
from floatip.model.cluster import Cluster
from floatip.model.messages import say
from floatip.operate import fleet, handover, refusals, running
from floatip.operate.drill import runner
from floatip.operate.fleet import Need
from floatip.operate.running import Running, Source
from floatip.runs import detached, events, jobs, pyinfra_run, recorded, results
from floatip.runs.lock import process
from floatip.runs.pyinfra_run import Result as Ended
from floatip.server_side.lease.model import What
from tests.unit.samples import Change, parsed, put, text
from tests.unit.test_deployed import Servers

STEP: list[events.Event] = [events.Begin(1.8e9, 1, say("Install packages")), events.End(1.8e9 + 1)]
PROVED = events.Proved("10.9.1.6", "d1", True, "VI_1")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An inventory of servers of which nothing is known."""
    made = tmp_path / "lab.py"
    made.write_text(text())
    monkeypatch.setattr(running, "of", lambda clusters: [Running(Source.FILE, cluster) for cluster in clusters])
    monkeypatch.setattr(monitor, "snapshots", lambda *_: iter([Snapshot(1.8e9, {}, {"d1": "?", "d2": "?"})]))
    return made


class Deploys:
    """pyinfra, which tells what it is told to, and ends so. `files`: what was deployed, as it was."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.told: Sequence[events.Event] = [*STEP, PROVED]
        self.code = 0
        self.files: list[str] = []
        monkeypatch.setattr(pyinfra_run, "run", self.run)

    def run(self, file: Path, **_: Any) -> Ended:
        """One run."""
        self.files.append(file.read_text())
        for event in self.told:
            detached.tell(event)
        return Ended(self.code, {})


@pytest.fixture
def deploys(monkeypatch: pytest.MonkeyPatch) -> Deploys:
    """All that are begun."""
    return Deploys(monkeypatch)


def floatip(*words: object) -> Result:
    """The command line in this process."""
    return CliRunner().invoke(main, [str(word) for word in words])


def runs() -> list[jobs.Run]:
    """The oldest first."""
    return jobs.runs(recorded.directory())[::-1]


def test_a_deploy_in_a_terminal_is_written_down(file: Path, deploys: Deploys) -> None:
    assert floatip("deploy", file, "--yes").exit_code == 0
    (run,) = runs()
    assert (run.what, run.code, run.inventory, run.terminal) == (What.DEPLOY, 0, file, True)
    assert (run.who, results.state(run), results.proved(run)) == (process.who(), "done", [PROVED])
    assert detached.RUN not in os.environ
    (parsed,) = inventory.read(file)
    assert jobs.was(recorded.directory(), run) == parsed.cluster


ENDS: list[tuple[int, list[events.Event], list[str]]] = [
    (1, [*STEP, events.Failed(events.Failure.STEP, say("x"))], ["failed"]),
    (1, [events.Refused(events.Refusal.BUSY, say("x"))], ["failed"]),
    (1, [events.Stopped(say("x"))], ["stopped"]),
    (1, [], []),  # somebody has said no
]


@pytest.mark.parametrize(("code", "happened", "states"), ENDS, ids=range(len(ENDS)))
def test_how_it_ended(file: Path, deploys: Deploys, code: int, happened: list[events.Event], states: list[str]) -> None:
    deploys.code, deploys.told = code, happened
    assert floatip("deploy", file, "--yes").exit_code == code
    assert [results.state(run) for run in runs()] == states


def test_looking_only_is_not_written_down(file: Path, deploys: Deploys) -> None:
    assert floatip("deploy", file, "--dry").exit_code == 0
    assert floatip("remove", file).exit_code == 2
    assert runs() == []


def test_a_removal_and_a_refused_reboot(file: Path, deploys: Deploys, monkeypatch: pytest.MonkeyPatch) -> None:
    def unfit(*_: object) -> Mapping[str, str]:
        raise refusals.Unfit(refusals.Code.NOT_RUNNING, say("d2 is not fit"), "d2")

    monkeypatch.setattr("floatip.cli.maintenance.only_running", lambda file, _: (inventory.read(file)[0].cluster, file))
    monkeypatch.setattr(handover, "plan_absence", unfit)
    assert floatip("reboot", file, "d1").exit_code == 1
    deploys.told = [*STEP, events.Cleared("d1")]
    assert floatip("remove", file, "--yes").exit_code == 0
    assert [(run.what, run.node, results.state(run)) for run in runs()] == [
        (What.REBOOT, "d1", "failed"),
        (What.REMOVE, "", "done"),
    ]


def test_a_run_of_the_wizard_is_not_written_down_twice(
    file: Path, deploys: Deploys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(detached.RUN, str(tmp_path))
    assert floatip("deploy", file, "--yes").exit_code == 0
    assert runs() == [] and (tmp_path / detached.STEPS).exists()


def test_one_that_goes_on_and_one_that_was_killed(file: Path) -> None:
    code = f"""import time
from pathlib import Path
from floatip.runs import recorded
from floatip.server_side.lease.model import What
with recorded.begun(Path({str(file)!r}), What.DEPLOY):
    print("begun", flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout and child.stdout.readline() == "begun\n"
        assert [results.state(run) for run in runs()] == ["going"]
        child.kill()
        child.wait()
        assert [(run.code, results.state(run)) for run in runs()] == [(detached.VANISHED, "failed")]


def test_a_computer_that_cannot_write_it_down_does_it_all_the_same(
    file: Path, deploys: Deploys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/null")
    assert floatip("deploy", file, "--yes").exit_code == 0
    assert len(deploys.files) == 1


def test_an_earlier_inventory_is_deployed_again(file: Path, deploys: Deploys) -> None:
    first = floatip("deploy", file, "--yes") and file.read_text()
    file.write_text(text(put("VI_1.virtual_router_id", 77)))
    floatip("deploy", file, "--yes")
    lines = floatip("history", file).stdout.splitlines()
    assert [(line.split()[0], line.endswith("same as the file now")) for line in lines] == [("1", False), ("2", True)]
    runs = json.loads(floatip("history", file, "--json").stdout)["runs"]
    assert [(entry["number"], entry["what"], entry["state"], bool(entry["differs"])) for entry in runs] == [
        (1, "deploy", "done", True),
        (2, "deploy", "done", False),
    ]
    assert floatip("history", file, "--deploy", "1").exit_code == 2  # nobody can be asked
    assert floatip("history", file, "--deploy", "1", "--yes").exit_code == 0
    assert [('"virtual_router_id": 77' in file, "77" in file) for file in deploys.files[:1] + deploys.files[2:]] == [
        (False, False)
    ] * 2
    assert first != file.read_text() and "77" in file.read_text()  # it stays as it is
    assert [line.split()[0] for line in floatip("history", file).stdout.splitlines()] == ["1", "2", "3"]


def test_an_earlier_inventory_is_compared_with_the_file(file: Path, deploys: Deploys) -> None:
    floatip("deploy", file, "--yes")
    same = floatip("history", file, "--diff", "1")
    assert (same.exit_code, "the same" in same.stdout) == (0, True)
    file.write_text(text(put("VI_1.virtual_router_id", 77)))
    answer = floatip("history", file, "--diff", "1")
    changed = [(line[0], '_id": 77' in line) for line in answer.stdout.splitlines() if line[0] in "+-"]
    assert (answer.exit_code, changed) == (0, [("-", False), ("+", True)])
    document = json.loads(floatip("history", file, "--diff", "1", "--json").stdout)
    assert document["number"] == 1 and len(document["differs"]) > 2
    floatip("history", file, "--diff", "1", "--deploy", "1", "--yes")
    assert len(deploys.files) == 1  # it only looks


@pytest.mark.parametrize("option", ["deploy", "diff"])
@pytest.mark.parametrize("number", [0, 2, -1, 99])
def test_there_is_no_such_deploy(file: Path, deploys: Deploys, number: int, option: str) -> None:
    floatip("deploy", file, "--yes")
    answer = floatip("history", file, f"--{option}={number}", "--yes", "--json")
    assert (answer.exit_code, json.loads(answer.stdout)["error"]["code"]) == (2, "no-such-deploy")
    assert len(deploys.files) == 1


def test_the_history_of_another_file_of_this_name_is_another(file: Path, deploys: Deploys, tmp_path: Path) -> None:
    other = tmp_path / "other" / "lab.py"
    other.parent.mkdir()
    other.write_text(text())
    floatip("deploy", other, "--yes")
    answer = floatip("history", file)
    assert (answer.exit_code, answer.stdout) == (0, "")


def cluster(*changes: Change) -> Cluster:
    """The good one after these changes."""
    made = parsed(*changes).cluster
    assert made
    return made


OTHER = "f" * 64
TEXTS: list[tuple[str, bool]] = [
    (origin.record(cluster(), "bob@desk", 1.8e9), True),
    (f"1 1800000000 bob@desk {OTHER}\n", True),
    ("", False),
    (f"2 1800000000 bob@desk {OTHER}", False),
    (f"1 1800000000 bob desk {OTHER}", False),
    (f"1 18000000001 bob@desk {OTHER}", False),
    (f"1 1800000000 bob@desk {OTHER[1:]}", False),
    (f"1 1800000000 bob@desk\x1b[1m {OTHER}", False),
    ("x" * 1000, False),
]


@pytest.mark.parametrize(("note", "understood"), TEXTS, ids=range(len(TEXTS)))
def test_what_a_server_remembers_is_read_strictly(note: str, understood: bool) -> None:
    found = origin.parse(note)
    assert (found is not None) == understood
    assert not found or (found.at, found.who) == (1_800_000_000, "bob@desk")


def test_the_digest_is_of_what_the_servers_get_not_of_the_way_to_them() -> None:
    same = cluster(put("d1.ssh_hostname", "192.0.2.99"), put("d2.ssh_port", 2222))
    assert origin.digest(cluster()) == origin.digest(same)
    assert origin.digest(cluster()) != origin.digest(cluster(put("VI_1.virtual_router_id", 7)))


NOTES: list[tuple[list[str], bool]] = [
    ([], False),
    ([origin.record(cluster(), "bob@desk", 5)], False),  # he has deployed the very same
    ([f"1 5 bob@desk {OTHER}"], True),
    ([f"1 5 bob@desk {OTHER}", origin.record(cluster(), "ann@home", 9)], False),  # and later she has ours
    ([origin.record(cluster(), "ann@home", 3), f"1 5 bob@desk {OTHER}", "?"], True),
]


@pytest.mark.parametrize(("notes", "expected"), NOTES, ids=range(len(NOTES)))
def test_who_else_has_deployed(file: Path, notes: list[str], expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {
        str(number): DaemonState(True, 1, frozenset(), {}, {}, deployed=deployed)
        for number, deployed in enumerate(notes)
    }
    monkeypatch.setattr(monitor, "snapshots", lambda *_: iter([Snapshot(1.8e9, seen, {})]))
    assert ("bob@desk deployed another inventory on " in floatip("history", file).stdout) is expected
    assert bool(json.loads(floatip("history", file, "--json").stdout)["elsewhere"]) is expected
    found = fleet.of(Running(Source.FILE, cluster()), Snapshot(1.8e9, seen, {}), None)
    assert (Need.ELSEWHERE in {note.code for note in found.notes}) is expected


def test_what_this_user_deployed_from_here_is_not_from_elsewhere(file: Path) -> None:
    note = f"1 5 {process.who()} {OTHER}"
    assert origin.elsewhere([note], process.who(), (cluster(),)) is None
    assert origin.elsewhere([note], "ann@home", (cluster(),))


def test_a_check_of_the_servers_and_a_refused_drill(
    file: Path, deploys: Deploys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither has a number: the oldest checks are forgotten, and a line keeps its own."""

    def unfit(*_: object) -> Mapping[str, str]:
        raise refusals.Unfit(refusals.Code.NOT_RUNNING, say("d2 is not fit"), "d2")

    monkeypatch.setattr("floatip.cli.drill.only_running", lambda file, _: (inventory.read(file)[0].cluster, file))
    monkeypatch.setattr(runner, "run", unfit)
    servers = Servers({"d1": "something else"})
    monkeypatch.setattr(probe, "ask", servers.ask)
    for number in range(recorded.CHECKS + 2):
        if number == 1:
            floatip("deploy", file, "--yes")
        assert floatip("check", "--live", file, "--json").exit_code == 3
    assert floatip("drill", file, "--yes").exit_code == 1
    assert floatip("check", file).exit_code == 0
    deploy, *checks, drill = runs()
    assert {run.what for run in checks} == {What.CHECK} and len(checks) == recorded.CHECKS
    assert (deploy.what, drill.what, drill.node, results.state(drill)) == (What.DEPLOY, What.DRILL, "d2", "failed")
    assert checks[0].code == 3 and "▲ d1: not what the inventory says" in checks[0].log and "? d2: " in checks[0].log
    assert checks[0].who == process.who() and not checks[0].terminal
    listed = json.loads(floatip("history", file, "--json").stdout)["runs"]
    assert [run["number"] for run in listed] == [1, *[None] * (recorded.CHECKS + 1)]
    assert floatip("history", file, "--deploy", "1", "--yes").exit_code == 0
    assert floatip("history", file, "--deploy", "2", "--yes").exit_code == 0  # the one of a moment ago
    assert floatip("history", file, "--deploy", "9", "--yes").exit_code == 2
