"""A device that nobody manages here is named in the browser, and its password is not typed there."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask

from floatip.model.messages import say
from floatip.operate import status
from tests.web.conftest import Person
from tests.web.test_advanced import saved
from tests.web.test_secret import found_in
from tests.web.test_way import EXTRAS, answer_all

ROUTER = {"devices-0-name": "router", "devices-0-address": "10.9.1.1", "devices-0-priority": "120"}
CANARY = "Canary-7c1f"


def asked(person: Person) -> None:
    """Go where devices are asked for."""
    answer_all(person, until="Anything else?")
    person.send(**EXTRAS, action="devices")
    assert person.heading == "Does another device share the addresses?"
    assert "plain text" in person.page.text


def test_a_device_is_typed_shown_and_written(person: Person, tmp_path: Path) -> None:
    asked(person)
    person.send(**ROUTER, authentication="env:ROUTER_PASSWORD")
    assert person.heading == "Anything else?"
    person.send(**EXTRAS)
    assert person.heading == "Check your answers"
    assert "10.9.1.1, priority 120" in person.page.text
    assert "env:ROUTER_PASSWORD" in person.page.text
    assert "router is a backup, priority 120." in person.page.text, "in the picture"
    assert re.search(r"auth_pass …\s", re.sub(r"<[^>]*>", "", person.page.text))
    written = saved(person, tmp_path)
    assert written["foreign"] == {"router": {"address": "10.9.1.1", "priority": 120}}
    assert written["authentication"] == "env:ROUTER_PASSWORD"


def test_what_is_wrong_is_told_at_its_field(person: Person) -> None:
    asked(person)
    person.send(**{**ROUTER, "devices-0-address": "10.9.2.1", "devices-0-priority": "150"})
    assert person.page.status_code == 422
    assert set(person.summary) == {"devices-0-address", "devices-0-priority"}
    person.send(**{**ROUTER, "devices-0-name": "A b"})
    assert set(person.summary) == {"devices-0-name"}
    person.send(**{"devices-0-name": "", "devices-0-address": "", "devices-0-priority": ""}, authentication="env:X")
    assert set(person.summary) == {"authentication"}, "nobody asks for it"


def test_rows_come_and_go(person: Person, tmp_path: Path) -> None:
    asked(person)
    person.send(**ROUTER, action="add")
    assert 'name="devices-1-name"' in person.page.text
    person.send(**ROUTER, **{"devices-1-name": "b", "devices-1-address": "10.9.1.2"}, action="remove-0")
    assert 'value="10.9.1.2"' in person.page.text
    assert 'value="10.9.1.1"' not in person.page.text


def test_the_password_itself_is_not_kept(person: Person, tmp_path: Path) -> None:
    asked(person)
    person.send(**ROUTER, authentication=CANARY)
    assert person.page.status_code == 422
    assert list(person.summary) == ["authentication"]
    assert CANARY not in person.page.text
    assert found_in(tmp_path) == []
    person.open(person.at)
    assert CANARY not in person.page.text
    assert 'value="router"' in person.page.text, "the rest is kept"


def test_whether_a_deploy_from_here_would_find_it(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(person)
    person.send(**ROUTER, authentication="env:ROUTER_PASSWORD")
    assert person.heading == "Anything else?", "that it is not set here is no reason to stop"
    devices = person.at.replace("extras", "devices") + "?from=check"
    assert "ROUTER_PASSWORD is not set here" in person.open(devices).text
    monkeypatch.setenv("ROUTER_PASSWORD", CANARY)
    person.open(devices)
    person.send(**ROUTER, authentication="env:ROUTER_PASSWORD")
    assert list(person.summary) == ["authentication"]
    assert "more than 8 characters" in person.page.text
    assert CANARY not in person.page.text
    monkeypatch.setenv("ROUTER_PASSWORD", CANARY[-8:])
    person.send(**ROUTER, authentication="env:ROUTER_PASSWORD")
    assert person.heading == "Check your answers"
    assert CANARY[-8:] not in person.page.text


def test_the_card_of_a_cluster_names_the_device(app: Flask) -> None:
    node = status.NodeRow("d1", "backup", 90.0)
    row = status.Row("VI_1", "10.9.1.6", "good", say("it has it"), (node,), status.Code.ELSEWHERE, devices=("router",))
    standing = SimpleNamespace(rows=[row], well=2, servers=2, tested=None, notes=[])
    card = SimpleNamespace(name="web", level="good", problems=[], waits=False, standings=[standing], unsaved=[])
    with app.test_request_context():
        text = app.jinja_env.get_template("cards.html").module.card(card, {}, str, str, str)  # type: ignore[attr-defined]
    assert "held by router" in text
    assert "not known" not in text
