"""What is said of a cluster is said of what was deployed, not of a file that somebody is still writing."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from ipaddress import ip_interface
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from floatip.change import summary
from floatip.cli import main
from floatip.deploy.lifecycle.recording import Noting
from floatip.hosts import monitor, probe
from floatip.hosts.daemon import DaemonState, Vrrp
from floatip.hosts.monitor import Snapshot
from floatip.keepalived import render
from floatip.model import inventory
from floatip.model.cluster import Cluster, Floating
from floatip.model.inventory.data import hosts_data
from floatip.model.parse import Parsed
from floatip.operate import handover, refusals, running
from floatip.operate.doctor import examining
from floatip.operate.drill import runner
from floatip.operate.refusals import Code
from floatip.operate.running import Source
from floatip.runs import deployed, pyinfra_run
from floatip.runs.pyinfra_run import Result as Ran
from tests.recorded.doctor_answers import HEALTHY, PLACE, Recording, cluster

OLD, NEW = "10.9.1.6", "10.9.1.30"


def readdressed(cluster: Cluster, address: str = NEW) -> Cluster:
    """The same with another floating address."""
    floating = (Floating(ip_interface(f"{address}/24")),)
    return replace(cluster, instances=tuple(replace(each, virtual_ipaddress=floating) for each in cluster.instances))


def linked(cluster: Cluster, **connection: str | int) -> Cluster:
    """The same with other connection data."""
    nodes = tuple(
        replace(node, connection=tuple({**dict(node.connection), **connection}.items())) for node in cluster.nodes
    )
    return replace(cluster, nodes=nodes)


@dataclass
class Servers:
    """Servers that have these files; those that have no entry do not answer."""

    files: dict[str, str | None] = field(default_factory=dict)
    asked: list[list[str]] = field(default_factory=list)

    def run(self, cluster: Cluster, *names: str) -> None:
        """They have the files of this cluster; the others are off."""
        self.files = {name: render.keepalived_conf(cluster, name) for name in names or ("d1", "d2")}

    def ask(self, request: list[list[Any]], patience: float = 0) -> dict[str, Any]:
        """As `looking.ask`, with what real servers answered once."""
        servers = Recording.load(PLACE / f"bookworm-{HEALTHY}.json").servers
        self.asked.append([name for name, *_ in request])
        return {
            name: {**servers[name], "lines": list(self._lines(name, servers[name]["lines"]))}
            if name in self.files
            else {"error": "timed out"}
            for name, *_ in request
        }

    def _lines(self, name: str, lines: list[str]) -> Iterator[str]:
        yield from (line for line in lines if not line.startswith("file=conf "))
        text = self.files[name]
        if text is not None:
            yield f"file=conf 640:root:root {base64.b64encode(text.encode()).decode()}"


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Servers:
    """Both run what the recorded inventory says."""
    found = Servers()
    found.run(cluster())
    monkeypatch.setattr(probe, "ask", found.ask)
    return found


def test_what_is_kept_is_found_by_its_servers() -> None:
    ours = cluster()
    assert deployed.of(ours.name, hosts_data(ours)) is None
    deployed.keep(ours)
    for same in (ours, readdressed(ours), linked(ours, ssh_hostname="192.0.2.1"), replace(ours, name="renamed")):
        record = deployed.of(same.name, hosts_data(same))
        assert record and record.cluster == ours
    others = linked(replace(ours, name="other"), ssh_hostname="192.0.2.9")
    assert deployed.of("other", hosts_data(others)) is None
    for odd in ([["d1", {"ssh_hostname": 7, "vrrp": "x"}]], [["", None]], [["d1", {"vrrp": {"a": 1}}]], []):
        assert deployed.of("lab", odd) is None


def test_a_server_belongs_to_one_cluster() -> None:
    deployed.keep(cluster())
    other = replace(readdressed(cluster()), name="other")
    deployed.keep(other)
    for each in (cluster(), other):
        record = deployed.of(each.name, hosts_data(each))
        assert record and record.cluster == other
    deployed.forget(cluster())
    assert deployed.of(other.name, hosts_data(other)) is None


def test_a_record_that_nobody_can_read_is_none() -> None:
    deployed.keep(cluster())
    record = deployed.of("lab", hosts_data(cluster()))
    assert record
    record.file.write_bytes(b"import os\n\xff")
    assert deployed.of("lab", hosts_data(cluster())) is None


def test_only_what_has_changed_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that follows a cluster asks every second, for as long as it is open."""
    ours, other = cluster(), linked(replace(cluster(), name="other"), ssh_hostname="192.0.2.9")
    deployed.keep(ours)
    deployed.keep(other)
    reads: list[str] = []

    def read(file: Path) -> tuple[Parsed, ...]:
        reads.append(file.name)
        return really(file)

    really = inventory.read
    monkeypatch.setattr(inventory, "read", read)

    def found() -> Cluster | None:
        record = deployed.of("lab", hosts_data(ours))
        return record.cluster if record else None

    assert found() == found() == ours
    assert len(reads) == len(set(reads)), "each once, at most"
    reads.clear()
    deployed.keep(readdressed(ours))
    assert (found(), found(), reads) == (readdressed(ours), readdressed(ours), ["lab.py"])
    odd = deployed.of("other", hosts_data(other))
    assert odd
    reads.clear()
    odd.file.write_text("import os\n")
    assert (deployed.of("other", hosts_data(other)), deployed.of("other", hosts_data(other))) == (None, None)
    assert reads == ["other.py"], "what cannot be read is not tried again and again"
    deployed.forget(ours)
    assert found() is None
    assert [file.name for file in deployed._read] == ["other.py"], "what is gone is not kept"


