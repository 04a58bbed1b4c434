"""A cluster under another name: the file says the same, and what this computer keeps of it follows."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from floatip.change import members, origin, ownership
from floatip.hosts.host_state import File
from floatip.keepalived import render
from floatip.model import inventory
from floatip.model.cluster import Cluster
from floatip.model.inventory.data import hosts_data
from floatip.model.inventory.renaming import renamed
from floatip.operate import renaming, running
from floatip.operate.drill import reports
from floatip.operate.running import Source
from floatip.runs import deployed, detached, jobs, recorded
from floatip.server_side.lease.model import What
from tests.unit.samples import text
from tests.unit.test_drill import report
from tests.unit.test_members import BARE


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An inventory with a comment."""
    made = tmp_path / "lab.py"
    made.write_text(f"# наш\n{text()}# the end\n")
    return made


def read(file: Path) -> Cluster:
    """The cluster of an inventory."""
    (found,) = inventory.read(file)
    assert found.cluster
    return found.cluster


def rename(file: Path, name: str) -> Cluster:
    """As the wizard does it."""
    return renaming.rename(file, name, recorded.directory())


def test_the_file_says_the_same_with_its_comments(file: Path) -> None:
    before, written = read(file), file.read_text()
    after = rename(file, "web-front")
    target = file.with_name("web-front.py")
    assert not file.exists() and after == read(target) == replace(before, name="web-front")
    assert target.read_text() == written.replace("lab =", "web_front =")
    with pytest.raises(ValueError, match="lab = 2"):
        renamed("lab = 1\nlab = 2\n", "lab", "web")
    assert renamed("é = 0; lab = ([], {})\n", "lab", "web") == "é = 0; web = ([], {})\n"


def test_its_history_and_its_reports_follow(file: Path) -> None:
    runs = recorded.directory()
    whose = {file: "ann@desk", runs / "x" / "again" / "lab.py": "bob@desk", file.with_name("other.py"): ""}
    for path, who in whose.items():
        texts = recorded.texts(path, What.DEPLOY, "", None)
        detached.place(_made(runs), {**texts, "who": who, "code": "0"})
    reports.directory("lab").mkdir(parents=True)
    (reports.directory("lab") / "20261124-120000-stop.json").write_text(json.dumps(report().as_dict()))
    rename(file, "web")
    assert sorted((run.inventory.name, run.who) for run in jobs.runs(runs)) == [
        ("other.py", ""),
        ("web.py", "ann@desk"),
        ("web.py", "bob@desk"),
    ]
    was = jobs.was(runs, next(run for run in jobs.runs(runs) if run.who == "ann@desk"))
    assert was == read(file.with_name("web.py"))  # deployed again, it keeps the new name
    assert [entry.key for entry in reports.kept("web")] == ["20261124-120000-stop"] and reports.kept("lab") == []


def test_what_runs_is_still_known(file: Path) -> None:
    """No server is asked, and since when it runs is not forgotten."""
    before = read(file)
    deployed.keep(before)
    record = deployed.of("lab", hosts_data(before))
    after = rename(file, "web")
    (found,) = running.of([after])
    assert record and found.record and found.source is Source.FILE
    assert found.record.cluster == after
    assert found.record.at == pytest.approx(record.at, abs=0.001)
    assert len(deployed.every()) == 1


def test_the_servers_take_the_next_deploy_for_the_same_cluster(file: Path) -> None:
    """Neither is it another cluster's configuration that it replaces, nor was it deployed by somebody else since."""
    before = read(file)
    after = rename(file, "web")
    files = {node.name: render.keepalived_conf(before, node.name) for node in before.nodes}
    there = {
        name: replace(BARE, files={"members": File("", members.record(before)), "conf": File("", text)})
        for name, text in files.items()
    }
    assert [*ownership.problems(after, there)] == []
    assert origin.digest(before) == origin.digest(after)
    assert origin.elsewhere([origin.record(before, "bob@desk", 1.8e9)], "ann@desk", [after]) is None


REFUSED = [
    ("Web", "bad-cluster-name"),
    ("../x", "bad-cluster-name"),
    ("", "bad-cluster-name"),
    ("all", "bad-cluster-name"),
    ("taken", "name-taken"),
    ("d1", None),
]


@pytest.mark.parametrize(("name", "code"), REFUSED)
def test_what_cannot_be_its_name(file: Path, name: str, code: str | None) -> None:
    file.with_name("taken.py").write_text("")
    before = {path.name: path.read_text() for path in file.parent.glob("*.py")}
    with pytest.raises(renaming.Refused) as refused:
        rename(file, name)
    assert refused.value.problem.path == "name"
    assert code in (None, refused.value.problem.code)
    assert {path.name: path.read_text() for path in file.parent.glob("*.py")} == before


def test_not_while_a_run_of_it_is_under_way(file: Path) -> None:
    runs = recorded.directory()
    place = detached.place(_made(runs), recorded.texts(file, What.DEPLOY, "", None))
    with pytest.raises(renaming.Refused) as refused:
        rename(file, "web")
    assert refused.value.problem.code == "busy" and file.exists()
    (place / "code").write_text("0")
    rename(file, "web")


def test_a_file_of_several_clusters_is_renamed_by_hand(file: Path) -> None:
    file.write_text(text() + text().replace("lab =", "other ="))
    with pytest.raises(renaming.Refused):
        rename(file, "web")
    assert file.exists()


def _made(runs: Path) -> Path:
    runs.mkdir(parents=True, exist_ok=True)
    return runs
