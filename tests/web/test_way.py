"""From Start to the saved inventory, without JavaScript; what is wrong is said where it was typed."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from flask import Flask

from floatip.hosts import probe
from floatip.model import inventory
from lab.names import FLOATING, spec
from lab.paths import ROOT
from tests.unit import samples
from tests.web.conftest import Person, closed
from wizard import context
from wizard.drafts import Draft
from wizard.hosts import practice

SERVERS = {
    f"servers-{row}-{key}": value
    for row, name in enumerate(("d1", "d2"))
    for key, value in {
        "name": name,
        "ssh_hostname": "127.0.0.1",
        "ssh_user": "root",
        "ssh_port": str(spec(name).port),
    }.items()
}
NETWORK = {
    f"members-{row}-{key}": value
    for row, name in enumerate(("d1", "d2"))
    for key, value in {"interface": "eth1", "address": f"{spec(name).address}/24"}.items()
}
LEADER = {"leader": "d1", "returns": "back", "ranks-0-priority": "150", "ranks-1-priority": "100"}
EXTRAS = {"firewall": "y", "log_file": "y", "advert_int": "1"}
ANSWERS = [
    ("Which servers will share the address?", SERVERS),
    ("Where are they connected?", NETWORK),
    ("What is the floating address?", {"virtual_ipaddress": FLOATING}),
    ("Which group number (VRID)?", {"virtual_router_id": "101"}),
    ("Which server is preferred?", LEADER),
    ("Anything else?", EXTRAS),
]


REACHED: dict[str, tuple[str, Draft]] = {}
"""Heading of a page → where it is, and the draft whose answers lead up to it."""


def answer_all(person: Person, until: str = "Check your answers") -> None:
    """Have answered as the article does, up to the page with this heading. One test of a run goes the whole way there,
    the next ones continue its draft; each goes it where the servers answer other than usual."""
    drafts = context.of(person.client.application).drafts
    if until in REACHED and probe.ask is closed:
        at, draft = REACHED[until]
        drafts.save(draft, draft.version - 1)
        person.open(at)
        assert person.heading == until
        return
    walk(person, until)
    if probe.ask is closed:
        REACHED[until] = person.at, drafts.get(person.at.split("/")[2])


def walk(person: Person, until: str = "Check your answers") -> None:
    """Answer as the article does, up to the page with this heading."""
    person.send("/new")
    for heading, typed in ANSWERS:
        assert person.heading == heading
        if heading == until:
            return
        person.send(**typed)
    assert person.heading == "Check your answers"


def test_the_article_s_cluster(person: Person, tmp_path: Path) -> None:
    walk(person)
    text = person.page.text
    assert "Nothing has been changed on any server yet" in text
    assert "Clients reach 10.9.1.6. d1 is preferred. d2 is a backup, priority 100." in text
    assert person.open(person.at.replace("check", "save")).status_code == 200
    person.send(name="lab")
    assert person.heading == "Saved as inventories/lab.py"
    assert f"floatip deploy {tmp_path}/inventories/lab.py" in person.page.text
    saved, known = tmp_path / "inventories" / "lab.py", ROOT / "inventories" / "lab.py"
    (mine,), (theirs,) = inventory.read(saved), inventory.read(known)
    assert mine.cluster and theirs.cluster
    assert mine.cluster.instances == theirs.cluster.instances
    assert saved.read_text() == inventory.dumps(mine.cluster)


WRONG = [
    ("Which servers will share the address?", {**SERVERS, "servers-1-name": "@local"}, "servers-1-name"),
    ("Which servers will share the address?", {**SERVERS, "servers-1-name": "d1"}, "servers-1-name"),
    ("Which servers will share the address?", {**SERVERS, "servers-0-ssh_hostname": ""}, "servers-0-ssh_hostname"),
    ("Which servers will share the address?", {**SERVERS, "servers-1-ssh_port": "66000"}, "servers-1-ssh_port"),
    ("Which servers will share the address?", {**SERVERS, "servers-1-ssh_port": "\u0665"}, "servers-1-ssh_port"),
    ("Where are they connected?", {**NETWORK, "members-0-interface": "$(id)"}, "members-0-interface"),
    ("Where are they connected?", {**NETWORK, "members-1-address": "10.9.1.61"}, "members-1-address"),
    ("Where are they connected?", {**NETWORK, "members-1-address": "10.9.1.16/24"}, "members-1-address"),
    ("What is the floating address?", {"virtual_ipaddress": "10.9.1.16"}, "virtual_ipaddress"),
    ("What is the floating address?", {"virtual_ipaddress": "10.9.1.255"}, "virtual_ipaddress"),
    ("What is the floating address?", {"virtual_ipaddress": ""}, "virtual_ipaddress"),
    ("What is the floating address?", {"virtual_ipaddress": "10.9.1.6\n10.9.1.6"}, "virtual_ipaddress"),
    ("Which group number (VRID)?", {"virtual_router_id": "0"}, "virtual_router_id"),
    ("Which group number (VRID)?", {"virtual_router_id": "1_0"}, "virtual_router_id"),
    ("Which group number (VRID)?", {"virtual_router_id": ""}, "virtual_router_id"),
    ("Which server is preferred?", {**LEADER, "ranks-0-priority": "100"}, "ranks-1-priority"),
    ("Which server is preferred?", {**LEADER, "ranks-0-priority": "255"}, "ranks-0-priority"),
    ("Anything else?", {**EXTRAS, "advert_int": "never"}, "advert_int"),
]

OF_THE_INVENTORY = ("VI_1", "virtual_", "advert_int", "ssh_")
"""Words that nobody has read so far who answers questions in a browser."""


@pytest.mark.parametrize(("heading", "typed", "field"), WRONG)
def test_a_wrong_answer_is_told_at_its_field_and_kept(
    person: Person, heading: str, typed: dict[str, str], field: str
) -> None:
    answer_all(person, until=heading)
    answer = person.send(**typed)
    assert answer.status_code == 422
    assert person.heading == heading
    assert f"<title>Error: {heading.split('?')[0]}" in answer.text
    assert not [word for word in OF_THE_INVENTORY if word in person.summary[field]], person.summary
    assert f'id="{field}-remark"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    for value in typed.values():
        if value not in ("y", "d1", "back", "") and "\n" not in value:
            assert value.replace("'", "&#39;") in answer.text
    person.send(**dict(ANSWERS)[heading])
    assert person.heading != heading


def test_nothing_typed_at_all(person: Person) -> None:
    person.send("/new")
    person.send(**dict.fromkeys(SERVERS, ""))
    assert person.summary == {
        "servers-0-name": "The name of server 1 is empty.",
        "servers-0-ssh_hostname": "server 1: SSH address is empty.",
        "servers-1-name": "The name of server 2 is empty.",
        "servers-1-ssh_hostname": "server 2: SSH address is empty.",
    }


DOUBTFUL = [
    (
        "What is the floating address?",
        {"virtual_ipaddress": "10.9.2.6/24"},
        "virtual_ipaddress",
        "is outside 10.9.1.0/24",
    ),
    ("What is the floating address?", {"virtual_ipaddress": "10.9.2.6"}, "virtual_ipaddress", "is outside 10.9.1.0/24"),
    ("What is the floating address?", {"virtual_ipaddress": "10.9.1.6/8"}, "virtual_ipaddress", "is a wider subnet"),
    ("Anything else?", {**EXTRAS, "unicast": "y", "use_vmac": "y"}, "use_vmac", "which Debian 11 cannot do together"),
]


@pytest.mark.parametrize(("heading", "typed", "field", "doubt"), DOUBTFUL)
def test_a_doubtful_answer_wants_a_word_and_is_then_taken(
    person: Person, heading: str, typed: dict[str, str], field: str, doubt: str
) -> None:
    answer_all(person, until=heading)
    answer = person.send(**typed)
    assert answer.status_code == 422
    assert person.heading == heading
    assert doubt in person.summary[field]
    assert "Use it anyway" in answer.text
    assert person.send(**typed, anyway="something else").status_code == 422
    person.send(**typed, anyway=person.hidden("anyway"))
    assert person.heading != heading
    person.open(person.at.rpartition("/")[0] + "/check")
    assert doubt in person.page.text


def test_another_leader_changes_the_priorities(person: Person) -> None:
    answer_all(person, until="Which server is preferred?")
    person.send(**{**LEADER, "leader": "d2", "returns": "stay"})
    person.send(**EXTRAS)
    assert "d2 is preferred. d1 is a backup, priority 100." in person.page.text
    assert "nopreempt" in person.page.text


def test_a_third_server_is_a_button_away(person: Person) -> None:
    person.send("/new")
    person.send(**SERVERS, action="add")
    assert 'name="servers-2-name"' in person.page.text
    assert 'value="2261"' in person.page.text
    person.send(**SERVERS, **{"servers-2-name": "d3", "servers-2-ssh_hostname": "127.0.0.3"})
    assert 'name="members-2-interface"' in person.page.text


def test_a_change_from_the_check_comes_back_to_it(person: Person) -> None:
    answer_all(person)
    person.open(person.at.replace("check", "vrid?from=check"))
    person.send(virtual_router_id="7")
    assert person.heading == "Check your answers"
    assert "virtual_router_id" in person.page.text


def test_a_stale_save_shows_both_and_loses_nothing(person: Person) -> None:
    answer_all(person, until="Which group number (VRID)?")
    stale = person.hidden("version")
    person.send(virtual_router_id="7")
    person.open(person.at.replace("leader", "vrid"))
    answer = person.send(virtual_router_id="8", version=stale)
    assert answer.status_code == 409
    assert '<td data-label="yours">8</td><td data-label="stored">7 <strong>≠</strong></td>' in answer.text
    assert 'name="virtual_router_id" value="8"' in answer.text
    person.send(virtual_router_id="8")
    assert person.heading == "Which server is preferred?"


@pytest.mark.parametrize("language", ["en", "ru"])
def test_what_is_typed_into_a_deleted_draft_goes_into_it_once_it_is_back(person: Person, language: str) -> None:
    answer_all(person, until="Which group number (VRID)?")
    at, key = person.at, person.at.split("/")[2]
    page = person.page
    person.send(f"/delete/{key}")
    assert person.open(at).status_code == 410 and f'action="/restore/{key}"' in person.page.text
    person.page = page  # as it still stands in another tab
    gone = person.send(at, virtual_router_id="8")
    if language == "ru":
        gone = person.send(at, virtual_router_id="8", language="ru")
    assert gone.status_code == 410 and f'data-gone="{key}"' in gone.text and f'<html lang="{language}">' in gone.text
    assert (
        'name="virtual_router_id" value="8"' in gone.text and f'data-draft="{key}"' not in person.client.get("/").text
    )
    assert person.send(at, virtual_router_id="8", restore="yes").status_code == 200
    assert person.at.endswith("/leader")
    person.open(at)
    assert 'value="8"' in person.page.text
    assert person.open("/cluster/aaaaaaaaaaaa/vrid").status_code == 404


def test_drafts_outlive_the_wizard(person: Person, tmp_path: Path) -> None:
    answer_all(person, until="Which server is preferred?")
    (draft,) = (tmp_path / "state" / "drafts").iterdir()
    assert json.loads(draft.read_text())["data"]["vrrp_instances"]["VI_1"]["virtual_router_id"] == 101
    assert draft.stat().st_mode & 0o777 == 0o600
    assert "d1, d2" in person.open("/").text
    person.open(f"/delete/{draft.stem}")
    assert person.heading == "Delete the draft “New cluster”?"
    assert draft.exists()
    person.send()
    assert not draft.exists()
    assert person.open(f"/delete/{draft.stem}").status_code == 404


KEPT = {
    "key": "a1b2c3d4e5f6",
    "name": "old",
    "hosts": [["d1", {"ssh_hostname": "192.0.2.8"}], ["d2", {"ssh_hostname": "192.0.2.9"}]],
    "data": {},
}
STORED = [
    (KEPT, 200),
    ({**KEPT, "found": {"d1": {"error": "?"}}, "version": 3}, 200),
    ({**KEPT, "found": {"d1": None, "": 7}, "vanished_since": {"x": 1}}, 200),
    ({**KEPT, "hosts": {"d1": {}}}, 404),
    ({**KEPT, "hosts": [["d1"]]}, 404),
    ({**KEPT, "data": "x"}, 404),
    ([KEPT], 404),
    ({}, 404),
]


@pytest.mark.parametrize(("stored", "code"), STORED, ids=range(len(STORED)))
def test_a_draft_of_another_release(app: Flask, person: Person, stored: object, code: int) -> None:
    """What it lacks has its default, and what this one does not know is no reason to lose the rest."""
    directory = context.of(app).drafts.directory
    directory.mkdir(parents=True, exist_ok=True)
    (directory / f"{KEPT['key']}.json").write_text(json.dumps(stored))
    assert (">old</a>" in person.open("/").text) is (code == 200)
    for page in (
        "servers",
        "network",
        "adopt",
        "address",
        "vrid",
        "leader",
        "checks",
        "devices",
        "extras",
        "check",
        "save",
        "status",
    ):
        assert person.open(f"/cluster/{KEPT['key']}/{page}").status_code == code, page
    if code == 200:
        person.open(f"/cluster/{KEPT['key']}/servers")
        assert person.send(**SERVERS).status_code == 200
        assert "127.0.0.1" in person.open(f"/cluster/{KEPT['key']}/servers").text


def test_who_deletes_a_draft_is_told_what_stays(person: Person, tmp_path: Path) -> None:
    answer_all(person)
    (draft,) = (tmp_path / "state" / "drafts").iterdir()
    assert 'data-saved="no"' in person.open(f"/delete/{draft.stem}").text
    person.open(f"/cluster/{draft.stem}/save")
    person.send(name="web")
    assert 'data-saved="yes"' in person.open(f"/delete/{draft.stem}").text
    assert "The inventory inventories/web.py stays." in person.page.text
    person.send()
    assert not draft.exists()
    assert (tmp_path / "inventories" / "web.py").exists()


def test_the_practice_servers_make_a_cluster_of_another_name(
    person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what describes them is never overwritten: neither from there, nor by who edits it, nor under another name."""
    directory = tmp_path / "inventories"
    directory.mkdir()
    text = (ROOT / "inventories" / "lab.py").read_text()
    (directory / "lab.py").write_text(text)
    (directory / "link.py").symlink_to("lab.py")
    monkeypatch.setattr(practice, "LAB", directory / "lab.py")
    monkeypatch.setattr(practice, "_answers", lambda data: True)
    person.open("/")
    person.send("/practise")
    assert json.loads(next((tmp_path / "state" / "drafts").iterdir()).read_text())["name"] == "practice"
    person.open("/")
    person.send("/edit", name="lab")
    person.open(person.at.replace("check", "save"))
    assert 'name="name" value="practice"' in person.page.text
    for name in ("lab", "link"):
        for typed in ({}, {"replace": "yes"}):
            assert person.send(name=name, **typed).status_code == 422
            assert "stays unchanged" in person.summary["name"]
            assert (directory / "lab.py").read_text() == text
    person.send(name="practice")
    assert person.heading == "Saved as inventories/practice.py"


