"""A saved cluster is renamed and deleted as a whole, and had back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask

from floatip.operate.drill import reports
from floatip.runs import deployed, detached, jobs, recorded
from floatip.server_side.lease.model import What
from tests.recorded.doctor_answers import cluster
from tests.unit.test_drill import report
from tests.web.conftest import Person
from tests.web.test_deployed import draft, readdressed
from wizard import context
from wizard.drafts import Draft
from wizard.hosts import practice


@pytest.fixture
def saved(app: Flask, person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Draft:
    """A cluster that was deployed from here, and is as its file says."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    context.equip(app, tmp_path / "floatip", tmp_path / "inventories")
    made = draft(app, cluster(), saved=True)
    deployed.keep(cluster())
    file = context.of(app).inventories.path("lab")
    runs = context.of(app).runs
    runs.mkdir(parents=True)
    detached.place(runs, {**recorded.texts(file, What.DEPLOY, "", None), "code": "0"})
    reports.directory("lab").mkdir(parents=True)
    (reports.directory("lab") / "20261124-120000-stop.json").write_text(json.dumps(report().as_dict()))
    return made


def test_another_name_takes_all_along(app: Flask, person: Person, saved: Draft) -> None:
    other = draft(app, readdressed(cluster()))
    person.open(f"/cluster/{saved.key}/maintain")
    assert 'id="rename"' in person.page.text and 'id="delete"' in person.page.text
    person.open(f"/cluster/{saved.key}/rename")
    assert person.page.text.count("<li>") >= 4 and 'value="lab"' in person.page.text
    person.send(name=" web ")
    assert person.heading == "Maintain" and "<strong>web</strong>" in person.page.text
    here = context.of(app)
    assert here.inventories.names() == ["web"]
    assert {draft.name for draft in here.drafts.all()} == {"web"}
    person.open(f"/cluster/{saved.key}/history")
    assert 'data-what="deploy" data-state="done"' in person.page.text
    assert here.own.unsaved(here.drafts.all(), here.inventories.files()) == [here.drafts.get(other.key)]
    assert len(reports.kept("web")) == 1
    (run,) = jobs.runs(here.runs)
    person.open(f"/run/{run.key}")
    assert person.send(f"/run/{run.key}/again").status_code == 200
    assert [draft.name for draft in here.drafts.all()] == ["web"] * 3
    here.drafts.delete(here.drafts.all()[0].key)
    person.open(f"/cluster/{saved.key}/status")
    assert 'id="undeployed"' not in person.page.text


def test_what_was_done_to_another_file_of_this_name_is_not_its_history(
    app: Flask, person: Person, saved: Draft, tmp_path: Path
) -> None:
    elsewhere = recorded.texts(tmp_path / "elsewhere" / "lab.py", What.REMOVE, "", None)
    detached.place(context.of(app).runs, {**elsewhere, "code": "0"})
    text = person.open(f"/cluster/{saved.key}/history").text
    assert 'data-what="deploy"' in text and 'data-what="remove"' not in text


@pytest.mark.parametrize(
    ("name", "code"), [("../x", "bad-cluster-name"), ("", "bad-cluster-name"), ("two", "name-taken")]
)
def test_a_name_that_cannot_be_is_told_and_kept(app: Flask, person: Person, saved: Draft, name: str, code: str) -> None:
    context.of(app).inventories.path("two").write_text("")
    person.open(f"/cluster/{saved.key}/rename")
    assert person.send(name=name).status_code == 422
    assert f'data-codes="{code}"' in person.page.text and person.page.text.count("autofocus") == 1
    assert f'name="name" value="{name}"' in person.page.text
    assert context.of(app).inventories.names() == ["lab", "two"]
    person.send(name="kept", language="ru")
    assert 'name="name" value="kept"' in person.page.text and '<html lang="ru">' in person.page.text


def test_a_cluster_is_deleted_and_had_back(app: Flask, person: Person, saved: Draft) -> None:
    here, text = context.of(app), context.of(app).inventories.text("lab")
    person.open(f"/cluster/{saved.key}/delete")
    assert f"/cluster/{saved.key}/remove" in person.page.text  # it runs: this takes nothing off its servers
    person.send()
    assert (here.inventories.names(), here.drafts.all()) == ([], [])
    assert 'id="gone"' in person.page.text
    undo = f"/undelete/{person.at.partition('gone=')[2]}"
    here.inventories.path("lab").write_text("# another one\n")
    assert person.send(undo).status_code == 409
    assert here.inventories.text("lab") == "# another one\n"
    here.inventories.path("lab").unlink()
    person.open("/")
    person.send(undo)
    assert (here.inventories.text("lab"), [draft.key for draft in here.drafts.all()]) == (text, [saved.key])
    assert person.send(undo).status_code == 404
    for odd in ("0" * 12, "x"):
        assert person.send(f"/undelete/{odd}").status_code == 404


def test_neither_while_something_is_under_way(app: Flask, person: Person, saved: Draft) -> None:
    here = context.of(app)
    detached.place(here.runs, recorded.texts(here.inventories.path("lab"), What.DEPLOY, "", None))
    person.open(f"/cluster/{saved.key}/rename")
    assert person.send(name="web").status_code == 422 and 'data-codes="busy"' in person.page.text
    person.open(f"/cluster/{saved.key}/delete")
    assert person.send().status_code == 409 and 'data-code="busy"' in person.page.text
    assert here.inventories.names() == ["lab"] and len(jobs.runs(here.runs)) == 2


def test_the_practice_inventory_stays(
    app: Flask, person: Person, saved: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(practice, "LAB", context.of(app).inventories.path("lab"))
    person.open(f"/cluster/{saved.key}/rename")
    assert person.send(name="web").status_code == 422
    person.open(f"/cluster/{saved.key}/delete")
    assert person.send().status_code == 409
    assert context.of(app).inventories.names() == ["lab"]
    unsaved = context.of(app).drafts.new()
    for page in ("rename", "delete"):
        assert person.open(f"/cluster/{unsaved.key}/{page}").status_code == 404


def test_every_page_tells_the_addresses_beside_the_name(app: Flask, person: Person, saved: Draft) -> None:
    (run,) = context.of(app).runs.iterdir()
    places = [f"/cluster/{saved.key}/{page}" for page in ("rename", "delete", "remove", "check")]
    for place in (*places, f"/run/{run.name}"):
        person.open(place)
        assert f"<strong>lab</strong> <span>{', '.join(sorted(cluster().floating))}</span>" in person.page.text, place
