"""The pages about a running cluster speak of what was deployed: a draft is a draft until it is deployed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from ipaddress import ip_interface
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from floatip.hosts import probe
from floatip.model import inventory
from floatip.model.cluster import Cluster, Floating
from floatip.model.inventory.data import group_data, hosts_data
from floatip.operate import handover, running
from floatip.operate.doctor import examining
from floatip.operate.running import Running, Source
from floatip.runs import deployed, jobs
from floatip.server_side.lease.model import What
from tests.browser import planted
from tests.recorded.doctor_answers import cluster
from tests.unit.test_deployed import Servers
from tests.web.conftest import Person
from tests.web.test_typed import fields, looked
from wizard import context
from wizard.drafts import Draft
from wizard.hosts import monitors
from wizard.hosts.discovery import connections

OLD, NEW = "10.9.1.6", "10.9.1.30"
NOTED = "Not deployed yet. What you see here is what the last deploy put on the servers."
Write = Callable[[Cluster], Draft]


@pytest.fixture
def runs(app: Flask, person: Person, planted_drafts: dict[str, Draft], monkeypatch: pytest.MonkeyPatch) -> Cluster:
    """A cluster that runs, as its last deploy left it: the one of the gallery where all is well."""
    monkeypatch.setattr(examining, "examine", planted.examine)
    monkeypatch.setattr(handover, "look", planted.look)
    monkeypatch.setattr(monitors, "Following", lambda: planted.Once(planted.glance))
    cluster = planted_drafts["well"].parsed().cluster
    assert cluster
    deployed.keep(cluster)
    return cluster


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, dict[str, Any]]]:
    """The deploys that were begun: of which inventory, and how."""
    found: list[tuple[Path, dict[str, Any]]] = []

    def start(_: Path, path: Path, what: What, **how: Any) -> str:
        found.append((path, {"what": what, **how}))
        return "20261129-080000-aaaaaa"

    monkeypatch.setattr(jobs, "start", start)
    return found


def readdressed(described: Cluster) -> Cluster:
    """The same with another floating address."""
    floating = (Floating(ip_interface(f"{NEW}/24")),)
    return replace(
        described, instances=tuple(replace(each, virtual_ipaddress=floating) for each in described.instances)
    )


def draft(app: Flask, described: Cluster, *, saved: bool = False) -> Draft:
    """A draft that says this; saved as an inventory, or not."""
    if saved:
        context.of(app).inventories.save(described)
    hosts = [[name, data] for name, data in hosts_data(described)]
    made: Draft = context.of(app).drafts.new(name=described.name, hosts=hosts, data=group_data(described))
    return made


def speaks_of_what_runs(person: Person, key: str) -> None:
    """Status, doctor and drill, each with the difference to what is not deployed."""
    for page in ("status", "doctor", "drill"):
        person.open(f"/cluster/{key}/{page}")
        text = unescape(person.page.text)
        assert person.page.status_code == 200
        assert NOTED in text, page
        shown, _, diff = text.partition('id="undeployed"')
        diff, _, after = diff.partition("</section>")
        assert f'"{NEW}/24"' in diff and f'"{OLD}/24"' in diff
        assert NEW not in shown + after, page
        assert OLD in after or page == "doctor"
    person.open(f"/cluster/{key}/status")
    section = person.page.text.partition('<section class="status good"')[2].partition(">")[0]
    for part in ('data-verdict="good"', 'data-code="held"', f'data-address="{OLD}"', 'data-holders="d1"'):
        assert part in section
    person.open(f"/cluster/{key}/doctor")
    assert "● Nothing is wrong:" in person.page.text and "as the inventory says" in person.page.text


@pytest.mark.parametrize("saved", [False, True], ids=["drafted", "saved"])
def test_a_draft_with_another_address(app: Flask, person: Person, runs: Cluster, saved: bool) -> None:
    made = draft(app, readdressed(runs), saved=saved)
    speaks_of_what_runs(person, made.key)
    assert ("The draft is not saved yet either." in person.page.text) is not saved


def moved(person: Person, key: str, begun: list[tuple[Path, dict[str, Any]]]) -> list[Cluster | None]:
    """What is deployed by a move and by a reboot, and what is removed."""
    person.open(f"/cluster/{key}/status")
    person.send(f"/cluster/{key}/move", node="d2")
    person.open(f"/cluster/{key}/reboot")
    assert ">d1</option>" in person.page.text
    person.send(f"/cluster/{key}/reboot", node="d1")
    person.open(f"/cluster/{key}/remove")
    assert OLD in person.page.text and NEW not in person.page.text
    person.send(f"/cluster/{key}/remove", sure="yes")
    assert [(how["what"], how["node"], how.get("to")) for _, how in begun] == [
        (What.MOVE, "d2", {"VI_1": "d2"}),
        (What.REBOOT, "d1", None),
        (What.REMOVE, "", None),
    ]
    return [inventory.read(path)[0].cluster for path, _ in begun]


def test_a_move_and_a_reboot_deploy_nothing_else(
    app: Flask, person: Person, runs: Cluster, begun: list[tuple[Path, dict[str, Any]]]
) -> None:
    assert moved(person, draft(app, readdressed(runs), saved=True).key, begun) == [runs] * 3


def test_a_draft_that_is_older_than_the_file(
    app: Flask, person: Person, runs: Cluster, begun: list[tuple[Path, dict[str, Any]]]
) -> None:
    older = draft(app, readdressed(runs))
    context.of(app).inventories.save(runs)
    speaks_of_what_runs(person, older.key)
    assert moved(person, older.key, begun) == [runs] * 3
    assert begun[0][0] == context.of(app).inventories.directory / f"{runs.name}.py"


def test_two_drafts(app: Flask, person: Person, runs: Cluster, begun: list[tuple[Path, dict[str, Any]]]) -> None:
    first, second = draft(app, runs, saved=True), draft(app, readdressed(replace(runs, name="second")))
    speaks_of_what_runs(person, second.key)
    for page in ("status", "doctor", "drill", "reboot"):
        person.open(f"/cluster/{first.key}/{page}")
        assert person.page.status_code == 200 and "Not deployed yet" not in person.page.text
    assert moved(person, second.key, begun) == [runs] * 3


def test_a_draft_that_is_not_complete(app: Flask, person: Person, runs: Cluster) -> None:
    made = context.of(app).drafts.new(name=runs.name, hosts=[[name, data] for name, data in hosts_data(runs)])
    person.open(f"/cluster/{made.key}/status")
    assert NOTED in unescape(person.page.text) and f'data-address="{OLD}"' in person.page.text


def test_what_was_never_deployed(
    app: Flask, person: Person, monkeypatch: pytest.MonkeyPatch, begun: list[tuple[Path, dict[str, Any]]]
) -> None:
    """No red "Nobody holds it": nobody was ever told to."""
    servers = Servers({"d1": None, "d2": None})
    monkeypatch.setattr(probe, "ask", servers.ask)
    made = draft(app, cluster(), saved=True)
    person.open(f"/cluster/{made.key}/status")
    assert "Not deployed yet: no server has a keepalived.conf." in person.page.text
    assert "data-verdict" not in person.page.text and "What to do next" not in person.page.text
    for page in ("drill", "reboot"):
        person.open(f"/cluster/{made.key}/{page}")
        assert (person.page.status_code, person.heading) == (409, "Nothing was changed")
    person.send(f"/cluster/{made.key}/move", node="d2")
    assert (person.page.status_code, begun) == (409, [])


def test_in_russian(app: Flask, person: Person, runs: Cluster) -> None:
    person.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "ru"
    person.open(f"/cluster/{draft(app, readdressed(runs)).key}/status")
    assert "Ещё не развёрнуто. Здесь показано" in person.page.text and "Черновик к тому же" in person.page.text


CHOICES = [
    ("saved", {"replace": "yes"}),
    ("remove", {"sure": "yes"}),
    ("reboot", {"node": "d2"}),
    ("drill", {"fault": "kill", "node": "d2", "instance": "VI_1"}),
]


@pytest.mark.parametrize(("page", "chosen"), CHOICES)
def test_what_was_chosen_outlives_another_language(
    app: Flask, person: Person, runs: Cluster, page: str, chosen: dict[str, str]
) -> None:
    made = draft(app, runs, saved=True)
    made.found = {"d1": {"lines": looked("10.9.1.16/24", conf="vrrp_instance X {\n}\n")}, "": connections(made)}
    context.of(app).drafts.save(made, made.version)
    person.open(f"/cluster/{made.key}/{page}")
    for language, other in (("ru", {}), ("en", {"node": "d1"} if "node" in chosen else {})):
        wanted, back = chosen | other, unescape(person.hidden("back"))
        person.send("/language", back=back, language=language, **wanted)
        assert person.at.startswith(f"/cluster/{made.key}/{page}?") and f'<html lang="{language}">' in person.page.text
        shown = fields(person.page.text)
        assert {name: shown.get(name) for name in wanted} == wanted


def test_only_the_first_page_waits_for_the_servers(
    app: Flask, person: Person, runs: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that follows a cluster is true within five seconds, though its servers' files are read now and then."""
    made, known = draft(app, readdressed(runs)), context.of(app).deployed
    first: Running = known.of(made)
    monkeypatch.setattr("wizard.hosts.deployed.FRESH", -1.0)
    asked, goes_on = threading.Event(), threading.Event()

    def of_draft(*_: object) -> Running:
        asked.set()
        assert goes_on.wait(20)
        return replace(first, source=Source.SERVERS)

    monkeypatch.setattr(running, "of_draft", of_draft)
    assert known.of(made) is first
    assert asked.wait(20)
    assert known.of(made) is first  # and nobody is asked twice at a time
    goes_on.set()
    deadline = time.monotonic() + 20
    while known.of(made).source is Source.RECORD and time.monotonic() < deadline:
        time.sleep(0.01)
    assert known.of(made).source is Source.SERVERS
