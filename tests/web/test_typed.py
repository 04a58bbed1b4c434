"""Enter continues, and no other button of a page loses what was typed."""

from __future__ import annotations

import base64
import json
import re
from html import unescape
from ipaddress import ip_interface
from itertools import pairwise

import pytest
from flask import Flask

from floatip.hosts import host_script
from tests.web.conftest import Person
from tests.web.test_more import WEB
from tests.web.test_way import ANSWERS, NETWORK, SERVERS, answer_all
from wizard import context
from wizard.drafts import Drafts
from wizard.hosts import discovery
from wizard.pages import network_scan

WHICH, WHERE, ADDRESS, NUMBER, LEADS, ELSE = (heading for heading, _ in ANSWERS)
CHECKS = "What must work on a server?"
THIRD = {"servers-2-name": "d3", "servers-2-ssh_hostname": "127.0.0.3", "servers-2-ssh_user": "ops"}
ODD = {"servers-0-name": "web one", "servers-1-ssh_hostname": "10.9.1.61/24", "servers-0-ssh_port": "22x"}
BY_HAND = {**NETWORK, "members-0-interface": "ens18.7", "members-1-address": "10.9.2.61"}
RANKS = {"leader": "d2", "returns": "stay", "ranks-0-priority": "30x", "ranks-1-priority": "77"}
SECOND = {key.replace("-0-", "-1-"): value for key, value in WEB.items()} | {"scripts-1-target": "two words"}
RUSSIAN = {"language": "ru"}
BACK = {"action": "back"}

BUTTONS = [
    (WHICH, SERVERS | ODD, {"action": "add"}),
    (WHICH, SERVERS | ODD | THIRD | {"servers-3-name": ""}, {"action": "remove"}),
    (WHICH, SERVERS | ODD | THIRD, RUSSIAN),
    (WHERE, BY_HAND, {"action": "look"}),
    (WHERE, BY_HAND, RUSSIAN),
    (ADDRESS, {"virtual_ipaddress": "10.9.1.300, 10.9.1.8/24"}, {"action": "suggest"}),
    (ADDRESS, {"virtual_ipaddress": "10.9.1.300, 10.9.1.8/24"}, RUSSIAN),
    (NUMBER, {"virtual_router_id": "1o1"}, RUSSIAN),
    (LEADS, RANKS, RUSSIAN),
    (ELSE, {"log_file": "y", "advert_int": "2.5", "speed": "own"}, RUSSIAN),
    (CHECKS, WEB, {"action": "add"}),
    (CHECKS, WEB | SECOND | {"scripts-2-target": "x"}, {"action": "remove-2"}),
    (CHECKS, WEB, RUSSIAN),
]


START = "One address that stays up when a server fails"
STEPS = [*(heading for heading, _ in ANSWERS[:5]), ELSE]


def slug(person: Person) -> str:
    """The name of the page in its address."""
    return person.at.partition("?")[0].rpartition("/")[2]


def codes(person: Person) -> list[str]:
    """What is objected to."""
    return re.findall(r'data-codes="([^"]+)"', person.page.text)


def reach(person: Person, heading: str) -> None:
    """Answer up to this page."""
    answer_all(person, until=ELSE if heading == CHECKS else heading)
    if heading == CHECKS:
        person.open(person.at.replace("extras", "checks"))


@pytest.mark.parametrize(("heading", "typed", "button"), BUTTONS)
@pytest.mark.parametrize("free", ["10.9.1.7/24", None])
def test_another_button_keeps_what_was_typed(
    person: Person,
    monkeypatch: pytest.MonkeyPatch,
    heading: str,
    typed: dict[str, str],
    button: dict[str, str],
    free: str,
) -> None:
    monkeypatch.setattr(network_scan, "free_address", lambda *_: free)
    reach(person, heading)
    page = person.at
    assert person.send(**typed, **button).status_code == 200
    assert person.at == page
    assert ('<html lang="ru">' in person.page.text) is (button == RUSSIAN)
    shown = fields(person.page.text)
    kept = {name: value for name, value in typed.items() if value and name != "scripts-2-target"}
    assert {name: shown.get(name) for name in kept} == kept


def test_a_suggestion_takes_the_place_of_nothing(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_scan, "free_address", lambda *_: "10.9.1.7/24")
    reach(person, ADDRESS)
    person.send(virtual_ipaddress=" ", action="suggest")
    assert fields(person.page.text)["virtual_ipaddress"] == "10.9.1.7/24"
    person.send(virtual_ipaddress="10.9.1.8", action="suggest")
    assert fields(person.page.text)["virtual_ipaddress"] == "10.9.1.8"
    assert "10.9.1.7/24 is free." in person.page.text