KEPT, FILE = cluster(), readdressed(cluster())
CONF = render.keepalived_conf(FILE, "d1")
Prepare = Callable[[Servers], object]
CASES: list[tuple[str, Cluster | None, Prepare, Source, str | None]] = [
    ("the servers run the file", None, lambda they: they.run(FILE), Source.FILE, NEW),
    ("an old deploy", KEPT, lambda they: they.run(KEPT), Source.RECORD, OLD),
    ("an old deploy, and one server has drifted", KEPT, lambda they: they.run(KEPT, "d1"), Source.RECORD, OLD),
    ("deployed from elsewhere since", KEPT, lambda they: they.run(FILE), Source.FILE, NEW),
    ("an old deploy, and nobody answers", KEPT, lambda they: they.files.clear(), Source.RECORD, OLD),
    ("nothing is kept", None, lambda they: they.run(KEPT), Source.SERVERS, OLD),
    ("nothing is kept, and one server answers", None, lambda they: they.run(KEPT, "d2"), Source.SERVERS, OLD),
    ("nothing is kept, and nobody answers", None, lambda they: they.files.clear(), Source.UNKNOWN, NEW),
    ("nothing is there", None, lambda they: they.files.update(d1=None, d2=""), Source.NOTHING, None),
    ("everything was removed by hand", KEPT, lambda they: they.files.update(d1=None, d2=" \n"), Source.NOTHING, None),
    ("one server runs the file", None, lambda they: they.files.update(d1=CONF, d2="x"), Source.FILE, NEW),
    ("files of somebody else's", None, lambda they: they.files.update(FOREIGN), Source.SERVERS, "10.9.1.77"),
    ("files that say nothing", None, lambda they: they.files.update(d1="x", d2="y"), Source.UNKNOWN, NEW),
]
FOREIGN: dict[str, str | None] = {
    name: f"vrrp_instance A\n{{\n interface eth1\n virtual_router_id 7\n priority {rank}\n"
    " virtual_ipaddress { 10.9.1.77/24 }\n}\n"
    for name, rank in (("d1", 150), ("d2", 90))
}


@pytest.mark.parametrize(
    ("kept", "prepare", "source", "address"), [row[1:] for row in CASES], ids=[row[0] for row in CASES]
)
def test_what_runs(
    servers: Servers, kept: Cluster | None, prepare: Prepare, source: Source, address: str | None
) -> None:
    if kept:
        deployed.keep(kept)
    prepare(servers)
    (found,) = running.of([FILE])
    assert found.source == source
    assert (found.cluster.floating if found.cluster else None) == (frozenset({address}) if address else None)
    assert bool(found.notice) == (source != Source.FILE)
    changed = [line for line in found.changes if line[:1] in "+-" and NEW in line]
    assert bool(changed) == (source in (Source.RECORD, Source.SERVERS, Source.NOTHING))


