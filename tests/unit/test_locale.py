"""Signs that a terminal's character set lacks are spelt with those that it has: never a traceback."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from floatip.runs import storage
from lab.paths import ROOT
from tests import preloaded
from tests.running import wizard
from tests.unit.samples import practice

CHARSETS = ("koi8-r", "iso-8859-1", "cp1251", "ascii")
SIGNS = "● ○ ▲ → … ─ ⇄ ▁ – — “x” ‹ ≠"


def ran(*argv: str, python: str = sys.executable, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """A program of ours in this environment."""
    own = {**os.environ, **environment}
    return subprocess.run([python, *argv], cwd=ROOT, env=own, capture_output=True, timeout=60, check=False)


@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_every_sign_has_another_spelling(charset: str, stream: str, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    terminal = io.TextIOWrapper(raw, charset, line_buffering=True)
    monkeypatch.setattr(sys, stream, terminal)
    storage.readable()
    print(SIGNS + "\u4e2d", file=terminal)
    text = raw.getvalue().decode(charset)
    spelt = "".join(storage.SPELT.get(sign, "?") if not encodable(sign, charset) else sign for sign in SIGNS + "\u4e2d")
    assert text == spelt + "\n"
    assert "?" not in text[:-2], "one of ours has no spelling"


def encodable(sign: str, charset: str) -> bool:
    """Whether this character set has it."""
    return sign.encode(charset, "ignore") != b""


@pytest.mark.programs
@pytest.mark.parametrize("charset", CHARSETS[:-1])  # click itself speaks UTF-8 where there is ASCII only
def test_the_command_line(tmp_path: Path, charset: str) -> None:
    file = str(practice(tmp_path))
    own = {"python": preloaded.python(), "PYTHONIOENCODING": charset}
    done = ran("-m", "floatip", "check", file, "--explain", **own)
    assert (done.returncode, done.stderr) == (0, b"")
    assert f"* {file}" in done.stdout.decode(charset)
    done = ran("-m", "floatip", "check", "nowhere-\u4e2d.py", **own)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_a_deploy_begins_with_it() -> None:
    """Before anything of ours can print: what pyinfra itself prints is ASCII."""
    code = (ROOT / "deploy.py").read_text()
    assert code.index("storage.readable()") < code.index("this_cluster()")


@pytest.mark.programs
def test_a_real_locale(tmp_path: Path) -> None:
    """As a system is set up that was installed long ago."""
    if not shutil.which("localedef") or not Path("/usr/share/i18n/charmaps/KOI8-R.gz").exists():
        pytest.skip("needs the Debian package locales")
    subprocess.run(["localedef", "-i", "ru_RU", "-f", "KOI8-R", tmp_path / "ru_RU.KOI8-R"], check=True)
    old = {"LC_ALL": "ru_RU.KOI8-R", "LOCPATH": str(tmp_path), "PYTHONUTF8": "0"}
    assert ran("-c", "import sys; print(sys.stdout.encoding)", **old).stdout == b"koi8-r\n"
    file = str(practice(tmp_path))
    done = ran("-m", "floatip", "check", file, **old)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"* " + file.encode())
    with pytest.MonkeyPatch.context() as patch:
        for name, value in old.items():
            patch.setenv(name, value)
        with wizard(tmp_path) as running:
            assert running.port
    assert b"Traceback" not in running.said.read_bytes()
