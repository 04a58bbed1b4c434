"""The pages for looking after a cluster: what they offer, and what they make of a drill and of a diagnosis."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from floatip.hosts.daemon import DaemonState
from floatip.hosts.monitor import Snapshot
from floatip.model import inventory
from floatip.operate import handover
from floatip.operate.doctor import examining
from floatip.operate.drill import FAULTS, reports
from floatip.runs import deployed, detached, storage
from tests.browser import planted, planted_servers
from tests.web import pages
from tests.web.conftest import Person
from tests.web.ran import ran
from tests.web.test_russian import english
from wizard import context
from wizard.drafts import Draft
from wizard.hosts import background, monitors
from wizard.show import drills

Open = Callable[..., str]


@pytest.fixture
def show(app: Flask, person: Person, planted_drafts: dict[str, Draft], monkeypatch: pytest.MonkeyPatch) -> Open:
    """Opens a page of one of the gallery's clusters, deployed, whose servers are as planted there.
    `scripts`: other health checks; `changed`: other settings of VI_1."""
    monkeypatch.setattr(examining, "examine", planted.examine)
    monkeypatch.setattr(handover, "look", planted.look)

    def show(name: str, page: str, scripts: dict[str, Any] | None = None, client: bool = True, **changed: Any) -> str:
        data = json.loads(json.dumps(planted_drafts[name].data))
        if not client:
            del data["client"]
        data["vrrp_scripts"] = scripts or data["vrrp_scripts"]
        data["vrrp_instances"]["VI_1"] |= changed
        draft = context.of(app).drafts.new(name=name, hosts=planted_drafts[name].hosts, data=data)
        parsed = draft.parsed().cluster
        assert parsed
        context.of(app).inventories.directory.mkdir(exist_ok=True)
        inventory.save(parsed, context.of(app).inventories.directory)
        deployed.keep(parsed)
        person.open(f"/cluster/{draft.key}/{page}")
        return unescape(person.page.text)

    return show


def test_a_status_that_is_followed_is_asked_for_each_second_without_javascript(show: Open) -> None:
    again = '<noscript><meta http-equiv="refresh" content="1"></noscript>'
    assert again in show("well", "status?follow=yes")
    assert again not in show("well", "status")


def test_each_fault_says_what_clients_will_notice(show: Open) -> None:
    text = show("well", "drill")
    for name in FAULTS:
        assert f'id="fault-{name}"' in text
    assert text.count("Clients wait at most 0.4 s.") == 2
    assert text.count("Clients wait at most 0.7 s.") == 4
    assert "The others know of it within 7.0 s." in text
    assert "disabled" not in text
    assert "The client (127.0.0.1) pings 10.9.1.6" in text


def test_what_cannot_fail_is_not_offered(show: Open) -> None:
    text = show("well", "drill", scripts={"web": {"command": "/bin/true"}}, client=False, nopreempt=True)
    assert "This computer pings 10.9.1.6" in text
    assert text.count("disabled") == 1
    assert 'value="check" aria-describedby="about-check" disabled' in text
    assert "has no health check that a failover test could make fail." in text
    assert "As you chose, the address stays where it has moved to." in text


def test_what_came_of_a_drill(show: Open) -> None:
    text = show("well", "drill?of=20261124-120000-stop")
    assert "● Failover finished within the predicted time" in text and "d1 has the address again." in text
    assert "Clients waited 600 ms at most; 910 ms were predicted." in text and ">Diagnose</a>" not in text
    text = show("well", "drill?of=20261124-120001-stop")
    assert (
        "▲ Failover did not go as predicted" in text
        and "Two servers had the address at the same time, for 0.4 s." in text
    )
    assert "It did not come back as configured: d1 should have it." in text and ">Diagnose</a>" in text


ODD = ["{}", "nonsense", '{"fault": "stop"}']


@pytest.mark.parametrize("change", [*ODD, {"lanes": 7}, {"fault": "flood"}, {"outages": [["x"]]}, {"seconds": None}])
def test_a_report_that_nobody_can_read_is_left_out(show: Open, person: Person, change: str | dict[str, Any]) -> None:
    place = reports.directory("well")
    good = json.loads((place / "20261124-120000-stop.json").read_text())
    text = change if isinstance(change, str) else json.dumps(good | change)
    (place / "20261125-120000-stop.json").write_text(text)
    assert "2026-11-25" not in show("well", "drill")
    assert "2026-11-24 12:00" in person.page.text
    for page in ("drill?of=20261125-120000-stop", "drill?of=../x", "drill?instance=VI_9"):
        show("well", page)
        assert person.page.status_code == 404


def test_the_diagnosis(show: Open) -> None:
    text = show("ill", "doctor")
    assert "keepalived.conf on d2 is not what the inventory says: prioritty." in text
    assert pages.lines(text, "gone") == ["-    prioritty 99"]
    assert pages.lines(text, "added") == []  # 100, which is missing, is the default
    assert set(planted.JOURNAL[:1]) <= set(pages.lines(text))
    assert '<code lang="en">timedatectl set-ntp true</code>' in text
    assert "Deploy again" in text and "▲ d2: not what the inventory says" in text
    text = show("well", "doctor")
    assert "● Nothing is wrong:" in text and ">Deploy again<" not in text


def test_what_is_refused_says_why(show: Open, person: Person) -> None:
    show("ill", "status")
    person.send(person.at.replace("status", "move"), node="d2")
    assert (person.page.status_code, person.heading) == (409, "Nothing was changed")
    assert "d2 cannot take over: keepalived is not running." in person.page.text
    person.send(person.at.replace("status", "move"), node="nobody")
    assert "nobody is not one of the servers." in person.page.text
    assert not storage.state_directory().joinpath("locks").exists()


def offered(text: str) -> tuple[list[str], bool]:
    """Where the page offers to move the addresses to, and whether it offers a reboot."""
    return re.findall(r'<button name="node" value="(\w+)"', text), bool(re.search(r'<a href="[^"]+/reboot">', text))


WELL = [
    ({"d1": planted_servers.LEADS, "d2": planted_servers.STANDS_BY}, (["d2"], True)),
    (
        {"d1": planted_servers.STANDS_BY, "d2": planted_servers.LEADS},
        (["d1", "d2"], True),
    ),  # d2: it is not meant to stay there yet
    ({"d1": planted_servers.LEADS, "d2": planted_servers.STOPPED}, ([], False)),
    ({"d1": planted_servers.LEADS}, ([], False)),
    ({}, ([], False)),
]


@pytest.mark.parametrize(("found", "offers"), WELL, ids=range(len(WELL)))
def test_what_cannot_be_done_now_is_not_offered(
    show: Open, monkeypatch: pytest.MonkeyPatch, found: dict[str, DaemonState], offers: tuple[list[str], bool]
) -> None:
    seen = Snapshot(time.time(), found, {} if len(found) == 2 else {"d2": "?"})
    monkeypatch.setattr(monitors, "Following", lambda: planted.Once(lambda _: seen if found else None))
    monkeypatch.setattr(background, "SOON", 0.3)
    text = show("well", "maintain")
    assert offered(text) == offers
    assert "has the addresses already" in text or "cannot take over" in text or not found or offers[0] == ["d1", "d2"]


def test_a_move_to_where_they_are_is_refused(show: Open, person: Person) -> None:
    show("well", "status")
    for node, why in (("d1", "d1 has the addresses already"), ("", "No server was chosen.")):
        person.send(person.at.replace("status", "move"), node=node)
        assert (person.page.status_code, person.heading) == (409, "Nothing was changed")
        assert why in person.page.text
        show("well", "status")
    assert not storage.state_directory().joinpath("locks").exists()


def test_a_reboot_is_explained_and_refused_where_nobody_stands_in(
    show: Open, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitors, "Following", lambda: planted.Once(planted.glance))
    assert "Reboot a server" in show("ill", "maintain")
    text = show("ill", "reboot")
    assert "If there is none, nothing is done." in text
    assert re.findall(r'data-kept="(\w+)" data-code="([\w-]+)"', text) == [("d1", "check-fails"), ("d2", "not-running")]
    assert "<option" not in text and ">Reboot it<" not in text
    for node, why in (
        ("d1", "d1 cannot take over: its health check web fails."),
        ("x", "x is not one of the servers."),
    ):
        person.send(person.at, node=node)
        assert (person.page.status_code, person.heading) == (409, "Nothing was changed")
        assert why in person.page.text
        show("ill", "reboot")
    assert not storage.state_directory().joinpath("locks").exists()


def test_a_removal_says_what_it_does_and_wants_to_be_confirmed(app: Flask, show: Open, person: Person) -> None:
    text = show("well", "maintain")
    removal = person.at.replace("maintain", "remove")
    assert f'href="{removal}"' in text
    text = show("well", "remove")
    assert person.heading == "Remove the cluster from its servers"
    for said in ("10.9.1.6", "d1 and d2", "What stays", "The inventory well.py on this computer", "comes back"):
        assert said in text
    assert 'data-codes="not-confirmed"' not in text
    for typed in ({}, {"sure": "no"}):
        person.send(person.at, **typed)
        assert person.page.status_code == 422
        assert 'data-codes="not-confirmed"' in person.page.text and 'href="#sure"' in person.page.text
        assert "Error:" in person.page.text.partition("</title>")[0]
    assert not context.of(app).runs.exists()


def test_a_removal_is_a_run_of_its_own(app: Flask, show: Open, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []

    def start(directory: Path, words: list[str], texts: dict[str, str], at: Path, language: str) -> str:
        started.append(words)
        return ran(directory, **{**texts, "code": "0"}).key

    monkeypatch.setattr(detached, "start", start)
    show("well", "remove")
    person.send(person.at, sure="yes")
    assert 'data-what="remove" data-state="done"' in person.page.text
    (words,) = started
    assert words[-4:-2] == ["--data", "floatip_remove=true"] and words[-2].endswith("/well.py")


def test_a_removal_is_only_of_what_was_saved(app: Flask, person: Person) -> None:
    draft = context.of(app).drafts.new(name="nowhere")
    assert person.open(f"/cluster/{draft.key}/remove").status_code == 404
    assert "remove" not in person.open(f"/cluster/{draft.key}/status").text


def test_a_move_that_would_change_nothing_is_not_offered(show: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """d1 of `well` has the address, and neither server of `ill` is fit."""
    monkeypatch.setattr(monitors, "Following", lambda: planted.Once(planted.glance))
    text = show("well", "maintain")
    assert 'name="node" value="d2"' in text and 'name="node" value="d1"' not in text
    assert 'name="node"' not in show("ill", "maintain")


def test_failover_tests_are_listed_with_the_other_runs(app: Flask, show: Open, person: Person) -> None:
    show("well", "drill")
    draft = person.at.rpartition("/")[0]
    place_of_a_drill(app)
    text = unescape(person.open("/").text)
    kinds = re.findall(
        r'<li data-what="(\w+)" data-state="(\w+)"><a href="([^"]+)">([^<]+)<span class="fixed">([^<]+)</span></a>',
        text,
    )
    assert [(what, state, page) for what, state, page, *_ in kinds] == [
        ("drill", "going", f"{draft}/drill"),
        ("drill", "failed", f"{draft}/drill?of=20261124-120001-stop"),
        ("drill", "done", f"{draft}/drill?of=20261124-120000-stop"),
    ]
    assert kinds[2][3:] == ("well, failover test on d1: keepalived is stopped, ", "2026-11-24 12:00")


def place_of_a_drill(app: Flask, **files: str) -> None:
    """What the newest drill of the cluster `well` has left so far."""
    place = context.of(app).runs.parent / "drilling" / "well" / "20261125-120000-abcdef"
    place.mkdir(parents=True)
    for name, text in {"fault": "stop", "log": "", "result.json": "", **files}.items():
        (place / name).write_text(text)


GONE = "The failover test was ended from outside. The server undoes the fault by itself."
ENDS = [
    (
        {"code": "1", "log": "error: d2 cannot take over: keepalived is not running.\n"},
        "d2 cannot take over: keepalived is not running.",
    ),
    ({"code": "1", "log": "Traceback\nValueError: odd\n"}, "ValueError: odd"),
    ({"code": "0", "result.json": "{"}, GONE),
    ({"pid": "1"}, GONE),
]


@pytest.mark.parametrize(("files", "why"), ENDS)
def test_a_drill_that_came_to_nothing_says_why(app: Flask, show: Open, files: dict[str, str], why: str) -> None:
    place_of_a_drill(app, **files)
    text = show("well", "drill")
    assert "Nothing was done" in text and why in text
    assert "Try it" in text


def test_a_drill_under_way_is_found_again(app: Flask, show: Open) -> None:
    """Its process is not even there yet."""
    place_of_a_drill(app, steps='{"at": 5, "phase": "watching"}\n{"at": 9, "answers": [6.0, 8.5]}\n{"at": 10, "pha')
    text = show("well", "drill")
    assert "Under way: keepalived is stopped." in text and "Try it" not in text
    assert "The longest gap without an answer so far: 2500 ms." in text and "<svg" in text
    assert '<li aria-current="step">▸ The address answers, and the measurement is running.</li>' in text


PAGES = [
    ("well", "status"),
    ("ill", "maintain"),
    ("well", "history"),
    ("well", "drill"),
    ("well", "reboot"),
    ("well", "remove"),
    ("well", "drill?of=20261124-120001-stop"),
    ("ill", "doctor"),
    ("well", "doctor"),
]


@pytest.mark.parametrize(("name", "page"), PAGES)
def test_in_russian(show: Open, person: Person, name: str, page: str) -> None:
    person.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "ru"
    assert english(show(name, page)) - {name, "prioritty", "systemd", "exit", "code", "web", "http"} == set()


def test_earlier_tests_are_shown_as_columns(show: Open) -> None:
    text = show("well", "drill")
    table = text.partition('class="compare"')[2].partition("</table>")[0]
    assert re.findall(r'data-test="([^"]+)" data-held="(\w+)"', table) == [
        ("20261124-120001-stop", "no"),
        ("20261124-120000-stop", "yes"),
    ]
    newest, before = drills.earlier("well")
    change = f"{newest.report.outage_ms - before.report.outage_ms:+.0f} ms"
    assert f'<td class="fixed">{change}</td><td class="fixed">–</td>' in table
    assert "d2, after 0.60 s" in table and "not back on d1" in table and "back on d1" in table
    assert 'aria-current="true"' not in table
    assert 'aria-current="true"' in show("well", "drill?of=20261124-120000-stop")
