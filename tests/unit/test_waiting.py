"""Who is waited for is said where it takes longer than a second, and disturbs nothing."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from floatip.cli import waiting
from floatip.hosts import workers
from lab import wait_until
from lab.paths import ROOT

STEPS = """
from floatip.cli import waiting
waiting.LATE = 0
with waiting.asking(["d1", "d2"]) as telling:
    input()
    from floatip.hosts import workers
    [tell] = workers._heard.get()
    tell("d1")
    input()
print("done")
"""


def test_one_line_where_there_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(waiting, "LATE", 0.0)
    said: list[str] = []

    def line_is_there() -> bool:
        said.append(capsys.readouterr().err)
        return "".join(said) == "Waiting for d1, d2 …\n"

    with waiting.asking(["d1", "d2"]):
        wait_until("it says so", line_is_there)
        [tell] = workers._heard.get()
        tell("d1")
        tell("d2")
    assert capsys.readouterr() == ("", "")


def test_nothing_where_it_does_not_take_long(capsys: pytest.CaptureFixture[str]) -> None:
    with waiting.asking(["d1"]):
        pass
    assert list(waiting.first(["d1"], [1, 2, 3])) == [1, 2, 3]
    assert list(waiting.first(["d1"], [])) == []
    assert capsys.readouterr() == ("", "")


def test_in_a_terminal_the_line_follows_and_goes_away() -> None:
    ours, theirs = pty.openpty()
    words = [sys.executable, "-c", STEPS]
    pipe, env = subprocess.PIPE, {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    with subprocess.Popen(words, cwd=ROOT, env=env, stdin=pipe, stdout=pipe, stderr=theirs, text=True) as child:
        os.close(theirs)
        _shows(ours, "Waiting for d1, d2 …")
        assert child.stdin and child.stdout
        child.stdin.write("\n")
        child.stdin.flush()
        _shows(ours, "Waiting for d2 …")
        child.stdin.write("\n")
        child.stdin.flush()
        _shows(ours, "\x1b[2K")  # the line is cleared
        assert child.stdout.read() == "done\n"
    os.close(ours)
    assert child.returncode == 0


def _shows(terminal: int, words: str) -> None:
    seen = ""

    def shown() -> bool:
        nonlocal seen
        seen += os.read(terminal, 4096).decode("utf-8", "replace")
        return words in seen

    wait_until(f"the terminal shows {words!r}", shown)


def test_who_has_answered_is_told_and_no_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "a_child_of_ours.py").write_text("print('\"d1\"')\nprint('{}')\n")
    names: list[str] = []
    with workers.reporting(names.append):
        assert list(workers.documents(["a_child_of_ours"], [])) == [{}]
    assert names == ["d1"] and not workers._heard.get()


def test_many_servers_are_counted() -> None:
    assert waiting._Waiting([f"d{number}" for number in range(9)], waiting.WAITING).message() == (
        "Waiting for d0, d1, d2, d3, d4, d5 and 3 more …"
    )
