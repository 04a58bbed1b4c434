"""Pages that ask servers do not wait for them: they say whom they ask, for how long so far, and come back by
themselves."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from floatip.hosts import probe, workers
from floatip.hosts.monitor import Snapshot
from floatip.hosts.network_scan import NetworkScan
from floatip.model.cluster import Cluster
from floatip.operate import handover
from floatip.operate.doctor import examining
from floatip.runs import deployed, jobs
from floatip.server_side.lease.model import What
from lab import wait_until
from tests.browser import gallery, planted, planted_servers
from tests.recorded.doctor_answers import cluster
from tests.web.conftest import OURS, Person, closed
from tests.web.test_deployed import draft
from tests.web.test_way import ANSWERS
from wizard import context
from wizard.drafts import Draft
from wizard.hosts import background, discovery, monitors

Gate = threading.Event
POLL = {"HX-Request": "true", "X-Waits": "yes"}


@pytest.fixture
def gate(person: Person, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Servers that answer once it is open: d1 at once, the others then."""
    opened = threading.Event()

    def ask(hosts: list[list[Any]], *_: object) -> dict[str, Any]:
        for tell in workers._heard.get():
            tell("d1")
        assert opened.wait(30)
        return closed(hosts)

    monkeypatch.setattr(probe, "ask", ask)
    monkeypatch.setattr(background, "SOON", 0.0)
    yield opened
    opened.set()


def waits(person: Person) -> dict[str, str]:
    """Server → whether it has answered, as the waiting page says."""
    text = person.page.text
    assert person.page.status_code == 200 and 'data-state="waits"' in text and "<progress" in text
    assert '<noscript><meta http-equiv="refresh" content="1"></noscript>' in text and 'role="status"' in text
    return dict(re.findall(r'data-server="(\w+)" data-answered="(\w+)"', text))


def polled(person: Person) -> bool:
    """Whether the page, which asks again and again, is told to load anew."""
    answer = person.client.get(person.at, headers=POLL)
    assert (answer.text == "") is ("HX-Refresh" in answer.headers)
    return "HX-Refresh" in answer.headers


def arrives(person: Person) -> None:
    """Wait for the page itself."""
    wait_until("the page is there", lambda: polled(person))
    person.open(person.at)
    assert 'data-state="waits"' not in person.page.text and person.page.status_code == 200


def test_the_first_look_at_the_servers(person: Person, gate: Gate) -> None:
    person.send("/new")
    person.send(**ANSWERS[0][1])
    wait_until("d1 has answered", lambda: waits(Person(person.client, person.at))["d1"] == "yes")
    assert waits(Person(person.client, person.at)) == {"d1": "yes", "d2": "no"}
    assert not polled(person)
    gate.set()
    arrives(person)
    assert person.heading == "Where are they connected?" and "does not accept connections" in person.page.text


def test_a_diagnosis(app: Flask, person: Person, gate: Gate, planted_drafts: dict[str, Draft]) -> None:
    made = draft(app, cluster(), saved=True)
    for page in ("doctor", "status", "drill", "maintain", "reboot", "history"):
        person.open(f"/cluster/{made.key}/{page}")
        waits(person)
        assert person.heading == "Checking the servers" and not polled(person), page
    gate.set()
    person.open(f"/cluster/{made.key}/doctor")
    arrives(person)
    assert person.heading == "What is wrong?"
    person.send(f"/cluster/{made.key}/doctor")  # check again
    arrives(person)


@pytest.mark.parametrize(("what", "node"), [("move", "d2"), ("reboot", "d1")])
def test_a_run_that_wants_the_servers_checked_first(
    app: Flask,
    person: Person,
    monkeypatch: pytest.MonkeyPatch,
    planted_drafts: Mapping[str, Draft],
    what: str,
    node: str,
) -> None:
    """It begins once, however often somebody presses or looks; and what was refused begins nothing."""
    opened, begun, looks = threading.Event(), list[str](), list[str]()

    def look(described: Cluster) -> Snapshot:
        looks.append(described.name)
        workers._heard.get()[-1]("d1")
        assert opened.wait(30)
        return planted.look(described)

    def start(_: Path, file: Path, what: What, **how: Any) -> str:
        begun.append(f"{what.value} {how['node']} {how['language']}")
        return "20261129-080000-aaaaaa"

    monkeypatch.setattr(handover, "look", look)
    monkeypatch.setattr(jobs, "start", start)
    monkeypatch.setattr(background, "SOON", 0.0)
    for name in ("well", "ill"):
        described = planted_drafts[name].parsed().cluster
        assert described
        made = draft(app, described, saved=True)
        deployed.keep(described)
        opened.clear()
        person.open("/")
        for _ in range(2):
            person.send(f"/cluster/{made.key}/{what}", node=node)
            assert person.at == f"/cluster/{made.key}/begun/{what}?node={node}"
            wait_until("d1 has answered", lambda: waits(Person(person.client, person.at))["d1"] == "yes")
        assert looks[-1:] == [name] and not polled(person)
        opened.set()
        wait_until("it is known", lambda: polled(person))
        answer = person.client.get(person.at)
        if name == "well":
            assert (answer.status_code, answer.location) == (303, "/run/20261129-080000-aaaaaa")
        else:
            assert answer.status_code == 409 and "Nothing was changed" in answer.text
    assert (looks, begun) == (["well", "ill"], [f"{what} {node} en"])
    person.open(f"/cluster/{made.key}/begun/{what}?node=d9")  # which nobody has asked for
    assert person.heading == "Maintain" and len(looks) == 2


