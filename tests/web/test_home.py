"""The start page: a card for each cluster, true of now; drafts, one for each inventory; and nothing that waits."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from floatip.hosts import probe
from floatip.model.cluster import Cluster
from floatip.model.messages import say
from floatip.operate.drill import reports
from floatip.operate.fleet import Need
from floatip.runs import deployed, detached, events, jobs, recorded
from floatip.runs.lock import process
from floatip.server_side.lease.model import What
from lab import wait_until
from tests.browser import planted
from tests.web.conftest import Person
from tests.web.test_way import answer_all
from wizard import context
from wizard.drafts import Draft, inventories
from wizard.hosts import monitors, practice

LEVELS = {"well": "good", "ill": "bad", "lab": "unknown", "odd": "unusable"}


def card(person: Person, name: str) -> str:
    """The card of an inventory, as it stands on the page."""
    return person.page.text.partition(f'data-inventory="{name}"')[2].partition("</article>")[0]


def needs(person: Person, name: str) -> list[str]:
    """What needs a person, by code."""
    return re.findall(r'data-need="([^"]+)"', card(person, name))


def level(person: Person, name: str) -> str:
    """How it is."""
    found = re.search(r'data-level="([^"]+)"', card(person, name))
    return found[1] if found else ""


def known(person: Person, *names: str) -> None:
    """Wait until these have been looked at: the page itself does not."""
    wait_until(
        "they are known", lambda: person.open("/") and not {"waits", ""} & {level(person, name) for name in names}
    )


@pytest.fixture
def clusters(
    app: Flask, person: Person, planted_drafts: dict[str, Draft], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Cluster]:
    """Those of the gallery, which have been deployed from here as they are."""
    monkeypatch.setattr(monitors, "Following", lambda: planted.Once(planted.glance))
    place = tmp_path / "gallery" / "inventories"
    context.equip(app, tmp_path / "state", place)
    return {record.cluster.name: record.cluster for record in deployed.every()}


def test_a_card_for_each_cluster(clusters: dict[str, Cluster], person: Person) -> None:
    person.open("/")
    assert "waits" in {level(person, name) for name in LEVELS}
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in person.page.text
    known(person, "well", "ill", "lab")
    assert {name: level(person, name) for name in LEVELS} == LEVELS
    assert '<meta http-equiv="refresh"' not in person.page.text
    assert 'data-address="10.9.1.6" data-verdict="good" data-holders="d1"' in card(person, "well")
    assert "d1 is MASTER, for 2 h" in card(person, "well") and "2 of 2 servers are healthy" in card(person, "well")
    newest = reports.newest("well")
    assert newest and f">{newest.report.outage_ms:.0f} ms<" in card(person, "well")
    assert '▲ <span class="fixed">2026-11-24 12:00</span>' in card(person, "well")
    assert "No failover test yet" in card(person, "ill") and "0 of 2 servers are healthy" in card(person, "ill")
    assert (needs(person, "well"), needs(person, "lab")) == ([], [Need.SILENT])
    assert needs(person, "ill") == [Need.ADDRESS, Need.SERVER]
    assert person.heading == "Clusters"


def test_a_server_that_stops_is_told_within_the_next_look(
    clusters: dict[str, Cluster], person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(person, "well")
    (tmp_path / "stopped").write_text("12")
    monkeypatch.setenv("FLOATIP_STOPPED", str(tmp_path / "stopped"))
    wait_until("it is told", lambda: person.open("/") and needs(person, "well") == [Need.SERVER])
    assert "1 of 2 servers are healthy" in card(person, "well")


def test_what_is_not_deployed_needs_a_person(
    clusters: dict[str, Cluster], person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "gallery" / "inventories" / "well.py"
    file.write_text(file.read_text().replace("10.9.1.6/24", "10.9.1.30/24"))
    known(person, "well")
    assert needs(person, "well") == [Need.CHANGED]
    assert 'data-address="10.9.1.6"' in card(person, "well")  # what runs, not what the file says


def edited(person: Person, name: str) -> str:
    """The key of the draft that Edit opens."""
    person.open("/")
    person.send("/edit", name=name)
    return person.at.split("/")[2]


def test_one_draft_for_each_inventory(clusters: dict[str, Cluster], person: Person, app: Flask) -> None:
    known(person, "well")
    key = edited(person, "well")
    assert edited(person, "well") == key
    assert person.open("/of/well").request.path == f"/cluster/{key}/status"
    assert needs(person, "well") == [] and person.open("/") and "data-draft=" not in person.page.text
    person.open(f"/cluster/{key}/vrid")
    person.send(virtual_router_id="77")
    person.open("/")
    assert needs(person, "well") == ["unsaved"] and f"/cluster/{key}/check" in card(person, "well")
    assert edited(person, "well") == key
    assert "77" in person.page.text
    person.open(f"/cluster/{key}/save")
    person.send(name="well", replace="yes")
    person.open("/")
    assert "unsaved" not in needs(person, "well")
    assert person.open("/of/nobody").status_code == 404


def test_a_draft_says_whose_it_is_where_somebody_else_has_answered(
    clusters: dict[str, Cluster], person: Person, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who only opens its pages, or gives the cluster another name, has answered nothing."""
    drafts, key = context.of(app).drafts, edited(person, "well")
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(process, "who", lambda: "ann@desk")
        person.open(f"/cluster/{key}/vrid")
        person.send(virtual_router_id="77")
        assert "ann@desk" not in person.open("/").text
    drafts.save(draft := drafts.get(key), draft.version)
    person.open("/")
    assert needs(person, "well") == ["unsaved"] and "(ann@desk)" in card(person, "well")
    person.open(f"/cluster/{key}/vrid")
    person.send(virtual_router_id="78")
    assert "ann@desk" not in person.open("/").text