def test_an_inventory_is_edited_and_keeps_what_the_pages_do_not_ask(person: Person, tmp_path: Path) -> None:
    directory = tmp_path / "inventories"
    directory.mkdir()
    text = (
        (ROOT / "inventories" / "lab.py").read_text().replace('["10.9.1.6/24"]', '["10.9.1.6/24"], "preempt_delay": 7')
    )
    (directory / "web.py").write_text(text)
    person.open("/")
    person.send("/edit", name="web")
    assert person.heading == "Check your answers"
    person.open(person.at.replace("check", "vrid"))
    person.send(virtual_router_id="9")
    person.open(person.at.replace("leader", "save"))
    assert person.send(name="web").status_code == 409
    assert person.send(name="web", replace="yes").status_code == 200
    (read,) = inventory.read(directory / "web.py")
    assert read.cluster
    assert (read.cluster.instances[0].virtual_router_id, read.cluster.instances[0].preempt_delay) == (9, 7)
    assert dict(read.cluster.nodes[0].connection)["ssh_key"] == ".lab/id_ed25519"


def test_an_inventory_that_computes_is_shown_with_its_line(person: Person, tmp_path: Path) -> None:
    directory = tmp_path / "inventories"
    directory.mkdir()
    (directory / "odd.py").write_text("import os\n\nodd = ([], {})\n<script>\n")
    person.open("/")
    answer = person.send("/edit", name="odd")
    assert answer.status_code == 422
    assert "Line" in answer.text
    assert "&lt;script&gt;" in answer.text


