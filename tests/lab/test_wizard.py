"""The wizard on real hosts: it finds what they are like, and writes what a terminal deploys (lab.py, to the byte)."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from flask import Flask

from floatip.change.plan.model import NOTICE, Kind
from lab import wait_until
from lab.host import Host
from lab.layers import State
from lab.place import Place
from tests.lab.changes import INVENTORY
from tests.web import pages
from tests.web.conftest import Person
from wizard import context, create_app
from wizard.hosts import background


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page is asked for once, and the servers are waited for."""
    monkeypatch.setattr(background, "SOON", 60.0)


def test_from_two_hosts_of_the_lab_to_an_inventory(lab: Place, tmp_path: Path) -> None:
    """Hosts: bare, and left as they were found."""
    person = somebody(create_app(tmp_path / "state", tmp_path / "inventories"))
    person.send("/practise")
    assert slug(person) == "servers"
    person.send(**shown(person))
    assert slug(person) == "network"
    assert states(person) == {"d1": "looked-at", "d2": "looked-at"}
    assert 'value="eth0 192.0.2.16/24"' in person.page.text
    person.send(**shown(person))  # the right one is chosen
    person.send(virtual_ipaddress="10.9.1.6")
    for question in ("vrid", "leader", "extras"):
        assert slug(person) == question
        person.send(**shown(person))
    assert slug(person) == "check"
    assert NOTICE[Kind.START] in unescape(person.page.text)
    person.open(person.at.replace("check", "save"))
    person.send(name="lab")
    saved = tmp_path / "inventories" / "lab.py"
    assert saved.read_bytes() == INVENTORY.read_bytes()


@pytest.mark.hosts(State.DEPLOYED)
def test_a_cluster_that_runs_is_edited(lab: Place, tmp_path: Path) -> None:
    (tmp_path / "inventories").mkdir()
    (tmp_path / "inventories" / "lab.py").write_text(INVENTORY.read_text())
    person = somebody(create_app(tmp_path / "state", tmp_path / "inventories"))
    person.open("/")
    person.send("/edit", name="lab")
    draft = person.at.rpartition("/")[0]
    person.open(f"{draft}/network")
    assert states(person) == {"d1": "looked-at", "d2": "looked-at"}
    person.open(f"{draft}/vrid?from=check")
    person.send(virtual_router_id="102")
    assert NOTICE[Kind.IDENTITY] in unescape(person.page.text)
    assert "+    virtual_router_id 102" in pages.lines(person.page.text, "added")


def test_a_key_that_nobody_knows_is_compared_first(lab: Place, tmp_path: Path) -> None:
    """Hosts: any, and left as they were found."""
    known = tmp_path / "ssh" / "known_hosts"
    hosts = [[host.name, {**host.spec.connection, "ssh_known_hosts_file": str(known)}] for host in lab.servers]
    app = create_app(tmp_path / "state", tmp_path / "inventories")
    draft = context.of(app).drafts.new(name="lab", hosts=hosts)
    person = somebody(app)
    person.open(f"/cluster/{draft.key}/servers")
    person.send(**shown(person))
    assert slug(person) == "keys"
    true = [fingerprint(host) for host in lab.servers]
    assert re.findall(r"<code>(SHA256:[^<]+)</code>", person.page.text) == true
    assert not known.exists()

    refused = person.send(fingerprint=true[0])
    assert refused.status_code == 422
    assert person.summary.keys() == {"key-d2"}
    assert known.read_text().startswith("[127.0.0.1]:2216 ssh-ed25519 ")
    assert re.findall(r"<code>(SHA256:[^<]+)</code>", person.page.text) == true[1:]
    person.send(fingerprint=true[1])
    assert slug(person) == "network"
    assert states(person) == {"d1": "looked-at", "d2": "looked-at"}
    assert known.stat().st_mode & 0o777 == 0o600

    first, second = (line.rsplit(" ", 1) for line in known.read_text().splitlines())
    known.write_text(f"{first[0]} {second[1]}\n{second[0]} {second[1]}\n")
    person.send(action="look")
    assert states(person) == {"d1": "failed", "d2": "looked-at"}
    assert "ssh-keygen" in person.page.text  # which forgets the old key


def test_a_deploy_that_fails_says_why(lab: Place, tmp_path: Path) -> None:
    """Hosts: bare, and left as they were found."""
    (tmp_path / "inventories").mkdir()
    (tmp_path / "inventories" / "lab.py").write_text(INVENTORY.read_text().replace("eth1", "eht1"))
    person = somebody(create_app(tmp_path / "state", tmp_path / "inventories"))
    person.send("/run/", name="lab")
    watched = person.at
    going = 'data-state="going"'
    wait_until("it has ended", lambda: going not in person.open(watched).text, timeout=120, every=0.5)
    assert 'data-state="failed"' in person.page.text
    assert re.search(r"d1 has no interface 'eht1'.*'eth1'", unescape(person.page.text))
    assert lab.holders("10.9.1.6") == []


def slug(person: Person) -> str:
    """The name of the page in its address."""
    return person.at.partition("?")[0].rpartition("/")[2]


def states(person: Person) -> dict[str, str]:
    """Server → how the page about the network knows it."""
    return dict(re.findall(r'<fieldset data-server="([^"]+)" data-state="([^"]+)"', person.page.text))


def fingerprint(host: Host) -> str:
    """As the server itself says."""
    return host.run("ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub").stdout.split()[1]


def somebody(app: Flask) -> Person:
    """A person who has opened the start link."""
    client = app.test_client()
    client.get(f"/start/{context.of(app).start_link.token}")
    return Person(client)


def shown(person: Person) -> dict[str, str]:
    """What the form of the page would send as it stands."""
    text = person.page.text
    fields = {}
    for tag in re.findall(r"<input [^>]+>", text):
        named = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if named.get("type") in ("checkbox", "radio") and " checked" not in tag:
            continue
        fields[named.get("name", "")] = named.get("value", "")
    for name, options in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', text, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', options) or re.search(r'value="([^"]*)"', options)
        fields[name] = chosen[1] if chosen else ""
    return {name: value for name, value in fields.items() if name not in ("", "csrf_token", "version")}