def test_who_has_an_address_while_it_is_not_known_yet(
    app: Flask, person: Person, planted_drafts: Mapping[str, Draft], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No page says that nobody answers while somebody may still do so."""
    monkeypatch.setattr(monitors, "Following", lambda: planted.Once(lambda _: None))
    made = draft(app, cluster(), saved=True)
    context.of(app).deployed.of(made)
    monkeypatch.setattr(background, "SOON", 0.0)
    for page in ("status", "maintain"):
        person.open(f"/cluster/{made.key}/{page}")
        assert re.findall(r'data-server="(\w+)" data-answered="(\w+)"', person.page.text) == [
            ("d1", "no"),
            ("d2", "no"),
        ]
        assert "http-equiv" in person.page.text and 'hx-trigger="every 1s"' in person.page.text
        assert "data-verdict" not in person.page.text and "No reachable server" not in person.page.text
        drawn = person.page.text.partition('class="topology"')[2].partition("</svg>")[0]
        assert "MASTER" not in drawn and drawn.count("not known") == (2 if drawn else 0)


EARLY: list[tuple[Snapshot, str, str]] = [
    (Snapshot(0, {"d1": planted_servers.LEADS}, {}), "yes", "● 10.9.1.6: MASTER, has the address"),
    (Snapshot(0, {"d1": planted_servers.STOPPED}, {}), "yes", "▲ 10.9.1.6: keepalived is not running"),
    (Snapshot(0, {}, {"d1": "No route to host"}), "no", "? d1: No route to host"),
]


@pytest.mark.parametrize(("look", "answered", "shown"), EARLY)
def test_how_a_server_is_stands_there_before_another_has_answered(
    app: Flask,
    person: Person,
    planted_drafts: Mapping[str, Draft],
    monkeypatch: pytest.MonkeyPatch,
    look: Snapshot,
    answered: str,
    shown: str,
) -> None:
    """What it says of itself; whether all is well has to wait for the others."""
    described = planted_drafts["well"].parsed().cluster
    assert described
    made = draft(app, described, saved=True)
    deployed.keep(described)
    context.of(app).deployed.of(made)
    monkeypatch.setattr(monitors, "Following", lambda: planted.Once(lambda _: replace(look, at=time.time())))
    monkeypatch.setattr(background, "SOON", 0.3)

    def there(page: str) -> bool:
        text = unescape(person.open(f"/cluster/{made.key}/{page}").text)
        found = dict(re.findall(r'data-server="(\w+)" data-answered="(\w+)"', text))
        assert found["d2"] == "no" and "… d2" in text and "data-verdict" not in text
        return found["d1"] == answered and shown in text

    for page in ("status", "maintain"):
        wait_until("it stands there", lambda page=page: there(page))  # type: ignore[misc]


def test_an_address_is_asked_for_in_the_network(
    app: Flask, person: Person, monkeypatch: pytest.MonkeyPatch, planted_drafts: Mapping[str, Draft]
) -> None:
    """What was typed is kept, whatever the servers say, and the person is back where they were going."""
    opened = threading.Event()

    def listen(_: Draft, network: Mapping[str, Any]) -> dict[str, Any]:
        assert opened.wait(30)
        return {name: NetworkScan((), ()) for name in network}

    monkeypatch.setattr(discovery, "listen", listen)
    monkeypatch.setattr(background, "SOON", 0.0)
    made = _looked(app)
    at = f"/cluster/{made.key}"
    person.open(f"{at}/address")
    person.send(virtual_ipaddress="10.9.1.77/24")
    assert person.at.startswith(f"{at}/address?confirm=") and waits(person)
    person.open(f"{at}/address")
    person.send(virtual_ipaddress=" 10.9.1.78 ", action="suggest")
    assert "&typed=10.9.1.78" in person.at and waits(person)
    opened.set()
    arrives(person)
    assert 'value="10.9.1.78"' in person.page.text and "data-free=" in person.page.text
    person.send(virtual_ipaddress="10.9.1.79/24")
    wait_until("it was asked", lambda: person.open(person.at) and person.at.endswith("/vrid"))
    stored = context.of(app).drafts.get(made.key).data["vrrp_instances"]["VI_1"]["virtual_ipaddress"]
    assert stored == ["10.9.1.79/24"]


def test_a_wizard_that_was_started_anew_leaves_the_page_where_it_is(
    app: Flask, client: FlaskClient, person: Person, gate: Gate
) -> None:
    """It has words of its own for that, and goes on once somebody has entered again."""
    made = draft(app, cluster(), saved=True)
    person.open(f"/cluster/{made.key}/doctor")
    waits(person)
    app.config["SECRET_KEY"] = b"another one"
    answer = client.get(person.at, headers=POLL)
    assert (answer.status_code, "HX-Refresh" in answer.headers) == (403, False)


def test_a_failure_in_the_background_is_no_page_that_waits_for_ever(
    app: Flask, person: Person, monkeypatch: pytest.MonkeyPatch, planted_drafts: Mapping[str, Draft]
) -> None:
    def examine(_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(examining, "examine", examine)
    made = draft(app, cluster(), saved=True)
    client: FlaskClient = person.client
    app.config["PROPAGATE_EXCEPTIONS"] = False
    try:
        assert client.get(f"/cluster/{made.key}/doctor", headers=OURS).status_code == 500
    finally:
        app.config["PROPAGATE_EXCEPTIONS"] = None


def _looked(app: Flask) -> Draft:
    """A draft whose servers were looked at."""
    made = draft(app, cluster())
    for _, data in made.hosts:
        data["vrrp"]["VI_1"]["interface"] = "eth1"
    made.found = {name: {"lines": gallery._host(name), "at": 1.7e9} for name in ("d1", "d2")}
    made.found[""] = discovery.connections(made)
    stored: Draft = context.of(app).drafts.save(made, made.version)
    return stored
