"""Taking over what servers run already, by pasting it where they cannot be looked at."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from floatip.model import inventory
from tests.unit.test_adopt import ARTICLE, ODD
from tests.web.conftest import Person
from tests.web.test_way import SERVERS


def test_pasted_files_become_the_answers(person: Person, tmp_path: Path) -> None:
    person.send("/new", goal="adopt")
    assert person.heading == "Which servers will share the address?"
    person.send(**SERVERS)
    assert person.heading == "Import the keepalived setup"
    draft = person.at.rpartition("/")[0]
    person.send(**{"file-0": ARTICLE, "file-1": ARTICLE.replace("priority 101", "priority 50") + "<script>\n"})
    assert person.heading == "Imported"
    text = person.page.text
    assert "<code>auth_pass …</code>" in text
    assert "&lt;script&gt;" in text
    person.open(f"{draft}/check")
    assert "d1: Its own address is empty." in person.page.text
    person.open(f"{draft}/network?from=check")
    assert person.heading == "Where are they connected?"
    person.send(**{f"members-{row}-address": f"10.9.1.{last}/24" for row, last in enumerate((16, 61))} | ETH1)
    person.open(f"{draft}/address?from=check")
    person.send(virtual_ipaddress="10.9.1.6")
    assert person.heading == "Check your answers"
    person.open(f"{draft}/save")
    person.send(name="taken")
    (read,) = inventory.read(tmp_path / "inventories" / "taken.py")
    assert read.cluster
    assert [member.priority for member in read.cluster.instances[0].members] == [101, 50]
    for file in (tmp_path / "inventories" / "taken.py", *(tmp_path / "state" / "drafts").iterdir()):
        assert "canary" not in file.read_text()


ETH1 = {f"members-{row}-interface": "eth1" for row in (0, 1)}


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_no_file_is_too_odd_for_the_pages(person: Person, text: str) -> None:
    person.send("/new", goal="adopt")
    person.send(**SERVERS)
    draft = person.at.rpartition("/")[0]
    person.send(**{"file-0": text, "file-1": text})
    assert person.heading == "Imported"
    for page in ("check", "network?from=check", "address?from=check", "vrid?from=check", "leader?from=check", "extras"):
        person.open(f"{draft}/{page}")
        assert person.page.status_code == 200


def test_what_means_something_else_stands_first(person: Person) -> None:
    person.send("/new", goal="adopt")
    person.send(**SERVERS)
    text = ARTICLE + 'vrrp_script chk {\n script "/usr/bin/x"\n user root\n}\n'
    person.send(**{"file-0": text, "file-1": text})
    titles = re.findall(r"<h2>(.*?)</h2>", person.page.text)
    assert titles == ["Means something else from now on", "Left out"]
    assert person.page.text.count('data-code="user"') == 2