def test_names_that_are_no_inventories_are_not_found(app: Flask, person: Person) -> None:
    for name in ("../x", "/etc/passwd", "lab\0", "x" * 300):
        assert person.send("/edit", name=name).status_code == 404
        person.open("/")
    assert person.open("/cluster/../../check").status_code == 404
    assert person.open("/cluster/aaaaaaaaaaaa/check").status_code == 404


def test_a_zip_to_take_along(person: Person, tmp_path: Path) -> None:
    answer_all(person)
    draft = person.at.rpartition("/")[0]
    early = person.client.get(f"{draft}/zip")  # it has no name yet
    assert "floatip-cluster/inventories/cluster.py" in zipfile.ZipFile(io.BytesIO(early.data)).namelist()
    person.open(f"{draft}/save")
    person.send(name="lab")
    first, second = person.client.get(f"{draft}/zip"), person.client.get(f"{draft}/zip")
    assert first.data == second.data
    with zipfile.ZipFile(io.BytesIO(first.data)) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert texts["floatip-lab/inventories/lab.py"] == (tmp_path / "inventories" / "lab.py").read_text()
    assert "floatip deploy inventories/lab.py" in texts["floatip-lab/README.txt"]
    for node, priority in (("d1", 150), ("d2", 100)):
        assert f"priority {priority}\n" in texts[f"floatip-lab/servers/{node}/etc/keepalived/keepalived.conf"]
    assert not [name for name in texts if ".." in name or name.startswith("/")]


def test_another_inventory_claims_the_same(person: Person, tmp_path: Path) -> None:
    directory = tmp_path / "inventories"
    directory.mkdir(exist_ok=True)
    for name in ("mine", "theirs"):
        (directory / f"{name}.py").write_text(samples.text())
    person.send("/edit", name="mine")
    assert "theirs.py has VRID 101 in this network, too." in person.page.text
    assert "10.9.1.6 is a floating address in theirs.py, too." in person.page.text
    assert "d2 is a server of theirs.py, too." in person.page.text
    (directory / "theirs.py").unlink()
    person.open(person.at)
    assert "theirs.py" not in person.page.text
