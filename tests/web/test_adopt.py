"""Taking over what servers run already, by pasting it where they cannot be looked at."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from flask import Flask

from floatip.hosts import includes
from floatip.keepalived.conf import Included
from floatip.model import inventory
from tests.unit.test_adopt import ARTICLE, ODD
from tests.web.conftest import Person
from tests.web.hostile import Person as Hostile
from tests.web.test_services import said
from tests.web.test_way import SERVERS
from wizard.hosts import discovery
from wizard.views import adopt


def test_pasted_files_become_the_answers(person: Person, tmp_path: Path) -> None:
    person.send("/new", goal="adopt")
    assert person.heading == "Which servers will share the address?"
    person.send(**SERVERS)
    assert person.heading == "Import the keepalived setup"
    draft = person.at.rpartition("/")[0]
    person.send(**{"file-0": ARTICLE, "file-1": ARTICLE.replace("priority 101", "priority 50") + "<script>\n"})
    assert person.heading == "What the files do not say"
    assert 'value="10.9.1.7/24"' in person.page.text  # nobody looked at the servers
    person.send(**{"answer-address d1": "10.9.1.16/24", "answer-address d2": "10.9.1.61/24"})
    assert person.heading == "Imported"
    assert "<code>authentication {…}</code>" in person.page.text
    assert "&lt;script&gt;" in person.page.text
    person.open(f"{draft}/check")
    assert person.heading == "Check your answers"
    person.open(f"{draft}/save")
    person.send(name="taken")
    (read,) = inventory.read(tmp_path / "inventories" / "taken.py")
    assert read.cluster
    assert [member.priority for member in read.cluster.instances[0].members] == [101, 50]
    assert [str(member.address) for member in read.cluster.instances[0].members] == ["10.9.1.16/24", "10.9.1.61/24"]
    for file in (tmp_path / "inventories" / "taken.py", *(tmp_path / "state" / "drafts").iterdir()):
        assert "canary" not in file.read_text()


def test_the_questions_outlive_every_button(person: Person) -> None:
    person.send("/new", goal="adopt")
    person.send(**SERVERS)
    person.send(**{"file-0": ARTICLE, "file-1": ARTICLE})
    page, typed = person.at, {"answer-address d1": "10.9.1.99/24", "answer-leader VI_1": "d2"}
    assert page.endswith("/adopt/questions")
    for button in ({"language": "ru"}, {"language": "en"}, {"action": "back"}):
        person.send(page, **typed, **button)
        person.open(page)
        assert 'value="10.9.1.99/24"' in person.page.text
    person.send(**typed)
    assert person.heading == "Imported"


def imported(person: Person) -> None:
    """Take the obvious answers, if anything was asked."""
    for _ in range(9):
        if person.heading == "Imported":
            return
        assert person.heading == "What the files do not say"
        person.send()
    raise AssertionError("there is always another question")


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_no_file_is_too_odd_for_the_pages(person: Person, text: str) -> None:
    person.send("/new", goal="adopt")
    person.send(**SERVERS)
    draft = person.at.rpartition("/")[0]
    person.send(**{"file-0": text, "file-1": text})
    imported(person)
    for page in ("check", "network?from=check", "address?from=check", "vrid?from=check", "leader?from=check", "extras"):
        person.open(f"{draft}/{page}")
        assert person.page.status_code == 200


def test_what_means_something_else_stands_first(person: Person) -> None:
    person.send("/new", goal="adopt")
    person.send(**SERVERS)
    text = ARTICLE + 'vrrp_script chk {\n script "killall -0 x"\n user root\n}\n'
    text = text.replace("advert_int 1", "track_script { chk }")
    person.send(**{"file-0": text, "file-1": text})
    imported(person)
    titles = re.findall(r"<h2>(.*?)</h2>", person.page.text)
    assert titles == ["Means something else from now on", "Left out"]
    assert person.page.text.count('data-code="check"') == 1


def test_raw_lines_can_be_edited(person: Person, tmp_path: Path) -> None:
    """Each where it stands: in the instance, in global_defs, at the end of the file."""
    person.send("/new", goal="adopt")
    person.send(**SERVERS)
    text = "global_defs {\n vrrp_rx_bufs_multiples 3\n}\n" + ARTICLE.replace("advert_int 1", "notify /usr/bin/é nobody")
    text = text.replace("10.9.1.6", "10.9.1.6/24") + "virtual_server 10.9.1.6 80 {\n lb_algo rr # é\n}\n"
    person.send(**{"file-0": text, "file-1": text.replace("101", "100")})
    draft = person.at.partition("/adopt")[0]
    imported(person)
    person.open(f"{draft}/extras?from=check")
    shown = dict(re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>\s*(.*?)</textarea>', person.page.text, re.DOTALL))
    assert shown["extra_lines"].strip() == "notify /usr/bin/é nobody"
    assert shown["global_lines"].strip() == "vrrp_rx_bufs_multiples 3"
    assert shown["last_lines"].splitlines() == ["virtual_server 10.9.1.6 80 {", "lb_algo rr  # é", "}"]
    typed = {"speed": "1", "firewall": "y", "log_file": "y", "extra_lines": "# eins\r\n# zwei\r\n", "global_lines": ""}
    person.send(**typed, last_lines="}")
    assert person.page.status_code == 422 and "close" in person.page.text
    person.send(**typed, last_lines="")
    person.open(f"{draft}/save")
    person.send(name="taken")
    (read,) = inventory.read(tmp_path / "inventories" / "taken.py")
    assert read.cluster is not None
    assert read.cluster.instances[0].extra_lines == ("# eins", "# zwei")
    assert (read.cluster.global_lines, read.cluster.extra_lines) == ((), ())


def test_what_a_server_includes_is_imported_and_no_password_kept(app: Flask, tmp_path: Path) -> None:
    """The password is a definition of one file, and named in the other."""
    conf, web = "$PW=canary\n@d2 $RANK=50\n@^d2 $RANK=101\ninclude web.conf\n", ARTICLE.replace("s3cr3t!canary", "$PW")
    conf_line = f"file=conf 640:root:root {base64.b64encode(conf.encode()).decode()}"
    web = web.replace("101\n    adv", "$RANK\n    adv").replace("10.9.1.6", "10.9.1.8")
    file = Included("/etc/keepalived", "web.conf", "/etc/keepalived/web.conf", web)
    lines = [f"included={includes.written(file)}", conf_line]
    looks = {name: said(last, f"host={name}", *lines) for name, last in (("d1", 16), ("d2", 61))}
    holds = '},{"local":"10.9.1.8","prefixlen":24}]}]'
    looks["d1"]["lines"] = [line.replace("}]}]", holds) for line in looks["d1"]["lines"]]
    answers = {name: discovery._without_passwords(look) for name, look in looks.items()}
    person = Hostile(app, tmp_path)
    draft = person.draft(**answers)
    assert [state.source.included[0].path for state in discovery.states(draft).values()] == [file.path] * 2
    assert not [state for state in discovery.states(draft).values() if "canary" in state.source.text]
    page = person.client.get(f"/cluster/{draft.key}/adopt").text
    assert "include web.conf" in page and "canary" not in page
    assert {place.value for places in discovery.places(draft).values() for place in places} == {
        "eth1 10.9.1.16/24",
        "eth1 10.9.1.61/24",
    }, "the address of the included file floats"
    with app.test_request_context():
        found = adopt._adopted(draft)
    assert {name: vrrp["VI_1"]["priority"] for name, vrrp in found.vrrp.items()} == {"d1": 101, "d2": 50}
    assert ("web.conf", "authentication {…}") in {(finding.file, finding.text) for finding in found.findings}
    assert "canary" not in repr(found)
