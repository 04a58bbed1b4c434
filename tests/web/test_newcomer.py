"""The way of somebody who has never done it: from Start to a proved address, in pages and in what has to be typed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from floatip.hosts import probe
from floatip.hosts.network_scan import NetworkScan
from floatip.runs import events, jobs
from tests.browser import gallery
from tests.web.conftest import Person
from tests.web.ran import INSTALL, KEY, ran
from tests.web.test_typed import fields
from wizard import context
from wizard.hosts import discovery, practice

PAGES, TYPED = 12, 5
"""At most, with Start and the page of the deploy, which has the result."""
ROADS: Mapping[str, tuple[str, dict[str, dict[str, str]]]] = {
    "practise": ("/practise", {}),
    "a real pair": (
        "/new",
        {
            "servers": {"servers-0-ssh_hostname": "192.0.2.16", "servers-1-ssh_hostname": "192.0.2.61"},
            "address": {"virtual_ipaddress": "10.9.1.6"},
            "save": {"name": "web"},
        },
    ),
}


@pytest.fixture
def servers(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """They answer, and hear nobody on their network."""

    def ask(request: list[list[Any]], _: float | None = None) -> dict[str, Any]:
        return {str(name): {"lines": gallery._host(str(name)), "at": 1.7e9} for name, *_ in request}

    monkeypatch.setattr(probe, "ask", ask)
    monkeypatch.setattr(discovery, "listen", lambda _, network: {name: NetworkScan((), ("eth1",)) for name in network})
    monkeypatch.setattr(practice, "_answers", lambda data: True)


@pytest.mark.usefixtures("servers")
@pytest.mark.parametrize("road", ROADS)
def test_from_start_to_a_proved_address(
    app: Flask, person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, road: str
) -> None:
    button, typed = ROADS[road]
    pages, values = ["start"], dict(typed)
    person.open("/")
    assert f'action="{button}"' in person.page.text
    person.send(button)
    while slug(person) != "saved":
        pages.append(slug(person))
        assert len(pages) < PAGES and person.page.status_code == 200, pages
        if slug(person) == "check":
            assert "/save" in person.page.text
            person.open(person.at.replace("check", "save"))
        else:
            person.send(**{**shown(person), **values.pop(slug(person), {}), "action": "go"})
    pages.append("saved")
    assert values == {}

    def start(runs: Path, file: Path, *_: object, **__: object) -> str:
        ran(runs, *INSTALL, events.Proved("10.9.1.6", "d1", True, "VI_1"), inventory=str(file))
        return KEY

    monkeypatch.setattr(jobs, "start", start)
    (name,) = context.of(app).inventories.names()
    assert 'action="/run/"' in person.page.text
    person.send("/run/", name=name)
    pages.append(slug(person))
    assert 'class="proof"' in person.page.text and "10.9.1.6" in person.page.text
    assert f'/cluster/{context.of(app).drafts.all()[0].key}/drill">Try a failover test<' in person.page.text
    assert len(pages) <= PAGES, pages
    assert sum(len(answers) for answers in typed.values()) <= (0 if road == "practise" else TYPED)


def slug(person: Person) -> str:
    """The name of the page in its address."""
    return person.at.partition("?")[0].rpartition("/")[2]


def shown(person: Person) -> dict[str, str]:
    """What the form of the page would send as it stands."""
    return {name: text for name, text in fields(person.page.text).items() if name not in ("", "csrf_token", "version")}
