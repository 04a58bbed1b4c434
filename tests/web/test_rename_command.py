"""`floatip rename`: what the page under Maintain does, with the same refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from floatip.cli import main
from floatip.model import inventory
from floatip.model.problems import Problem
from floatip.runs import detached, jobs, recorded, storage
from floatip.server_side.lease.model import What
from tests.unit.samples import text
from wizard.context import Context, made
from wizard.drafts import Draft, own
from wizard.hosts import practice


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An inventory with a comment."""
    monkeypatch.chdir(tmp_path)
    found = tmp_path / "inventories" / "lab.py"
    found.parent.mkdir()
    found.write_text(f"# наш\n{text()}")
    detached.place(_directory(), {**recorded.texts(found, What.DEPLOY, "", None), "code": "0"})
    return found


def _directory() -> Path:
    recorded.directory().mkdir(parents=True, exist_ok=True)
    return recorded.directory()


def kept(file: Path) -> Context:
    """What the wizard keeps beside the inventories of this directory."""
    return made(storage.state_directory(), file.parent)


def drafted(file: Path) -> Draft:
    """A draft of it that nobody has changed."""
    (parsed,) = inventory.read(file)
    found = inventory.raw(file.read_text(), file.name)
    assert not isinstance(found, Problem)
    hosts, data = found
    return kept(file).drafts.new(
        name=file.stem, hosts=[list(host) for host in hosts], data=dict(data), base=own.digest(parsed.cluster)
    )


def rename(file: Path, name: str, *options: str) -> Result:
    """In this process."""
    return CliRunner().invoke(main, ["rename", str(file), name, *options])


def test_all_follows(file: Path) -> None:
    before, draft = file.read_text(), drafted(file)
    answer, target = rename(file, "web"), file.with_name("web.py")
    assert (answer.exit_code, answer.stderr) == (0, "") and str(target) in answer.stdout
    assert not file.exists() and target.read_text() == before.replace("lab =", "web =")
    assert [run.inventory for run in jobs.runs(recorded.directory())] == [target]
    here = kept(target)
    assert here.drafts.get(draft.key).name == "web"
    assert here.own.unsaved(here.drafts.all(), here.inventories.files()) == []


def test_for_a_program(file: Path) -> None:
    for name, was in (("web", "lab"), ("web", "web")):
        answer = rename(file.with_name(f"{was}.py"), name, "--json")
        found = {"ok": True, "file": str(file.with_name("web.py")), "name": "web", "was": was}
        assert (answer.exit_code, json.loads(answer.stdout)) == (0, found)


def test_drafts_of_another_file_of_this_name_stay(file: Path, tmp_path: Path) -> None:
    draft, other = drafted(file), tmp_path / "elsewhere" / "lab.py"
    other.parent.mkdir()
    other.write_text(text())
    assert rename(other, "web").exit_code == 0
    assert kept(file).drafts.get(draft.key).name == "lab" and file.exists() and not other.exists()


def busy(file: Path) -> None:
    """A run of it that has not ended."""
    detached.place(_directory(), recorded.texts(file, What.DEPLOY, "", None))


def tested(file: Path) -> None:
    """A failover test of it that has not ended."""
    place = storage.state_directory() / "drilling" / file.stem
    place.mkdir(parents=True)
    detached.place(place, {"fault": "stop"})


REFUSED: list[tuple[Callable[[Path], object], str, str]] = [
    (lambda file: file.with_name("web.py").write_text(""), "web", "name-taken"),
    (lambda file: None, "Web.py", "bad-cluster-name"),
    (lambda file: None, "../web", "bad-cluster-name"),
    (lambda file: None, "", "bad-cluster-name"),
    (busy, "web", "busy"),
    (tested, "web", "busy"),
]


@pytest.mark.parametrize(("prepare", "name", "code"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_refused_changes_nothing(file: Path, prepare: Callable[[Path], object], name: str, code: str) -> None:
    prepare(file)
    before = {path: path.read_bytes() for path in file.parent.rglob("*.py")}
    answer = rename(file, name, "--json")
    document = json.loads(answer.stdout)
    assert (answer.exit_code, document["ok"], [found["code"] for found in document["problems"]]) == (2, False, [code])
    answer = rename(file, name)
    assert (answer.exit_code, answer.stdout) == (2, "") and answer.stderr.startswith("error: ")
    assert {path: path.read_bytes() for path in file.parent.rglob("*.py")} == before


def test_the_practice_inventory_stays(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(practice, "LAB", file)
    assert rename(file, "web").exit_code == 2 and file.exists()


@pytest.mark.parametrize("content", [None, "import os\n", "lab = 1\n", text() + text().replace("lab =", "other =")])
def test_a_file_that_is_not_one_cluster(file: Path, content: str | None) -> None:
    file.unlink()
    if content is not None:
        file.write_text(content)
    assert rename(file, "web").exit_code == 2
    assert not file.with_name("web.py").exists()
    assert content is None or file.read_text() == content