def test_nobody_is_asked_where_the_file_is_what_was_deployed(servers: Servers) -> None:
    deployed.keep(cluster())
    (found,) = running.of([linked(cluster(), ssh_user="somebody")])
    assert (found.source, servers.asked, found.changes) == (Source.FILE, [], ())
    assert found.cluster and dict(found.cluster.node("d1").connection)["ssh_user"] == "somebody"


def other(cluster: Cluster) -> Cluster:
    """The same of two more servers, d3 and d4."""
    names = {"d1": "d3", "d2": "d4"}
    nodes = tuple(replace(node, name=names[node.name]) for node in cluster.nodes)
    instances = tuple(
        replace(each, members=tuple(replace(member, node=names[member.node]) for member in each.members))
        for each in cluster.instances
    )
    return linked(replace(cluster, name="other", nodes=nodes, instances=instances), ssh_hostname="192.0.2.9")


def test_the_servers_of_all_clusters_are_asked_at_once(servers: Servers) -> None:
    deployed.keep(cluster())
    deployed.keep(replace(readdressed(other(cluster()), "10.9.1.40"), name="third"))
    first, second = running.of([FILE, other(cluster())])
    assert servers.asked == [["d1", "d2", "d3", "d4"]]
    assert (first.source, first.cluster) == (Source.RECORD, KEPT)
    assert (second.source, second.cluster and second.cluster.floating) == (Source.RECORD, frozenset({"10.9.1.40"}))
    running.of([cluster(), other(FILE)])
    assert servers.asked[1:] == [["d3", "d4"]], "who has what is kept is not asked"


@pytest.mark.parametrize("command", ["status", "doctor"])
def test_a_command_reads_the_files_of_all_servers_at_once(
    servers: Servers, tmp_path: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitor, "snapshots", lambda hosts, *_: iter([Snapshot(0.0, {}, {})]))
    monkeypatch.setattr(examining, "examine", lambda clusters: [])
    both = inventory.dumps(FILE) + inventory.dumps(other(cluster())).removeprefix(inventory.HEADER)
    (tmp_path / "both.py").write_text(both)
    answer = CliRunner().invoke(main, [command, str(tmp_path / "both.py")])
    assert servers.asked == [["d1", "d2", "d3", "d4"]], answer.output


def test_an_incomplete_draft_speaks_of_what_was_deployed(servers: Servers) -> None:
    deployed.keep(cluster())
    found = running.of_draft("lab", [[name, data] for name, data in hosts_data(cluster())], None)
    assert (found.source, found.cluster, found.changes) == (Source.RECORD, cluster(), ())


STATE: dict[str, DaemonState] = {
    "d1": DaemonState(True, 60.0, frozenset({OLD}), {"VI_1": Vrrp("master", 150, 60.0, {}, 101, 150)}, {"web": True}),
    "d2": DaemonState(True, 60.0, frozenset(), {"VI_1": Vrrp("backup", 100, 60.0, {}, 101, 100)}, {"web": True}),
}


