"""The wizard in Russian: nothing is left in English, and nothing in the catalogue is stale."""

from __future__ import annotations

import base64
import re
from html import unescape
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from flask import Flask

from floatip.deploy.transaction.transaction import NO_ANSWER, refused
from floatip.language import __main__ as catalogues
from floatip.model.messages import say
from floatip.model.problems import Level
from floatip.runs.events import Event, Failed, Failure, Remark, Restored, WentOn
from lab.names import spec
from tests.web.conftest import Person
from tests.web.ran import INSTALL, KEY, ran
from tests.web.test_typed import looked
from tests.web.test_way import ANSWERS, EXTRAS, SERVERS
from wizard import context
from wizard.hosts import discovery

FILES = list(catalogues.files())
PLACEHOLDERS = re.compile(r"\{\w+(?:![rsa])?\}|%\(\w+\)s")
UNTRANSLATED = {"{number_type}"}
"""What click fills in in English, whatever the language: a translation does without it."""
NAMES = {
    *("floatip", "keepalived", "pyinfra", "Debian", "nftables", "iptables", "firewalld", "ufw", "html"),
    *("VRRP", "VRID", "VIP", "MAC", "ARP", "SSH", "FIFO", "ASCII", "MASTER", "BACKUP", "sudo", "root"),
    *("unicast", "multicast", "peer", "preferred_lft", "noprefixroute"),
    *("priority", "interface", "address", "virtual_router_id", "advert_int", "ssh_port", "ssh_hostname", "use_vmac"),
    *("nginx", "HAProxy", "FAULT", "TLS", "www", "data"),  # www-data
    *("virtual_ipaddress", "Ctrl", "zip", "lab", "NAME", "systemd", "nft", "inet"),
    *("vip", "global", "site", "link", "host", "nowhere"),  # a label, and the scopes of addresses
    *("dev", "via", "from", "table", "routers", "load", "weight"),  # examples of routes, rules, groups, tracked files
    *("vrrp_instance", "global_defs", "virtual_server"),
}


@pytest.mark.parametrize("domain, file", FILES, ids=str)
def test_everything_that_can_be_said_is_translated(domain: str, file: Path) -> None:
    catalog, said = catalogues.translated(file), catalogues.DOMAINS[domain]()
    assert _ids(catalog) == _ids(said), "make messages"
    assert not catalog.obsolete
    assert catalogues.untranslated(catalog) == []
    for message in catalog:
        assert not message.id or not message.fuzzy, message.id
        for form in catalogues.forms(message.string or ""):
            known = {*PLACEHOLDERS.findall(" ".join(catalogues.forms(message.id)))} - UNTRANSLATED
            used = {*PLACEHOLDERS.findall(form)}
            assert used <= known if isinstance(message.id, tuple) else used == known, message.id
    assert file.with_suffix(".mo").read_bytes() == catalogues.compiled(catalog), "make messages"


def _ids(catalog: Catalog) -> set[object]:
    return {message.id for message in catalog if message.id}


def english(html: str) -> set[str]:
    """The words of a page that somebody who reads no English would stumble over."""
    body = re.sub(
        r"<(code|pre|svg|script|style|option)\b.*?</\1>|<(\w+)[^>]+\blang=\"en\".*?</\2>", " ", html, flags=re.S
    )
    body = re.sub(r"\([^()]*(?:\([^()]*\)[^()]*)*\)", " ", body)  # what ssh said, word for word
    texts = (
        " ".join(re.findall(r"(?:aria-label|title)=\"([^\"]*)\"", body)) + " " + unescape(re.sub(r"<[^>]*>", " ", body))
    )
    words = set(
        re.findall(r"[A-Za-z]\w{2,}", re.sub(r"[\w./-]*/[\w./-]*|[\w-]+\.\w+|“[^”]*”|«[^»]*»|'[^']*'", " ", texts))
    )
    return {word for word in words if word not in NAMES and not re.fullmatch(r"[A-Z]+_\d|\w*\d", word)}


@pytest.fixture
def reader(person: Person) -> Person:
    """Somebody whose browser prefers Russian."""
    person.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "ru"
    person.open("/")
    return person


def test_the_whole_way(reader: Person) -> None:
    assert reader.heading == "Адрес, который остаётся, когда сервер отказывает"
    seen = {reader.at: english(reader.page.text)}
    reader.send("/new")
    for _, typed in ANSWERS:
        seen[reader.at] = english(reader.page.text)
        reader.send(**typed)
    assert reader.heading == "Проверьте ответы"
    assert "d2 возвращается" not in reader.page.text
    assert "Адрес берёт d2" in reader.page.text
    assert "клиенты ждут не дольше 3,9\N{NO-BREAK SPACE}с" in reader.page.text and "3.9" not in reader.page.text
    seen[reader.at] = english(reader.page.text)
    reader.open(reader.at.replace("check", "save"))
    seen[reader.at] = english(reader.page.text)
    reader.send(name="lab")
    seen[reader.at] = english(reader.page.text)
    for page in ("status", "adopt"):
        reader.open(reader.at.replace(reader.at.split("/")[-1], page))
        seen[reader.at] = english(reader.page.text)
    assert {page: words for page, words in seen.items() if words} == {}


