"""Odd terminals and odd computers: no traceback, and an exit code that means what it says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.paths import ROOT
from tests import preloaded
from tests.unit.samples import practice, put, text

pytestmark = pytest.mark.programs

LAB = '"$LAB"'
ADOPT = "adopt d1=/dev/null d2=/dev/null"
# (what is typed in bash, where LAB is the path of the lab's inventory; its exit code)
TYPED: list[tuple[str, int]] = [
    *((f"{command} >/dev/full", 3) for command in (f"check {LAB}", f"status {LAB}", f"status --json {LAB}", "--help")),
    (f"check {LAB} >/dev/full 2>&1", 3),
    (f"check {LAB} <&- >&- 2>&-", 0),
    (f"status {LAB} >&- 2>&-", 3),
    (f"{ADOPT} 2>&-", 2),
    (f"remove {LAB}", 2),  # nobody is there to be asked
    *((f"{command} | head -0; exit ${{PIPESTATUS[0]}}", 141) for command in (f"check {LAB}", f"status {LAB}")),
]
LESS: dict[str, str | None] = {"HOME": None, "USER": None, "PATH": "/nonexistent"}
# what is odd about the computer
HOMES: list[dict[str, str | None]] = [
    LESS,
    {"XDG_STATE_HOME": "/dev/null", "HOME": "/dev/null"},
    {"PYTHONIOENCODING": "koi8-r", "LC_ALL": "ru_RU.KOI8-R"},
    {"TERM": "dumb", "COLUMNS": "5", "LINES": "-1"},
]


def typed(words: str, given: dict[str, str | None] | None = None) -> subprocess.CompletedProcess[str]:
    """Run it in bash, its first word being understood as one of floatip's commands. It is a fork of what has been
    imported, but where an import itself could miss what is not there: a stream, a home."""
    python = sys.executable if "&-" in words or given == LESS else preloaded.python()
    usual = {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": None}
    environment = {**os.environ, **usual, **(given or {})}
    return subprocess.run(
        ["/bin/bash", "-c", f"{shlex.quote(python)} -m floatip {words}"],
        cwd=ROOT,
        env={name: value for name, value in environment.items() if value is not None},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=120,
        check=False,
    )


@pytest.fixture(autouse=True)
def _own_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "inventories").mkdir()
    monkeypatch.setenv("LAB", str(practice(tmp_path / "inventories")))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("NO_COLOR", raising=False)


def unharmed(done: subprocess.CompletedProcess[str]) -> bool:
    """Whether nothing of Python's own is shown."""
    return not re.search("Traceback|Exception ignored", done.stdout + done.stderr)


@pytest.mark.parametrize(("words", "code"), TYPED)
def test_an_output_that_cannot_be_written(words: str, code: int) -> None:
    done = typed(words)
    assert (done.returncode, unharmed(done)) == (code, True), done.stderr
    if code == 3 and done.stderr:
        assert "error: The output cannot be written: no space left on device." in done.stderr


@pytest.mark.parametrize("given", HOMES, ids=str)
def test_a_computer_that_lacks_something(given: dict[str, str | None]) -> None:
    done = typed(f"status {LAB}", given)
    assert (done.returncode, unharmed(done)) == (3, True), done.stderr
    whole = re.search(r"^d1: .*SSH .*\. .*SSH .*\.$", done.stdout, re.MULTILINE)  # why, and what to do
    assert whole, "a line stays one where there is no terminal"


def _locked(path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", path], check=True)


KEYS: dict[str, tuple[Callable[[Path], object], str]] = {
    "nonsense": (lambda path: path.write_text("no key\n"), "cannot be read"),
    "locked": (_locked, "has a passphrase"),
    "directory": (lambda path: path.mkdir(), "cannot be read"),
}


@pytest.mark.parametrize("kind", KEYS)
def test_a_key_that_cannot_be_used(tmp_path: Path, kind: str) -> None:
    """pyinfra would end with a traceback, or ask for a passphrase where nobody is."""
    make, words = KEYS[kind]
    key, file = tmp_path / "key", tmp_path / "lab.py"
    make(key)
    file.write_text(text(*(put(f"{node}.ssh_key", str(key)) for node in ("d1", "d2"))))
    done = typed(f"remove --yes {file}")
    assert (done.returncode, unharmed(done)) == (1, True), done.stderr
    assert done.stderr.count(f"The SSH key {key} on this computer {words}.") == 2, done.stderr
    assert "Enter password" not in done.stderr