@pytest.fixture
def file(servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An inventory with another address than the one that was deployed."""
    deployed.keep(cluster())
    monkeypatch.setattr(monitor, "snapshots", lambda hosts, *_: iter([Snapshot(0.0, STATE, {})]))
    monkeypatch.setattr(handover, "look", lambda cluster: Snapshot(0.0, STATE, {}))
    return inventory.save(FILE, tmp_path)


def says_so(answer: Result) -> None:
    """The terminal was told that the file is not deployed, with the difference."""
    assert "Not deployed yet. What you see here is what the last deploy put on the servers." in answer.stderr
    assert f"'{OLD}/24'" in answer.stderr.replace('"', "'") and f"'{NEW}/24'" in answer.stderr.replace('"', "'")


def test_the_status_of_a_file_that_is_not_deployed(file: Path) -> None:
    answer = CliRunner().invoke(main, ["status", str(file)])
    says_so(answer)
    assert answer.exit_code == 0
    assert f"d1 holds {OLD}." in answer.stdout and NEW not in answer.stdout
    answer = CliRunner().invoke(main, ["status", str(file), "--json"])
    document = json.loads(answer.stdout)
    assert [address["address"] for address in document["addresses"]] == [OLD]
    assert [deployed["source"] for deployed in document["deployed"]] == [Source.RECORD]
    assert any(NEW in line for line in document["deployed"][0]["not_deployed"])


def test_the_status_of_what_was_never_deployed(servers: Servers, tmp_path: Path) -> None:
    servers.files = {"d1": None, "d2": None}
    file = inventory.save(FILE, tmp_path)
    answer = CliRunner().invoke(main, ["status", str(file)])
    assert answer.exit_code == 3
    assert "Not deployed yet: no server has a keepalived.conf." in answer.stderr and "Nobody" not in answer.stdout
    answer = CliRunner().invoke(main, ["status", str(file), "--json"])
    assert (json.loads(answer.stdout)["addresses"], answer.exit_code) == ([], 3)


def test_the_diagnosis_of_a_file_that_is_not_deployed(file: Path) -> None:
    answer = CliRunner().invoke(main, ["doctor", str(file)])
    says_so(answer)
    assert (answer.exit_code, answer.stdout) == (0, f"● {file}: nothing is wrong.\n")


def test_a_drill_is_about_what_runs(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Cluster] = []

    def run(cluster: Cluster, *_: object) -> None:
        seen.append(cluster)
        raise refusals.Unfit(Code.DRILL_FAILED, running.TOLD[Source.NOTHING])

    monkeypatch.setattr(runner, "run", run)
    answer = CliRunner().invoke(main, ["drill", str(file), "--yes"])
    says_so(answer)
    assert [cluster.floating for cluster in seen] == [frozenset({OLD})]


@pytest.mark.parametrize("command", ["move", "reboot"])
def test_a_move_deploys_nothing_else(file: Path, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[Path] = []

    def run(path: Path, **_: object) -> Ran:
        ran.append(path)
        return Ran(1)

    monkeypatch.setattr(pyinfra_run, "run", run)
    monkeypatch.setattr("floatip.runs.lock.held.held", nothing_held)
    answer = CliRunner().invoke(main, [command, str(file), "d2" if command == "move" else "d1"])
    says_so(answer)
    (path,) = ran
    assert path != file
    assert [read.cluster for read in inventory.read(path)] == [cluster()]


def test_a_move_for_which_there_is_no_room_here(file: Path) -> None:
    record = deployed.of("lab", hosts_data(FILE))
    assert record
    (record.file.parent / "asked").touch()
    answer = CliRunner().invoke(main, ["move", str(file), "d2"])
    assert (answer.exit_code, answer.exception.__class__) == (2, SystemExit)
    assert "cannot be used: file exists. Free it, or set XDG_STATE_HOME" in answer.stderr


class nothing_held:
    """No lease is taken of servers that are none."""

    def __init__(self, *_: object) -> None: ...

    def __enter__(self) -> str:
        return "run"

    def __exit__(self, *_: object) -> None: ...


@pytest.mark.parametrize("words", [["move", "d2"], ["reboot", "d1"], ["drill"]])
def test_nothing_is_done_where_nobody_knows_what_runs(servers: Servers, tmp_path: Path, words: list[str]) -> None:
    servers.files = {"d1": None, "d2": None}
    file = inventory.save(FILE, tmp_path)
    answer = CliRunner().invoke(main, [words[0], str(file), *words[1:], "--json"])
    assert (answer.exit_code, json.loads(answer.stdout)["error"]["code"]) == (1, Code.NOT_DEPLOYED)


@dataclass
class Named:
    """A step of a run, as pyinfra tells of it."""

    names: set[str]

    def get_op_meta(self, _: str) -> Named:
        """Itself."""
        return self


def test_only_what_is_proven_is_noted() -> None:
    noting = Noting(lambda: [FILE])
    for name in (summary.KEEP, summary.TEST):
        noting.operation_end(Named({name}), "")  # type: ignore[arg-type]
    assert deployed.of("lab", hosts_data(FILE)) is None
    noting.operation_end(Named({summary.PROVE}), "")  # type: ignore[arg-type]
    record = deployed.of("lab", hosts_data(FILE))
    assert record and record.cluster == FILE
    noting.operation_end(Named({summary.LOOK}), "")  # type: ignore[arg-type]
    assert deployed.of("lab", hosts_data(FILE)) is None


def test_a_note_that_cannot_be_written_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    Noting(lambda: [FILE]).operation_end(Named({summary.PROVE}), "")  # type: ignore[arg-type]
