"""The preview: a file from the first question on, and what can be taken along before anything is saved."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from floatip.keepalived import render
from floatip.keepalived.conf import read
from floatip.model import inventory
from floatip.model.cluster import Cluster
from floatip.model.parse import parse
from lab.paths import ROOT
from tests.examples import examples
from tests.web.conftest import OURS, Person
from wizard.drafts import Draft
from wizard.pages import preview
from wizard.pages.stand_ins import StandIns

BLANK = re.compile("\u2039([^\u203a]+)\u203a")
WRONG: tuple[object, ...] = ("", "x y", "-1", 0, 999, None, "10.9.1", "10.9.1.16/24", [], {}, True)


def whole() -> tuple[list[list[Any]], dict[str, Any]]:
    """The article's cluster, with a health check."""
    found = inventory.raw((ROOT / "inventories" / "lab.py").read_text(), "lab.py")
    assert isinstance(found, tuple)
    hosts, data = json.loads(json.dumps(found))
    data["vrrp_scripts"] = {"web": {"http": "http://127.0.0.1/", "weight": -60}}
    data["vrrp_instances"]["VI_1"]["track_script"] = ["web"]
    return hosts, data


def blanks(app: Flask, draft: Draft) -> set[str]:
    """What the files of a draft say is missing."""
    with app.test_request_context():
        files = preview.preview(draft, draft)
    assert len(files) == max(2, len(draft.hosts))
    return {found.replace("\u00a0", " ") for file in files.values() for found in BLANK.findall(file.text)}


def test_a_draft_without_an_answer_has_files(app: Flask) -> None:
    each = {f"{what} of {name}" for what in ("interface", "priority") for name in ("d1", "d2")}
    assert blanks(app, Draft("")) == each | {"VRID", "floating address", "name of the cluster"}
    assert "name of server 2" in blanks(app, Draft("", hosts=[["d1", {}], ["D 2!", {}]]))


def test_a_whole_one_has_no_blank_and_the_very_text_of_the_deploy(app: Flask) -> None:
    hosts, data = whole()
    cluster = parse("lab", [tuple(host) for host in hosts], data).cluster
    assert isinstance(cluster, Cluster)
    with app.test_request_context():
        files = preview.preview(draft := Draft("", "lab", hosts, data), draft)
    assert {name: file.text for name, file in files.items()} == {
        name: render.keepalived_conf(cluster, name) for name in ("d1", "d2")
    }
    assert all(file.whole and not file.changed for file in files.values())


@pytest.mark.parametrize(
    ("where", "value", "missing"),
    [
        ("hosts.0.1.vrrp.VI_1.interface", "eth 1", {"interface of d1"}),
        ("hosts.1.1.vrrp.VI_1.priority", 150, {"priority of d2"}),
        ("data.vrrp_instances.VI_1.virtual_router_id", 0, {"VRID"}),
        ("data.vrrp_instances.VI_1.virtual_ipaddress", ["10.9.1.16/24"], {"floating address"}),
        ("data.vrrp_instances.VI_1.advert_int", "often", set()),  # its default is shown
        ("data.vrrp_scripts.web.http", "nonsense", set()),  # without the check
    ],
)
def test_what_is_wrong_is_a_blank(app: Flask, where: str, value: object, missing: set[str]) -> None:
    hosts, data = whole()
    put({"hosts": hosts, "data": data}, where, value)
    assert blanks(app, Draft("", "lab", hosts, data)) >= missing
    assert bool(blanks(app, Draft("", "lab", hosts, data))) == bool(missing)


def put(owner: Any, where: str, value: object) -> None:
    """A value at a dotted place."""
    *way, last = where.split(".")
    for step in way:
        owner = owner[int(step) if isinstance(owner, list) else step]
    owner[int(last) if isinstance(owner, list) else last] = value


PLACES = (
    *(f"hosts.{n}.1.vrrp.VI_1.{key}" for n in (0, 1) for key in ("interface", "address", "priority")),
    *(f"data.vrrp_instances.VI_1.{key}" for key in ("virtual_router_id", "virtual_ipaddress", "version", "nopreempt")),
    *("hosts.0.0", "hosts.1.0", "data.vrrp_scripts.web.weight", "data.vrrp_scripts.web.http", "data.log_file"),
)


@examples(60)
@given(st.dictionaries(st.sampled_from(PLACES), st.sampled_from(WRONG), max_size=4))
def test_whatever_is_wrong_there_is_a_file_that_reads(wrong: dict[str, object]) -> None:
    hosts, data = whole()
    for where, value in wrong.items():
        put({"hosts": hosts, "data": data}, where, value)
    made = StandIns(Draft("", "lab", hosts, data))
    assert made.cluster
    for node in made.cluster.nodes:
        assert not read(render.keepalived_conf(made.cluster, node.name)).odd


def test_what_is_typed_is_marked_for_a_server_with_another_name_too(app: Flask) -> None:
    hosts, data = whole()
    stored = Draft("", "lab", json.loads(json.dumps(hosts)), data)
    hosts[0][0] = "alpha"
    hosts[1][1]["vrrp"]["VI_1"]["priority"] = 90
    with app.test_request_context():
        files = preview.preview(stored, Draft("", "lab", hosts, data))
    marked = [{file.text.splitlines()[number].strip() for number in file.changed} for file in files.values()]
    assert marked == [{"# Cluster lab, server alpha", "router_id alpha"}, {"priority 90"}]


def test_each_question_shows_it_without_a_script_and_explains_its_keywords(person: Person) -> None:
    person.send("/new")
    assert person.at.endswith("/servers")
    assert "\u2039interface\u00a0of\u00a0d1\u203a" in person.page.text
    assert 'aria-description="Seconds between two adverts' in person.page.text


def test_a_file_is_taken_along_as_typed_and_nothing_is_stored(person: Person) -> None:
    person.send("/new")
    at = person.at
    token, version = person.hidden("csrf_token"), person.hidden("version")
    typed = {"servers-0-name": "alpha", "servers-1-name": "beta", "csrf_token": token, "version": version}
    answer = person.client.post(f"{at}/files", data={**typed, "take": "alpha"}, headers=OURS)
    assert answer.headers["Content-Disposition"] == "attachment; filename=keepalived.conf"
    assert "router_id alpha" in answer.text and "\u2039VRID\u203a" in answer.text
    gone = person.client.post(f"{at}/files", data={**typed, "take": "d9"}, headers=OURS)
    assert gone.status_code == 404
    assert "alpha" not in unescape(person.open(at).text)


def test_a_name_that_comes_last_is_a_blank_that_keeps_nothing_back(app: Flask) -> None:
    hosts, data = whole()
    draft = Draft("", "", hosts, data)
    assert blanks(app, draft) == {"name of the cluster"}
    with app.test_request_context():
        files = preview.preview(draft, draft)
    blank = "\u2039name\u00a0of\u00a0the\u00a0cluster\u203a"
    assert [file.text.splitlines()[1] for file in files.values()] == [
        f"# Cluster {blank}, server {name}" for name in ("d1", "d2")
    ]
    assert all(file.whole for file in files.values())
