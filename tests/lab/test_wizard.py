"""The wizard on real hosts: it finds what they are like, and what it writes is what a terminal deploys."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from flask import Flask

from lab import wait_until
from lab.host import Host
from lab.place import Place
from tests.lab.changes import INVENTORY, settled
from tests.lab.conftest import Runs
from tests.web.conftest import Person
from wizard import create_app


def test_from_two_hosts_of_the_lab_to_an_inventory_that_deploys(lab: Place, deploy: Runs, tmp_path: Path) -> None:
    person = somebody(create_app(tmp_path / "state", tmp_path / "inventories"))
    person.send("/practise")
    assert person.heading == "Which servers shall share the address?"
    person.send(**shown(person))
    assert person.heading == "Where are they connected?"
    assert "Debian 12, root" in person.page.text
    assert "eth0 - 192.0.2.16/24, up" in person.page.text
    person.send(**shown(person))  # the right one is chosen
    person.send(virtual_ipaddress="10.9.1.6")
    for heading in ("Which group number (VRID)?", "Who leads?", "Anything else?"):
        assert person.heading == heading
        person.send(**shown(person))
    assert person.heading == "Check your answers"
    assert "keepalived is started where it does not run yet" in person.page.text
    person.open(person.at.replace("check", "save"))
    person.send(name="lab")
    saved = tmp_path / "inventories" / "lab.py"
    assert saved.read_bytes() == INVENTORY.read_bytes()

    deploy(saved)
    settled(lab)
    assert "Nothing will be changed" in deploy(INVENTORY).stderr
    for server, verdict, sentence in (
        (None, "good", "d1 holds 10.9.1.6."),
        (lab.host("d1"), "good", "d2 holds 10.9.1.6, though d1 is preferred."),
    ):
        if server:
            server.run("systemctl stop keepalived")
            settled(lab, "d2")
        wait_until("the page shows it", lambda v=(verdict, sentence): status(person) == [v], timeout=5)  # type: ignore[misc]
    assert "keepalived does not run" in person.page.text
    lab.host("d1").run("systemctl start keepalived")
    settled(lab)
    with lab.partition():
        wait_until("both have the address", lambda: lab.holders("10.9.1.6") == ["d1", "d2"])
        wait_until("the page shows it", lambda: status(person)[0][0] == "bad", timeout=5)
        ((_, sentence),) = status(person)
        assert sentence.startswith("d1 and d2 hold 10.9.1.6 at the same time. They do not hear each other")
    settled(lab)

    person.open("/")
    person.send("/edit", name="lab")
    draft = person.at.rpartition("/")[0]
    person.open(f"{draft}/network")
    assert "has a keepalived.conf" in person.page.text
    person.open(f"{draft}/vrid?from=check")
    person.send(virtual_router_id="102")
    assert "change their VRRP identity" in person.page.text
    assert '<span class="added">+    virtual_router_id 102</span>' in person.page.text


def test_a_server_that_is_off_does_not_hide_the_other(lab: Place, tmp_path: Path) -> None:
    lab.host("d2").power_off()
    person = somebody(create_app(tmp_path / "state", tmp_path / "inventories"))
    person.send("/practise")
    person.send(**shown(person))
    assert person.heading == "Where are they connected?"
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", person.page.text))
    assert text.count("It could not be looked at. Nothing answers there. Is it on, and is this its SSH port?") == 1
    assert text.count("Debian 12, root") == 1


def test_a_key_that_nobody_knows_is_compared_first(lab: Place, tmp_path: Path) -> None:
    known = tmp_path / "ssh" / "known_hosts"
    hosts = [[host.name, {**host.spec.connection, "ssh_known_hosts_file": str(known)}] for host in lab.servers]
    app = create_app(tmp_path / "state", tmp_path / "inventories")
    draft = app.extensions["drafts"].new(name="lab", hosts=hosts)
    person = somebody(app)
    person.open(f"/cluster/{draft.key}/servers")
    person.send(**shown(person))
    assert person.heading == "Are these your servers?"
    true = [fingerprint(host) for host in lab.servers]
    assert re.findall(r"<code>(SHA256:[^<]+)</code>", person.page.text) == true
    assert not known.exists()

    refused = person.send(fingerprint=true[0])
    assert refused.status_code == 422
    assert person.summary == {"d2": "The key of d2 is not confirmed."}
    assert known.read_text().startswith("[127.0.0.1]:2216 ssh-ed25519 ")
    assert re.findall(r"<code>(SHA256:[^<]+)</code>", person.page.text) == true[1:]
    person.send(fingerprint=true[1])
    assert person.heading == "Where are they connected?"
    assert person.page.text.count("Debian 12, root") == 2
    assert known.stat().st_mode & 0o777 == 0o600

    first, second = (line.rsplit(" ", 1) for line in known.read_text().splitlines())
    known.write_text(f"{first[0]} {second[1]}\n{second[0]} {second[1]}\n")
    person.send(action="look")
    assert person.page.text.count("Its host key is another than it was.") == 1
    assert person.page.text.count("Debian 12, root") == 1


def test_a_deploy_goes_on_without_the_wizard_and_a_new_one_shows_it(lab: Place, tmp_path: Path) -> None:
    (tmp_path / "inventories").mkdir()
    (tmp_path / "inventories" / "lab.py").write_text(INVENTORY.read_text())
    first = somebody(create_app(tmp_path / "state", tmp_path / "inventories"))
    first.send("/run/", name="lab")
    assert first.heading == "Deploying lab.py"
    watched = first.at
    first.open("/")
    first.send("/run/", name="lab")
    assert first.at == watched  # one at a time: this one is joined

    second = somebody(create_app(tmp_path / "state", tmp_path / "inventories"))
    assert "… under way" in second.page.text
    wait_until("it has ended", lambda: second.open(watched).text.count("<progress") == 0, timeout=60)
    assert second.heading == "Deployed lab.py"
    assert "Exactly one server holds each address" in second.page.text
    row = re.search(r"<th scope=.row.>Install packages</th>(.*?)</tr>", second.page.text, re.DOTALL)
    assert row
    assert row[1].count("● done") == 2
    settled(lab)


def test_a_deploy_that_fails_says_why(lab: Place, tmp_path: Path) -> None:
    (tmp_path / "inventories").mkdir()
    (tmp_path / "inventories" / "lab.py").write_text(INVENTORY.read_text().replace("eth1", "eht1"))
    person = somebody(create_app(tmp_path / "state", tmp_path / "inventories"))
    person.send("/run/", name="lab")
    watched = person.at
    wait_until("it has ended", lambda: person.open(watched).text.count("<progress") == 0, timeout=60)
    assert person.heading == "The deploy of lab.py failed"
    text = unescape(person.page.text)
    assert "d1 has no interface 'eht1'. Did you mean 'eth1'?" in re.sub(r"\s+", " ", text)
    assert lab.holders("10.9.1.6") == []


def status(person: Person) -> list[tuple[str, str]]:
    """Verdict and sentence of each address on the status page of the newest draft."""
    key = re.findall(r"/cluster/([a-z0-9]{12})/status", person.open("/").text)[0]
    text = unescape(person.open(f"/cluster/{key}/status").text)
    return re.findall(r'<section class="status (\w+)".*?<p>([^<]*)</p>', text, re.DOTALL)


def fingerprint(host: Host) -> str:
    """As the server itself says."""
    return host.run("ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub").stdout.split()[1]


def somebody(app: Flask) -> Person:
    """A person who has opened the start link."""
    client = app.test_client()
    client.get(f"/start/{app.extensions['start_link'].token}")
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
