"""Taking over what servers run already, by pasting it where they cannot be looked at."""

from __future__ import annotations

from pathlib import Path

from floatip import inventory
from tests.unit.test_adopt import ARTICLE
from tests.web.conftest import Person
from tests.web.test_way import SERVERS


def test_pasted_files_become_the_answers(person: Person, tmp_path: Path) -> None:
    person.send("/new", goal="adopt")
    assert person.heading == "Which servers shall share the address?"
    person.send(**SERVERS)
    assert person.heading == "What do they run already?"
    draft = person.at.rpartition("/")[0]
    person.send(**{"file-0": ARTICLE, "file-1": ARTICLE.replace("priority 101", "priority 50") + "<script>\n"})
    assert person.heading == "Taken over"
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
