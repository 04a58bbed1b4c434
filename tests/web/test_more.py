"""Beyond the usual pair: health checks, several groups of addresses, how fast; and an edit that changes nothing."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from werkzeug.datastructures import MultiDict

from floatip.model import inventory
from floatip.model.cluster import Cluster
from tests.examples import examples
from tests.strategies import clusters
from tests.web.conftest import Person
from tests.web.test_way import EXTRAS, LEADER, NETWORK, answer_all
from wizard import create_app
from wizard.drafts import Draft
from wizard.hosts import ssh_config
from wizard.pages import PAGES
from wizard.pages.base import number, show
from wizard.pages.review import instances

CHECK = {"scripts-0-name": "web", "scripts-0-kind": "process", "scripts-0-target": "nginx"}
NUMBERS = {"interval": "2", "timeout": "2", "fall": "2", "rise": "2", "weight": "0"}
WEB = {**CHECK, **{f"scripts-0-{key}": value for key, value in NUMBERS.items()}}


def written(person: Person, tmp_path: Path) -> dict[str, Any]:
    """Save from the check page; the group data of the inventory."""
    person.open(person.at.replace("check", "save"))
    person.send(name="web")
    found = inventory.raw((tmp_path / "inventories" / "web.py").read_text(), "web.py")
    assert isinstance(found, tuple)
    return found[1]


def test_a_health_check_is_asked_for_by_who_wants_one(person: Person, tmp_path: Path) -> None:
    answer_all(person, until="Anything else?")
    person.send(**EXTRAS, action="checks")
    assert person.heading == "What must work on a server?"
    person.send(**WEB)
    assert person.heading == "Anything else?"
    person.send(**EXTRAS)
    assert "a process runs: nginx" in person.page.text
    data = written(person, tmp_path)
    assert data["vrrp_scripts"] == {"web": {"process": "nginx"}}
    assert data["vrrp_instances"]["VI_1"]["track_script"] == ["web"]


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"scripts-0-target": "two words"}, "scripts-0-target", "is 'two words'"),
        ({"scripts-0-name": "1st"}, "scripts-0-name", "is '1st'"),
        ({"scripts-0-name": ""}, "scripts-0-name", "is empty"),
        ({"scripts-0-interval": "0"}, "scripts-0-interval", "web: Seconds between two checks must be from 1 to 3600"),
        (
            {"scripts-0-kind": "http", "scripts-0-target": "https://x/"},
            "scripts-0-target",
            "is 'https://x/'",
        ),
        ({"scripts-0-weight": "-10"}, "scripts-0-weight", "cannot move the address"),
    ],
)
def test_a_bad_check_is_told_at_its_field(person: Person, typed: dict[str, str], field: str, message: str) -> None:
    answer_all(person, until="Anything else?")
    person.send(**EXTRAS, action="checks")
    person.send(**{**WEB, **typed})
    assert person.page.status_code == 422
    assert message in person.summary[field]


def test_a_check_has_another_weight_in_one_instance(person: Person, tmp_path: Path) -> None:
    answer_all(person, until="Anything else?")
    person.send(**EXTRAS, action="checks")
    person.send(**{**WEB, "scripts-0-here": "-5"})
    assert "cannot move the address" in person.summary["scripts-0-name"]
    person.send(**{**WEB, "scripts-0-here": "-60"})
    person.send(**EXTRAS)
    person.open(person.at.replace("check", "checks") + "?from=check")
    assert 'value="-60"' in person.page.text
    person.send(**{**WEB, "scripts-0-was": "web", "scripts-0-name": "site"}, action="go")
    data = written(person, tmp_path)
    assert data["vrrp_instances"]["VI_1"]["track_script"] == [{"script": "site", "weight": -60}]


def test_what_a_page_must_say_is_asked_for(person: Person, tmp_path: Path) -> None:
    answer_all(person, until="Anything else?")
    person.send(**EXTRAS, action="checks")
    page = {"scripts-0-kind": "https", "scripts-0-target": "https://127.0.0.1/", "scripts-0-insecure": "y"}
    person.send(**{**WEB, **page, "scripts-0-status": "20"})
    assert person.page.status_code == 422
    assert "is '20'" in person.summary["scripts-0-status"]
    person.send(**{**WEB, **page, "scripts-0-status": "200", "scripts-0-record": "MX"})
    assert "but is of the kind https" in person.summary["scripts-0-record"]
    person.send(**{**WEB, **page, "scripts-0-status": "200", "scripts-0-text": "all is well"})
    person.send(**EXTRAS)
    data = written(person, tmp_path)
    expected = {"https": "https://127.0.0.1/", "status": "200", "text": "all is well", "insecure": True}
    assert data["vrrp_scripts"] == {"web": expected}


def test_checks_come_and_go(person: Person, tmp_path: Path) -> None:
    answer_all(person, until="Anything else?")
    person.send(**EXTRAS, action="checks")
    person.send(**WEB, action="add")
    second = {key.replace("-0-", "-1-"): value for key, value in WEB.items()}
    assert 'value="check_2"' in person.page.text
    person.send(**WEB, **{**second, "scripts-1-target": "haproxy"})  # of the same name: neither is lost
    person.send(**EXTRAS)
    person.open(person.at.replace("check", "checks") + "?from=check")
    assert [name in person.page.text for name in ('value="web"', 'value="web_2"')] == [True, True]
    person.send(**{**WEB, "scripts-0-was": "web", "scripts-0-name": "site"}, action="go")
    assert "a process runs: nginx" in person.page.text
    data = written(person, tmp_path)
    assert list(data["vrrp_scripts"]) == ["site"]
    assert data["vrrp_instances"]["VI_1"]["track_script"] == ["site"]
    person.open(person.at.replace("saved", "checks") + "?from=check")
    person.send(**{"scripts-0-target": " "})
    assert "nothing is checked" in person.page.text


def test_a_second_group_leads_on_the_other_server(person: Person, tmp_path: Path) -> None:
    answer_all(person)
    person.send(person.at.replace("check", "groups"))
    assert person.heading == "Where are they connected? VI_2"
    person.send(**NETWORK)
    assert "instance=VI_2" in person.at
    person.send(virtual_ipaddress="10.9.1.7")
    assert 'value="101"' not in person.page.text
    person.send(virtual_router_id="101")
    shared = "VI_2: Group number (VRID) is 101, like VI_1's, both on eth1 of d1."
    assert person.summary["virtual_router_id"] == shared
    person.send(virtual_router_id="102")
    assert 'name="leader" type="radio" value="d2"' in person.page.text.replace("checked ", "")
    person.send(**{**LEADER, "leader": "d2", "ranks-0-priority": "100", "ranks-1-priority": "150"})
    person.send(**EXTRAS)
    assert person.heading == "Check your answers"
    assert "Clients reach 10.9.1.7. d2 is preferred. d1 is a backup, priority 100." in person.page.text
    data = written(person, tmp_path)
    assert list(data["vrrp_instances"]) == ["VI_1", "VI_2"]
    person.open(person.at.replace("saved", "check"))
    person.send(person.at.replace("check", "groups"), remove="VI_1")
    assert "Clients reach 10.9.1.6." not in person.page.text
    assert "Clients reach 10.9.1.7" in person.page.text


CONFIG = "Host web-*\n  User admin\n  Port 2022\n"


@pytest.mark.parametrize(("host", "kept"), [("web-1", {}), ("127.0.0.1", {"ssh_user": "root"})])
def test_the_user_of_ssh_config(
    person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, kept: dict[str, str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "config").write_text(CONFIG)
    person.send("/new")
    person.send(**{"servers-0-name": "d1", "servers-1-name": "d2", "servers-0-ssh_hostname": host})
    assert ("Default: admin" in person.page.text) is (host == "web-1")
    (file,) = (tmp_path / "state" / "drafts").glob("*.json")
    data = json.loads(file.read_text())["hosts"][0][1]
    assert {key: data[key] for key in ("ssh_user", "ssh_port") if key in data} == kept


@pytest.mark.parametrize("text", ["Match exec false\n  User x\n", "Host\n", "\xff", "Port = = 3\n"])
def test_an_odd_ssh_config_harms_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "config").write_bytes(text.encode("latin-1"))
    assert ssh_config.of("d1").get("user") is None


SPEEDS = [("1", "1", 1), ("0.1", "1", 0.1), ("0.05", "1", 0.05), ("own", "2", 2), ("1", "3", 3)]


@pytest.mark.parametrize(("speed", "typed", "kept"), SPEEDS)
def test_how_fast(person: Person, tmp_path: Path, speed: str, typed: str, kept: float) -> None:
    answer_all(person, until="Anything else?")
    assert "standard: clients wait at most 3.9 s" in person.page.text
    assert "fastest: clients wait at most 0.5 s" in person.page.text
    assert "Measured with 100 pulled cables: 315 ms, 365 ms at worst." in person.page.text
    assert "A server that freezes for 0.36 s" in person.page.text
    person.send(**{**EXTRAS, "speed": speed, "advert_int": typed})
    assert written(person, tmp_path)["vrrp_instances"]["VI_1"].get("advert_int", 1) == kept


def sent(form: Any) -> list[tuple[str, str]]:
    """What a browser sends of a form in which nobody changed anything."""
    found: list[tuple[str, str]] = []
    for field in form:
        if field.type in ("FieldList", "FormField"):
            found += sent(field)
        elif field.type == "BooleanField":
            found += [(field.name, "y")] if field.data else []
        else:
            found.append((field.name, str(field.data or "")))
    return found


@cache
def nowhere() -> Flask:
    """One application for all examples; nothing is kept, as no page is opened."""
    return create_app(Path(), Path())


@examples(25, suppress_health_check=[HealthCheck.too_slow])
@given(clusters())
def test_going_through_all_pages_changes_nothing(cluster: Cluster) -> None:
    before = inventory.dumps(cluster)
    found = inventory.raw(before, "x.py")
    assert isinstance(found, tuple)
    draft = Draft("k", cluster.name, *found)
    with nowhere().test_request_context():
        for instance in instances(draft):
            for page in PAGES:
                page.apply(page.make(draft, instance, MultiDict(sent(page.make(draft, instance)))), draft, instance)
    after = draft.parsed()
    assert after.cluster is not None
    assert inventory.dumps(after.cluster) == before


@pytest.mark.parametrize("value", [1, 1.5, 0.25, 0.001, 0.00005, 0.000001])
def test_a_number_of_the_file_is_shown_as_it_can_be_typed(value: float) -> None:
    assert number(show(value)) == value