WRONG = {
    0: {"servers-0-name": "@local", "servers-1-ssh_hostname": "-x", "servers-1-ssh_port": "99999"},
    1: {"members-0-interface": "eth1:0", "members-0-address": "10.9.1.0/24", "members-1-address": "10.9.2.61/24"},
    2: {"virtual_ipaddress": "10.9.1.300"},
    3: {"virtual_router_id": "0"},
    4: {"ranks-0-priority": "255", "ranks-1-priority": "x"},
    5: {"advert_int": "0.001"},
}


@pytest.mark.parametrize("number", WRONG)
def test_what_is_wrong_is_said_in_russian(reader: Person, number: int) -> None:
    reader.send("/new")
    for _, typed in ANSWERS[:number]:
        reader.send(**typed)
    reader.send(**{**ANSWERS[number][1], **WRONG[number]})
    assert reader.page.status_code == 422
    assert english(reader.page.text) == set()


@pytest.mark.parametrize("path", ["/cluster/aaaaaaaaaaaa/check", "/nowhere"])
def test_what_is_not_there(reader: Person, path: str) -> None:
    assert reader.open(path).status_code == 404
    assert (reader.heading, english(reader.page.text)) == ("Здесь ничего нет", set())


def test_a_form_without_its_fields(reader: Person) -> None:
    reader.send("/new")
    reader.send(version="x")
    assert (reader.page.status_code, english(reader.page.text)) == (400, set())


def test_a_draft_without_answers(reader: Person) -> None:
    reader.send("/new")
    servers = reader.at
    assert servers in reader.open("/").text
    reader.open(servers.replace("servers", "check"))
    assert "Плавающий адрес ещё не указан." in reader.page.text
    assert english(reader.page.text) == set()


SAID = "exit code 1: Unknown keyword"
FAILED: list[Event] = [
    Failed(Failure.REFUSED_BY_DAEMON, refused("d1", SAID), "d1", SAID),
    Failed(Failure.STEP, say("A step failed on {node}: “{said}”", node="d1", said=SAID), "d1", SAID),
    Restored("d1", False, NO_ANSWER.stderr),
    Restored("d2", False, say("it has another configuration")),
    WentOn("d2", False, SAID),
    Remark("d1", "firewall", Level.WARNING, say("nftables: remove {path}", path="/etc/x")),
]


def test_a_run_that_failed(app: Flask, reader: Person) -> None:
    """What it said itself may have been filled in by a server: that is quoted."""
    ran(context.of(app).runs, *INSTALL, *FAILED, code="1")
    text = unescape(reader.open(f"/run/{KEY}").text)
    assert english(text) == set()
    assert "d1: прежнюю конфигурацию вернуть не удалось: «он не отвечает»" in text
    assert f"keepalived на d1 отвергает конфигурацию: «{SAID}»" in text


CHAIN = """{"nftables": [{"chain": {"family": "inet", "table": "t", "name": "c", "type": "filter", "hook": "input",
"prio": 0, "policy": "drop"}}]}"""
FIREWALLS = [
    ["fw.begin=1", "fw.end=1", "fw.nft=" + base64.b64encode(CHAIN.encode()).decode()],
    ["fw.begin=1", "fw.odd line"],
    ["fw.begin=1"],
    ["fw.begin=1", "fw.end=1", "fw.nft=eA=="],
]


@pytest.mark.parametrize("lines", FIREWALLS, ids=["drops", "unknown", "unfinished", "nonsense"])
def test_what_a_firewall_needs(app: Flask, reader: Person, lines: list[str]) -> None:
    drafts = context.of(app).drafts
    reader.send("/new")
    for _, typed in ANSWERS:
        reader.send(**typed)
    (draft,) = drafts.all()
    answers = {name: {"lines": [*looked(f"{spec(name).address}/24"), *lines], "at": 0} for name in ("d1", "d2")}
    draft.found = {**answers, "": discovery.connections(draft)}
    drafts.save(draft, draft.version)
    text = unescape(reader.open(reader.at).text)
    assert english(text) == set()
    shown = "nftables: пропускать VRRP (протокол 112) от 10.9.1.61 в inet t c" in text
    assert shown if lines is FIREWALLS[0] else "файрвола" in text or "правил, который выводит nft" in text


def test_a_cluster_without_a_name(reader: Person) -> None:
    """What is filled into a sentence of a page is told in its language, too."""
    reader.send("/new")
    at = reader.at
    for page in (at.replace("servers", "status"), at.replace("cluster", "delete").replace("/servers", "")):
        assert "Новый кластер" in reader.open(page).text
        assert english(reader.page.text) == set()


def test_what_is_mended_from_the_check_page_is_said_too(reader: Person) -> None:
    reader.send("/new")
    for _, typed in ANSWERS[:-1]:
        reader.send(**typed)
    reader.send(**{**EXTRAS, "unicast": "y", "use_vmac": "y"})
    assert "вместе Debian 11 так не может" in reader.page.text
    reader.open(reader.at.replace("check", "servers"))
    reader.send(**{**SERVERS, "servers-1-name": "d1"})
    assert english(reader.page.text) == set()
