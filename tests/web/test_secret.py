"""A password that stands in a server's keepalived.conf, or in an inventory, is on no page and in no file of ours."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from floatip.hosts import probe
from floatip.keepalived.adopt import masked
from lab.paths import ROOT
from tests.web.conftest import Person
from tests.web.test_text import lines

CANARY = "Canary-7c1f"
SPELLINGS = [
    "        auth_pass {}",
    "\tauth_pass\t{}",
    '    auth_pass "{} with blanks"',
    "    authentication {{ auth_type PASS auth_pass {} }}",
    "@d1 auth_pass {}",
    '"auth_pass" {}',
    "# auth_pass {}",
    "    auth_pass {} ! a comment",
]
# However the canary falls into the groups of three bytes that base64 encodes.
ENCODED = [base64.b64encode(b"\0" * shift + CANARY.encode())[4:-4].decode() for shift in range(3)]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_shows_it(spelling: str) -> None:
    text = f"vrrp_instance VI_1 {{\n{spelling.format(CANARY)}\n    priority 100\n"
    assert CANARY not in masked(text)
    assert masked(text).startswith("vrrp_instance VI_1 {\n") and masked(text).endswith("\n    priority 100\n")


def found_in(directory: Path) -> list[str]:
    """The files that hold the canary, plain or in base64."""
    files = {file: file.read_text(errors="replace") for file in directory.rglob("*") if file.is_file()}
    return [str(file) for file, text in files.items() if any(secret in text for secret in (CANARY, *ENCODED))]


def test_one_in_a_server_s_file(app: Flask, person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    conf = "vrrp_instance VI_1 {\n" + "\n".join(spelling.format(CANARY) for spelling in SPELLINGS) + "\n}\n"
    says = {name: lines(f"10.9.1.{last}", [], conf.encode(), []) for name, last in (("d1", 16), ("d2", 61))}
    (tmp_path / "probe").write_text(json.dumps(says))
    assert found_in(tmp_path), "the search does not find it where it is"
    (tmp_path / "probe").unlink()
    monkeypatch.setattr(probe, "ask", lambda *_: says)
    (tmp_path / "inventories").mkdir()
    (tmp_path / "inventories" / "lab.py").write_text((ROOT / "inventories" / "lab.py").read_text())
    person.open("/")
    person.send("/edit", name="lab")
    draft = person.at.rpartition("/")[0]
    for slug in ("network", "adopt", "check", "status", "network?from=check", "servers"):
        assert CANARY not in person.open(f"{draft}/{slug}").text, slug
    assert "auth_pass …" in person.open(f"{draft}/check").text  # it was there, and its place is shown
    person.open(f"{draft}/adopt")
    pasted = person.send(**{"file-0": conf, "file-1": conf})
    assert pasted.status_code == 200 and CANARY not in pasted.text
    for slug in ("check", "save"):
        assert CANARY not in person.open(f"{draft}/{slug}").text, slug
    assert found_in(tmp_path) == []


def test_one_in_an_inventory(person: Person, tmp_path: Path) -> None:
    (tmp_path / "inventories").mkdir()
    text = (ROOT / "inventories" / "lab.py").read_text()
    typed = text.replace('"ssh_port"', f'"ssh_password": "{CANARY}", "ssh_port"')
    assert typed != text
    (tmp_path / "inventories" / "lab.py").write_text(typed)
    person.open("/")
    answer = person.send("/edit", name="lab")
    assert "ssh_password" in answer.text  # it is refused by name
    draft = person.at.rpartition("/")[0]
    for slug in ("check", "servers", "servers?from=check", "save", "network?look=no"):
        assert CANARY not in person.open(f"{draft}/{slug}").text, slug


def test_it_is_not_logged(person: Person, client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    person.open(f"/?password={CANARY}")
    person.open(f"/cluster/{CANARY}/check")
    person.send("/new", password=CANARY)
    assert CANARY not in caplog.text
