"""A script beside the inventory, as the wizard asks for it, shows it, and packs it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from tests.web.conftest import Person
from tests.web.test_way import EXTRAS, answer_all

SCRIPT = "#!/bin/sh\nexit 0\n"


def put_beside(person: Person, tmp_path: Path, name: str) -> str:
    """The check page misses the script, until it is there; where that page is."""
    assert f"The file {name} beside the inventory cannot be read" in person.page.text
    (tmp_path / "inventories").mkdir(exist_ok=True)
    (tmp_path / "inventories" / name).write_text(SCRIPT)
    person.open(person.at)
    assert "cannot be read" not in person.page.text
    assert f"/etc/keepalived/floatip-scripts/{name}." in person.page.text
    return person.at


def test_a_check_beside_the_inventory(person: Person, tmp_path: Path) -> None:
    answer_all(person, until="Anything else?")
    person.open(person.at.replace("extras", "checks"))
    person.send(
        **{"scripts-0-was": "", "scripts-0-name": "fit", "scripts-0-kind": "command", "scripts-0-target": "fit.sh now"}
    )
    person.open(person.at.rpartition("/")[0] + "/extras")
    person.send(**EXTRAS)
    check = put_beside(person, tmp_path, "fit.sh")
    person.open(check.replace("check", "checks") + "?from=check")
    assert 'value="fit.sh now"' in person.page.text
    person.open(check.replace("check", "save"))
    person.send(name="web")
    assert "fit.sh now" in (tmp_path / "inventories" / "web.py").read_text()


def test_a_script_beside_the_inventory(person: Person, tmp_path: Path) -> None:
    answer_all(person, until="Anything else?")
    person.send(**EXTRAS, notify_master='"up.sh now" www-data')
    check = put_beside(person, tmp_path, "up.sh")
    person.open(check.replace("check", "extras") + "?from=check")
    assert "&#34;up.sh now&#34; www-data" in person.page.text
    person.open(check.replace("check", "save"))
    person.send(name="web")
    with zipfile.ZipFile(io.BytesIO(person.client.get(check.replace("check", "zip")).data)) as packed:
        names = [name for name in packed.namelist() if "up.sh" in name]
        assert [packed.read(name).decode() for name in names] == [SCRIPT] * 3, "beside the inventory, and for each"
