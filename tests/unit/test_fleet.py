"""Many clusters at once: each in one line, each server asked once, and the worst of all as the exit code."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from floatip.cli import main
from floatip.hosts import monitor, probe
from floatip.hosts.daemon import DaemonState, Vrrp
from floatip.hosts.distinct import DistinctServers
from floatip.hosts.monitor import Snapshot
from floatip.model.cluster import Cluster
from floatip.operate import fleet
from floatip.operate.drill.reports import Kept
from floatip.operate.fleet import Need
from floatip.operate.running import Running, Source
from floatip.runs import deployed
from tests.unit.samples import parsed, put, text
from tests.unit.test_drill import report

VIP = "10.9.1.6"
BROKEN = "import os\nodd = ([], {})\n"


def seen(state: str, **more: Any) -> DaemonState:
    """A server in this state of its daemon, or `stopped`."""
    instances = {} if state == "stopped" else {"VI_1": Vrrp(state, 100, 60.0, {})}  # type: ignore[arg-type]
    held = frozenset({VIP} if state == "master" else ())
    return replace(DaemonState(state != "stopped", 60.0, held, instances, {}), **more)


def look(*states: DaemonState | None) -> Snapshot:
    """At d1 and d2; None: no answer."""
    named = dict(zip(("d1", "d2"), states, strict=True))
    failures = {name: "No answer." for name, state in named.items() if state is None}
    return Snapshot(1.8e9, {name: state for name, state in named.items() if state}, failures)


def lab() -> Cluster:
    """The good cluster."""
    cluster = parsed().cluster
    assert cluster
    return cluster


STANDINGS: list[tuple[Source, Snapshot | None, int | None, str, list[Need]]] = [
    (Source.FILE, look(seen("master"), seen("backup")), 2, "good", []),
    (Source.FILE, None, None, "unknown", []),
    (Source.FILE, look(seen("master"), None), 1, "unknown", [Need.SILENT]),
    (Source.FILE, look(None, None), 0, "unknown", [Need.SILENT]),
    (Source.FILE, look(seen("master"), seen("stopped")), 1, "good", [Need.SERVER]),
    (Source.FILE, look(seen("stopped"), seen("stopped")), 0, "bad", [Need.ADDRESS, Need.SERVER, Need.SERVER]),
    (Source.FILE, look(seen("master"), seen("master")), 0, "bad", [Need.ADDRESS]),
    (Source.FILE, look(seen("backup"), seen("master", moved="1 VI_1=d2")), 2, "good", [Need.MOVED]),
    (Source.RECORD, look(seen("master"), seen("backup")), 2, "good", [Need.CHANGED]),
    (Source.FILE, look(seen("master", full=("/run",)), seen("backup")), 2, "good", [Need.FULL]),
]


@pytest.mark.parametrize(("source", "snapshot", "well", "level", "needs"), STANDINGS)
def test_a_cluster_in_one_line(
    source: Source, snapshot: Snapshot | None, well: int | None, level: str, needs: list[Need]
) -> None:
    running = Running(source, lab(), ("+ a line",) if source is Source.RECORD else ())
    found = fleet.of(running, snapshot, None)
    assert (found.well, found.servers, found.level) == (well, 2, level)
    assert [note.code for note in found.notes] == needs


def test_nothing_is_deployed() -> None:
    found = fleet.of(Running(Source.NOTHING, None), Snapshot(1.8e9, {}, {}), None)
    assert ([note.code for note in found.notes], found.level) == ([Need.NOT_DEPLOYED], "unknown")


def test_the_last_failover_test() -> None:
    made = report()
    found = fleet.of(Running(Source.FILE, lab()), None, Kept("20261124-120000-stop", made, "ann@desk"))
    assert found.tested == fleet.Tested(made.at, True, made.outage_ms, "stop", "20261124-120000-stop")
    assert fleet.of(Running(Source.FILE, lab()), None, None).tested is None


def test_servers_of_one_name_are_told_apart_and_the_same_one_is_asked_once() -> None:
    servers = DistinctServers()
    names = [
        servers.add("d1", {"ssh_hostname": "192.0.2.1"}),
        servers.add("d1", {"ssh_hostname": "192.0.2.2"}),
        servers.add("web", {"ssh_hostname": "192.0.2.1"}),
        servers.add("d1", {}),
        servers.add("d1", {"ssh_hostname": "192.0.2.2"}),
    ]
    assert names == ["d1", "d1-2", "d1", "d1-3", "d1-2"]
    assert [data["ssh_hostname"] for data in servers.data.values()] == ["192.0.2.1", "192.0.2.2", "d1"]


class Network:
    """Servers that answer, by their SSH address; `asked`: every request, as it was made."""

    def __init__(self) -> None:
        self.states: dict[str, DaemonState | None] = {}
        self.asked: list[list[str]] = []

    def snapshots(
        self, hosts: Sequence[tuple[str, Mapping[str, Any]]], _every: float, rounds: int | None
    ) -> Iterator[Snapshot]:
        """A look."""
        self.asked.append([data["ssh_hostname"] for _, data in hosts])
        known = {name: self.states.get(data["ssh_hostname"]) for name, data in hosts}
        failures = {name: "No answer." for name, state in known.items() if state is None}
        for _ in range(rounds or 2):
            yield Snapshot(1.8e9, {name: state for name, state in known.items() if state}, failures)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Network:
    """In which web and db have been deployed from here."""
    made = Network()
    monkeypatch.setattr(monitor, "snapshots", made.snapshots)
    monkeypatch.setattr(probe, "states_of", lambda data, *_: dict.fromkeys(data, "No answer."))
    (tmp_path / "inventories").mkdir()
    for number, name in enumerate(("db", "web")):
        own = [
            put(f"{node}.ssh_hostname", f"192.0.2.{10 * number + index}") for index, node in enumerate(("d1", "d2"), 1)
        ]
        file = tmp_path / "inventories" / f"{name}.py"
        file.write_text(text(*own).replace("lab =", f"{name} ="))
        (found,) = fleet.read([file])
        deployed.keep(found.clusters[0])
    made.states = {f"192.0.2.{number}": seen("master" if number % 10 == 1 else "backup") for number in (1, 2, 11, 12)}
    return made


def floatip(*words: object) -> Result:
    """The command line in this process."""
    return CliRunner().invoke(main, [str(word) for word in words])


def test_a_directory_is_a_table(network: Network, tmp_path: Path) -> None:
    answer = floatip("status", tmp_path / "inventories")
    assert answer.exit_code == 0, answer.output
    rows = [line.split() for line in answer.stdout.splitlines()]
    assert [row[:4] for row in rows[1:3]] == [[name, VIP, "●", "d1"] for name in ("db", "web")]
    assert [row[6] for row in rows[1:3]] == ["2/2", "2/2"]
    assert network.asked == [["192.0.2.1", "192.0.2.2", "192.0.2.11", "192.0.2.12"]]  # all in one request


def test_several_files_for_a_program(network: Network, tmp_path: Path) -> None:
    network.states["192.0.2.12"] = None
    files = [tmp_path / "inventories" / f"{name}.py" for name in ("web", "db")]
    answer = floatip("status", *files, "--json")
    assert answer.exit_code == 3, answer.output
    document = json.loads(answer.stdout)
    web, db = document["clusters"]
    assert (web["cluster"], web["file"], web["well"], web["servers"]) == ("web", str(files[0]), 1, 2)
    assert (list(web["failures"]), [note["code"] for note in web["notes"]]) == (["d2"], [Need.SILENT])
    assert (db["well"], db["notes"], db["failures"], db["deployed"]["source"]) == (2, [], {}, "file")
    assert (document["ok"], document["problems"]) == (False, {})


CODES: list[tuple[dict[str, DaemonState | None], bool, int]] = [
    ({}, False, 0),
    ({"192.0.2.2": None}, False, 3),
    ({}, True, 2),
    ({"192.0.2.2": None}, True, 2),
    ({"192.0.2.2": None, "192.0.2.12": seen("master")}, True, 1),
]


@pytest.mark.parametrize(("states", "broken", "code"), CODES, ids=range(len(CODES)))
def test_the_exit_code_is_the_worst(
    network: Network, tmp_path: Path, states: dict[str, DaemonState | None], broken: bool, code: int
) -> None:
    network.states |= states
    if broken:
        (tmp_path / "inventories" / "odd.py").write_text(BROKEN)
    answer = floatip("status", tmp_path / "inventories")
    assert answer.exit_code == code, answer.output
    assert (("odd.py" in answer.stdout), ("odd.py" in answer.stderr)) == (broken, broken)
    assert [line.split()[0] for line in answer.stdout.splitlines()[1:3]] == ["db", "web"]
    assert floatip("status", tmp_path / "inventories", "--json").exit_code == code


def test_watched_it_is_told_again_and_again(network: Network, tmp_path: Path) -> None:
    answer = floatip("status", tmp_path / "inventories", "--json", "--watch")
    assert [len(json.loads(line)["clusters"]) for line in answer.stdout.splitlines()] == [2, 2]
    assert len(network.asked) == 1


def test_a_directory_without_inventories(tmp_path: Path) -> None:
    for command in ("status", "check"):
        answer = floatip(command, tmp_path)
        assert (answer.exit_code, answer.stdout) == (2, "")
        document = json.loads(floatip(command, tmp_path, "--json").stdout)
        assert document["error"]["code"] == "no-inventories"


def test_several_are_checked(network: Network, tmp_path: Path) -> None:
    place = tmp_path / "inventories"
    answer = floatip("check", place / "web.py", place / "db.py")
    assert (answer.exit_code, [line.split()[1] for line in answer.stdout.splitlines()]) == (
        0,
        [f"{place / name}.py:" for name in ("web", "db")],
    )
    (place / "odd.py").write_text(BROKEN)
    answer = floatip("check", place)
    assert answer.exit_code == 2
    assert f"{place / 'odd.py'}:" in answer.stderr
    document = json.loads(floatip("check", place, "--json").stdout)
    assert [(Path(file["file"]).stem, file["ok"]) for file in document["files"]] == [
        ("db", True),
        ("odd", False),
        ("web", True),
    ]
    live = floatip("check", place, "--live")
    assert (live.exit_code, live.stdout.count("No answer.")) == (2, 4)
    (place / "odd.py").unlink()
    assert floatip("check", place, "--live", "--json").exit_code == 3
