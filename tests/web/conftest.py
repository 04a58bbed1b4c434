"""The wizard's application without a server: its pages as a browser without JavaScript asks for them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from pathlib import Path
from secrets import token_bytes, token_hex
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from floatip.hosts import probe
from floatip.hosts.monitor import understood
from tests.browser import gallery, planted
from wizard import context, create_app
from wizard.drafts import Draft
from wizard.hosts import background, monitors

OURS = {"Sec-Fetch-Site": "same-origin"}
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@cache
def _made() -> Flask:
    return create_app(Path(), Path())


def application(directory: Path) -> Flask:
    """The application, with a state, inventories and secrets of its own, as if it had been started just now. It is made
    once in a test run: its routes and templates are always the same, and take as long to compile as a few pages."""
    app = _made()
    app.config.update(SECRET_KEY=token_bytes(32), START=token_hex(6))
    context.equip(app, directory / "state", directory / "inventories")
    return app


def closed(hosts: Iterable[Sequence[Any]], *_: object) -> dict[str, Any]:
    """What a look at these servers comes back with where nothing listens, and with no child process and no seconds."""
    why = "Could not connect ([Errno None] Unable to connect to port {ssh_port} on {ssh_hostname})"
    return {str(name): {"error": why.format(**{"ssh_port": 22, **data})} for name, data, *_ in hosts}


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The application in a network where no server listens; `test_closed` shows that they really are as said here."""
    monkeypatch.setattr(probe, "ask", closed)
    monkeypatch.setattr(background, "SOON", 20.0)  # no answer is late because the machine is busy
    monkeypatch.setattr(
        monitors, "Following", lambda: planted.Once(lambda hosts: understood(closed(hosts), dict(hosts)))
    )
    return application(tmp_path)


@pytest.fixture(scope="session")
def _gallery(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Draft]]:
    place = tmp_path_factory.mktemp("gallery") / "planted"
    return place, gallery.plant(place)


@pytest.fixture
def planted_drafts(
    _gallery: tuple[Path, dict[str, Draft]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Draft]:
    """The gallery's drafts, which is planted once in a test run; its runs and failover tests are this computer's."""
    place, drafts = _gallery
    subprocess.run(["cp", "-r", place, tmp_path / "gallery"], check=True)  # as if it had just been written
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "gallery" / "state"))
    return drafts


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that has not opened the start link."""
    return app.test_client()


@dataclass
class Person:
    """Somebody who has opened the start link, and answers page after page."""

    client: FlaskClient
    at: str = "/"
    page: TestResponse = field(init=False)

    def __post_init__(self) -> None:
        self.open(self.at)

    def open(self, path: str) -> TestResponse:
        """Go to a page."""
        self.page = self.client.get(path, follow_redirects=True)
        asked = self.page.request
        self.at = asked.path + (f"?{asked.query_string.decode()}" if asked.query_string else "")
        return self.page

    def send(self, path: str = "", **typed: str) -> TestResponse:
        """Press the button of a form of the present page; follow where it leads."""
        hidden = {name: self.hidden(name) for name in ("csrf_token", "version") if self.hidden(name)}
        answer = self.client.post(path or self.at, data={**hidden, **typed}, headers=OURS)
        if answer.status_code == 303:
            return self.open(answer.location)
        self.page = answer
        return answer

    def hidden(self, name: str) -> str:
        """The value of a hidden field."""
        found = re.search(rf'name="{name}"(?: type="hidden")? value="([^"]*)"', self.page.text)
        return found[1] if found else ""

    @property
    def heading(self) -> str:
        """What the page is called."""
        return unescape(re.sub(r"<[^>]+>", "", self.page.text.partition("<h1>")[2].partition("</h1>")[0])).strip()

    @property
    def summary(self) -> dict[str, str]:
        """Field → problem, of the error summary."""
        found = re.findall(r'<li><a href="#([^"]+)">([^<]+)</a>', self.page.text)
        return {name: unescape(message) for name, message in found}


@pytest.fixture
def person(app: Flask, client: FlaskClient) -> Person:
    """Somebody on the first page."""
    client.get(f"/start/{context.of(app).start_link.token}")
    return Person(client)
