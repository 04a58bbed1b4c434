"""The wizard speaks the language that the browser prefers, until somebody presses the switch."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from floatip.language import telling
from floatip.model.messages import say
from tests.web.conftest import Person


def test_what_was_said_can_be_said_again() -> None:
    inner = say("priority of {node}", node="d1")
    outer = say("{subject} is {value}.", subject=inner, value=7)
    assert outer == "priority of d1 is 7."
    assert (outer.template, outer.values) == ("{subject} is {value}.", {"subject": inner, "value": 7})


@pytest.fixture(autouse=True)
def catalogues(app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """There is a Russian catalogue, whatever is in it. The application, which other tests have too, is made before: it
    keeps the place where it found the real ones."""
    (tmp_path / "language" / "ru").mkdir(parents=True)
    monkeypatch.setattr(telling, "CATALOGUES", tmp_path / "language")


def test_only_what_was_translated_is_offered(person: Person, tmp_path: Path) -> None:
    assert "Русский" in person.page.text
    (tmp_path / "language" / "ru").rmdir()
    answer = person.client.get("/", headers={"Accept-Language": "ru"})
    assert "Русский" not in answer.text
    assert '<html lang="en">' in answer.text


@pytest.mark.parametrize(
    ("wanted", "spoken"),
    [("ru-RU,ru;q=0.9,en;q=0.8", "ru"), ("de,fr", "en"), ("en;q=0.5,ru;q=0.4", "en"), ("", "en"), ("\x80,;", "en")],
)
def test_the_browser_s_language(person: Person, wanted: str, spoken: str) -> None:
    answer = person.client.get("/", headers={"Accept-Language": wanted})
    assert f'<html lang="{spoken}">' in answer.text


def test_the_switch_comes_back_to_where_it_was_pressed(person: Person) -> None:
    person.send("/new")
    page = person.at
    assert "Русский" in person.page.text
    person.send("/language", language="ru", back=page)
    assert person.at == page
    assert '<html lang="ru">' in person.page.text
    for elsewhere in ("//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"):
        person.send("/language", language="en", back=elsewhere)
        assert person.at == "/"
    person.send("/language", language="xx", back=page)
    assert '<html lang="en">' in person.page.text


@pytest.mark.parametrize("wanted, expected", [("en", "3.91"), ("ru", "3,91")])
def test_a_number_is_written_as_the_reader_does(app: Flask, wanted: str, expected: str) -> None:
    with app.test_request_context(headers={"Accept-Language": wanted}):
        assert app.jinja_env.from_string("{{ 3.906 | seconds }}").render() == expected