def test_who_asks_for_checks_finds_the_other_answers_again(person: Person) -> None:
    reach(person, ELSE)
    page = person.at
    person.send(advert_int="2", speed="own", unicast="y", action="checks")
    assert person.heading == CHECKS
    found = fields(person.open(page).text)
    assert (found["advert_int"], found["unicast"], "log_file" in found) == ("2", "y", False)


GOING_BACK = [(heading, typed) for heading, typed, button in BUTTONS if button == RUSSIAN]


@pytest.mark.parametrize(("heading", "typed"), GOING_BACK)
def test_going_back_keeps_what_was_typed(person: Person, heading: str, typed: dict[str, str]) -> None:
    reach(person, heading)
    page, before = person.at, {**dict(pairwise(STEPS[::-1])), WHICH: START, CHECKS: LEADS}[heading]
    assert person.send(**typed, **BACK).status_code == 200
    assert person.heading == before
    person.open(page)
    shown = fields(person.page.text)
    assert {name: shown.get(name) for name in typed} == typed


def test_going_back_to_the_answers_keeps_what_was_typed(person: Person) -> None:
    answer_all(person)
    person.open(person.at.replace("check", "address?from=check"))
    person.send(virtual_ipaddress="10.9.1.300", **BACK)
    assert person.heading == "Check your answers" and "10.9.1.300" in person.page.text


def test_an_objection_is_read_in_another_language(person: Person) -> None:
    reach(person, ADDRESS)
    person.send(virtual_ipaddress="10.9.1.300")
    wrong = codes(person)
    person.send(virtual_ipaddress="10.9.1.300", objected="yes", **RUSSIAN)
    assert '<html lang="ru">' in person.page.text and codes(person) == wrong != []
    person.send(virtual_ipaddress="192.0.2.1/24", objected="yes", language="en")
    doubtful, shown = codes(person), fields(person.page.text)
    assert doubtful and "anyway" not in shown
    consent = unescape(person.hidden("anyway"))
    person.send(virtual_ipaddress="192.0.2.1/24", objected="yes", anyway=consent, **RUSSIAN)
    assert (codes(person), unescape(fields(person.page.text)["anyway"])) == (doubtful, consent)
    person.open(person.at)
    person.send(virtual_ipaddress="192.0.2.1/24")
    assert codes(person) == doubtful, "nobody has gone on in spite of it yet"


def test_both_versions_are_read_in_another_language(app: Flask, person: Person) -> None:
    reach(person, NUMBER)
    page, old = person.at, person.hidden("version")
    person.send(virtual_router_id="12")
    person.open(page)
    person.send(virtual_router_id="77", version=old)
    assert person.page.status_code == 409
    person.send(virtual_router_id="77", both="yes", **RUSSIAN)
    assert person.page.status_code == 409 and '<html lang="ru">' in person.page.text
    (draft,) = context.of(app).drafts.all()
    assert draft.data["vrrp_instances"]["VI_1"]["virtual_router_id"] == 12
    kept = fields(person.page.text)
    assert kept["virtual_router_id"] == "77" and "language" not in kept
    person.send(**{name: value for name, value in kept.items() if name != "csrf_token"} | {"language": "de"})
    assert fields(person.open(page).text)["virtual_router_id"] == "77"


def test_the_keys_that_were_ticked_stay_ticked(app: Flask, person: Person) -> None:
    keys = [base64.b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + bytes([number] * 32)).decode() for number in range(2)]
    first, second = ({"host": "[127.0.0.1]:1", "type": "ssh-ed25519", "base64": key} for key in keys)
    draft = context.of(app).drafts.new(hosts=[["d1", {}], ["d2", {}]])
    draft.found = {"d1": {"error": "?", "key": first}, "d2": {"error": "?", "key": second}}
    draft.found[""] = discovery.connections(draft)
    context.of(app).drafts.save(draft, draft.version)
    page = f"/cluster/{draft.key}/keys"
    person.open(page)
    ours, theirs = re.findall(r'value="(SHA256:[^"]+)"', person.page.text)
    for button, heading in (
        (RUSSIAN, "Это ваши серверы?"),
        ({"language": "en"}, "Are these your servers?"),
        (BACK, WHICH),
        ({"action": "without"}, WHERE),
    ):
        person.send(fingerprint=ours, **button)
        assert person.heading == heading
        assert re.findall(r'value="(SHA256:[^"]+)" checked', person.open(page).text) == [ours]
    assert theirs in person.page.text


@pytest.mark.parametrize("name", ["Web 1", "lab"])
def test_the_name_outlives_every_button(app: Flask, person: Person, name: str) -> None:
    context.of(app).inventories.directory.mkdir()
    (context.of(app).inventories.directory / "lab.py").write_text("lab = ([], {})\n")
    answer_all(person)
    page = person.at.replace("check", "save")
    person.open(page)
    person.send(name=name, **RUSSIAN)
    assert '<html lang="ru">' in person.page.text and fields(person.page.text)["name"] == name
    person.send(name=name)
    objection = person.page.status_code
    assert objection in (409, 422)
    person.send(name=name, objected="yes", replace="yes", language="en")
    assert person.page.status_code == objection and '<html lang="en">' in person.page.text
    assert fields(person.page.text).get("replace") == ("yes" if name == "lab" else None)
    person.send(name=name, **BACK)
    assert person.heading == "Check your answers" and "Save the inventory" in person.page.text
    assert fields(person.open(page).text)["name"] == name
    (draft,) = context.of(app).drafts.all()
    assert draft.name == "", "it is not called so before that is saved"


