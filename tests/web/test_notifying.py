"""A script beside the inventory, as the wizard asks for it, shows it, and packs it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from tests.web.conftest import Person
from tests.web.test_way import EXTRAS, answer_all

SCRIPT = "#!/bin/sh\nexit 0\n"


def test_a_check_beside_the_inventory(person: Person, tmp_path: Path) -> None:
    answer_all(person, until="Anything else?")
    person.open(person.at.replace("extras", "checks"))
    person.send(
        **{"scripts-0-was": "", "scripts-0-name": "fit", "scripts-0-kind": "command", "scripts-0-target": "fit.sh now"}
    )
    person.open(person.at.rpartition("/")[0] + "/extras")
    person.send(**EXTRAS)
    assert "The file fit.sh beside the inventory cannot be read" in person.page.text
    (tmp_path / "inventories").mkdir(exist_ok=True)
    (tmp_path / "inventories" / "fit.sh").write_text(SCRIPT)
    check = person.at
    person.open(check)
    assert "cannot be read" not in person.page.text
    assert "/etc/keepalived/floatip-scripts/fit.sh." in person.page.text
    person.open(check.replace("check", "checks") + "?from=check")
    assert 'value="fit.sh now"' in person.page.text
    person.open(check.replace("check", "save"))
    person.send(name="web")
    assert "fit.sh now" in (tmp_path / "inventories" / "web.py").read_text()


def test_a_script_beside_the_inventory(person: Person, tmp_path: Path) -> None:
    answer_all(person, until="Anything else?")
    person.send(**EXTRAS, notify_master='"up.sh now" www-data')
    assert "The file up.sh beside the inventory cannot be read" in person.page.text
    (tmp_path / "inventories").mkdir(exist_ok=True)
    (tmp_path / "inventories" / "up.sh").write_text(SCRIPT)
    check = person.at
    person.open(check)
    assert "cannot be read" not in person.page.text
    assert "/etc/keepalived/floatip-scripts/up.sh." in person.page.text
    person.open(check.replace("check", "extras") + "?from=check")
    assert "&#34;up.sh now&#34; www-data" in person.page.text
    person.open(check.replace("check", "save"))
    person.send(name="web")
    with zipfile.ZipFile(io.BytesIO(person.client.get(check.replace("check", "zip")).data)) as packed:
        names = [name for name in packed.namelist() if "up.sh" in name]
        assert [packed.read(name).decode() for name in names] == [SCRIPT] * 3, "beside the inventory, and for each"
