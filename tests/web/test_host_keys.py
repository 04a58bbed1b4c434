"""Keys that servers showed: only what is one is offered, with the fingerprint that ssh-keygen prints."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path
from typing import Any

import pytest

from wizard.drafts import Draft
from wizard.hosts import host_keys

BLOB = base64.b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + bytes(32)).decode()
GOOD = {"host": "[127.0.0.1]:2216", "type": "ssh-ed25519", "base64": BLOB}
NEGATIVE = base64.b64encode(b"\0\0\0\x07ssh-rsa\0\0\0\x01\xff\0\0\0\x01\xff").decode()
NONSENSE: list[Any] = [
    None,
    "x",
    {},
    {**GOOD, "host": "d1 d2"},
    {**GOOD, "host": "d1\nd2 ssh-ed25519 AAAA"},
    {**GOOD, "type": "ssh-dss"},
    {**GOOD, "type": "ssh-rsa"},
    {**GOOD, "type": "a\nb"},
    {**GOOD, "base64": BLOB + "\n"},
    {**GOOD, "base64": BLOB[:40]},
    {**GOOD, "base64": "AAAA"},
    {**GOOD, "base64": ""},
    {**GOOD, "type": "ssh-rsa", "base64": NEGATIVE},
]


def draft(shown: Any, file: Path) -> Draft:
    """One whose server showed this."""
    made = Draft("a" * 12, hosts=[["d1", {"ssh_known_hosts_file": str(file)}]])
    made.found = {"d1": {"error": "unknown", "key": shown}}
    return made


@pytest.mark.parametrize("shown", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_is_not_offered(tmp_path: Path, shown: Any) -> None:
    assert host_keys.unknown(draft(shown, tmp_path / "known")) == []


@pytest.mark.parametrize("before", [None, "", "# mine\nx ssh-rsa y\n", "no line break"])
def test_a_key_that_was_compared_is_known(tmp_path: Path, before: str | None) -> None:
    file = tmp_path / ".ssh" / "known"
    if before is not None:
        file.parent.mkdir()
        file.write_text(before)
    [key] = host_keys.unknown(draft(GOOD, file))
    assert host_keys.confirm([key], {"SHA256:another"}) == [key]
    assert host_keys.confirm([key], {key.fingerprint}) == []
    kept = (before or "").rstrip("\n")
    assert file.read_text() == (kept + "\n" if kept else "") + f"[127.0.0.1]:2216 ssh-ed25519 {BLOB}\n"
    (tmp_path / "key.pub").write_text(f"ssh-ed25519 {BLOB}\n")
    printed = subprocess.check_output(["ssh-keygen", "-lf", str(tmp_path / "key.pub")], text=True)
    assert key.fingerprint == printed.split()[1]