def test_a_pasted_file_outlives_every_button(person: Person) -> None:
    person.send("/new", goal="adopt")
    person.send(**SERVERS)
    assert slug(person) == "adopt"
    text = "vrrp_instance <X> {\r\n  auth_pass hunter2"
    for button, leads in ((RUSSIAN, "adopt"), ({"language": "en"}, "adopt"), (BACK, "servers"), ({}, "questions")):
        page = person.at
        person.send(**{"file-1": text}, **button)
        assert slug(person) == leads
        person.open(page)
        assert "vrrp_instance &lt;X&gt; {" in person.page.text and "hunter2" not in person.page.text


def test_a_page_without_an_address_is_left_for_another_language(app: Flask, person: Person) -> None:
    """What answers to a button cannot be asked for again."""
    context.of(app).inventories.directory.mkdir()
    (context.of(app).inventories.directory / "odd.py").write_text("import os\n")
    for path in ("/edit", "/run/"):
        person.send(path, name="odd")
        assert person.page.status_code == 422
        (back,) = re.findall(r'name="back" value="([^"]+)"', person.page.text)
        assert person.send("/language", back=unescape(back), language="en").status_code == 200


def test_by_hand_stays_by_hand(app: Flask, person: Person) -> None:
    """A browser shows, and sends, the first of several places where none of them is the chosen one."""
    reach(person, WHERE)
    found = {"d1": {"lines": looked("10.9.1.16/24", "192.0.2.7/24")}, "d2": {"lines": looked("10.9.1.61/24")}}
    drafts: Drafts = context.of(app).drafts
    (draft,) = drafts.all()
    draft.found = {**found, "": discovery.connections(draft)}
    drafts.save(draft, draft.version)
    person.open(person.at)
    assert "192.0.2.7/24" in person.page.text
    for button in ({}, RUSSIAN):
        person.send(
            **{**NETWORK, "members-0-address": "10.9.1.300/24", "members-1-choice": "eth1 10.9.1.61/24"}, **button
        )
        shown = fields(person.page.text)
        assert (shown["members-0-choice"], shown["members-0-address"]) == ("", "10.9.1.300/24")
        assert shown["members-1-choice"] == "eth1 10.9.1.61/24"


def looked(*addresses: str, conf: str = "") -> list[str]:
    """What a server says of itself that has these addresses on eth1, and this keepalived.conf."""
    there = [ip_interface(address) for address in addresses]
    info = [{"local": str(interface.ip), "prefixlen": interface.network.prefixlen} for interface in there]
    links = [{"ifname": "eth1", "operstate": "UP", "addr_info": info}]
    file = f"file=conf 640:root:root {base64.b64encode(conf.encode()).decode()}"
    return [f"{host_script.MARK}=1", "uid=0", f"links={json.dumps(links)}", *([file] if conf else [])]


@pytest.mark.parametrize("heading", [WHICH, WHERE, ADDRESS, NUMBER, LEADS, ELSE, CHECKS])
def test_the_first_button_of_a_question_is_the_one_that_continues(person: Person, heading: str) -> None:
    """Enter presses the first one, wherever it stands on the page."""
    reach(person, heading)
    buttons = re.findall(
        r'<button\b[^>]*form="question"[^>]*>|<form[^>]* id="question"|<button\b[^>]*>', person.page.text
    )
    first = next(button for button in buttons if 'form="question"' in button)
    assert 'aria-hidden="true"' in first and "name=" not in first and "type=" not in first
    started = next(at for at, button in enumerate(buttons) if button.startswith("<form"))
    assert buttons.index(first) < started


def fields(html: str) -> dict[str, str]:
    """What a browser would send of the form: name → value."""
    found: dict[str, str] = {}
    for attributes in re.findall(r"<input\b([^>]*)>", html):
        given = {name: value for name, _, value in re.findall(r'([\w-]+)(="([^"]*)")?', attributes)}
        if given.get("type") not in ("radio", "checkbox") or "checked" in given:
            found[given.get("name", "")] = given.get("value", "")
    for name, options in re.findall(r'<select\b[^>]*name="([^"]+)"[^>]*>(.*?)</select>', html, flags=re.S):
        values = re.findall(r'<option( selected)? value="([^"]*)"', options)
        found[name] = next((value for chosen, value in values if chosen), values[0][1] if values else "")
    return found