def test_a_draft_that_nobody_has_changed_follows_the_file(
    clusters: dict[str, Cluster], person: Person, tmp_path: Path
) -> None:
    key = edited(person, "well")
    file = tmp_path / "gallery" / "inventories" / "well.py"
    file.write_text(file.read_text().replace('"virtual_router_id": 101', '"virtual_router_id": 88'))
    person.open("/")
    assert "unsaved" not in needs(person, "well")
    assert edited(person, "well") != key
    assert "88" in person.page.text


def test_a_deletion_is_undone(person: Person, app: Flask) -> None:
    answer_all(person)
    (draft,) = context.of(app).drafts.all()
    person.open(f"/delete/{draft.key}")
    person.send()
    assert f"/restore/{draft.key}" in person.page.text and f'data-draft="{draft.key}"' not in person.page.text
    assert context.of(app).drafts.all() == []
    person.send(f"/restore/{draft.key}")
    assert f'data-draft="{draft.key}"' in person.page.text and "/restore/" not in person.page.text
    assert context.of(app).drafts.get(draft.key).hosts == draft.hosts
    for key in (draft.key, "a" * 12, "../x"):
        assert person.send(f"/restore/{key}").status_code == 404
    assert person.open("/?deleted=%3Cb%3E").status_code == 200


@pytest.mark.parametrize("lab", [True, False])
def test_practise_comes_first_where_there_is_no_cluster(
    person: Person, clusters: Callable[[], object] | None, monkeypatch: pytest.MonkeyPatch, app: Flask, lab: bool
) -> None:
    monkeypatch.setattr(practice, "hosts", lambda: [["d1", {}], ["d2", {}]] if lab else None)
    ways = r'action="/(practise|new)"'
    person.open("/")
    assert re.findall(ways, person.page.text) == ["new", "new", *(["practise"] if lab else [])]
    context.equip(app, Path("/nowhere/state"), Path("/nowhere/inventories"))
    person.open("/")
    assert re.findall(ways, person.page.text) == [*(["practise"] if lab else []), "new", "new"]
    assert person.heading == "One address that stays up when a server fails"


def test_no_page_waits_for_a_server(
    clusters: dict[str, Cluster], person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the servers' own files say is read beside the page."""
    for thread in threading.enumerate():
        if thread.name.endswith("(_ask)"):  # of a page that another test has opened
            thread.join(20)
    begun: list[object] = []

    def ask(request: Sequence[Sequence[Any]], _: float | None = None) -> dict[str, Any]:
        begun.append(request)
        return planted.ask(request)

    monkeypatch.setattr(probe, "ask", ask)
    for _ in range(3):
        person.open("/")
    assert len(begun) <= 1
    known(person, "lab")
    assert len(begun) == 1


def test_the_history_of_a_cluster(
    clusters: dict[str, Cluster], person: Person, app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deploy of the terminal, a failover test; and the way back to what was deployed."""
    state = tmp_path / "gallery" / "state" / "floatip"
    context.equip(app, state, tmp_path / "gallery" / "inventories")
    file = context.of(app).inventories.path("well")
    with recorded.begun(file, What.DEPLOY):
        detached.tell(events.Begin(1.8e9, 1, say("Install packages")))
    key = edited(person, "well")
    person.open(f"/cluster/{key}/history")
    rows = re.findall(r'<tr data-what="(\w+)" data-state="(\w+)">', person.page.text)
    assert rows == [("deploy", "done"), ("drill", "failed"), ("drill", "done")]
    assert f">{process.who()}</td>" in person.page.text
    (run,) = [run for run in jobs.runs(state / "runs") if run.terminal]
    person.open(f"/run/{run.key}")
    assert f"Started by {process.who()}. Its output went to the terminal." in person.page.text
    assert 'id="log"' not in person.page.text and 'id="earlier"' not in person.page.text

    file.write_text(file.read_text().replace('"virtual_router_id": 101', '"virtual_router_id": 88'))
    person.open(f"/run/{run.key}")
    assert 'id="earlier"' in person.page.text and "88" in person.page.text
    person.send(f"/run/{run.key}/again")
    assert person.heading == "Check your answers" and "101" in person.page.text and person.at.split("/")[2] != key
    assert "88" in file.read_text()
    person.open("/")
    assert "unsaved" in needs(person, "well")
    other = next(run.key for run in jobs.runs(state / "runs") if not run.terminal)
    assert person.send(f"/run/{other}/again").status_code == 404


def test_a_file_that_is_read_again_and_says_the_same_is_still_known(
    clusters: dict[str, Cluster], person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its keys may have come or gone; its card does not begin to wait anew."""
    known(person, "well", "ill")
    monkeypatch.setattr(inventories, "AGED", -1.0)
    for _ in range(3):
        person.open("/")
        assert (level(person, "well"), level(person, "ill")) == ("good", "bad")
