"""The insides of pyinfra that floatip uses, each tried for itself: `make contract` does it with the newest release.

A deploy of this very computer, by pyinfra's own program; what it notes is what floatip relies on.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from floatip.language import telling
from floatip.runs import detached
from floatip.runs.events import NotConnected
from lab.paths import ROOT

pytestmark = pytest.mark.programs

CONTRACT = Path(__file__).with_name("pyinfra_contract")
EARLY = ROOT / "floatip" / "deploy" / "lifecycle" / "pyinfra_config.py"
HERE = '    ("@local", {"own": 7}),\n'


def inventory(directory: Path, servers: str = HERE) -> Path:
    """A group of servers, and one value of it."""
    file = directory / "lab.py"
    file.write_text(f'lab = (\n    [\n{servers}    ],\n    {{"answer": 42}},\n)\n')
    return file


class Run:
    """A run of pyinfra with these options, and what was noted."""

    def __init__(
        self,
        directory: Path,
        file: Path,
        *options: str,
        early: Path = CONTRACT / "early.py",
        program: str = "pyinfra",
        language: str = "en",
        typed: str = "",
    ) -> None:
        self.notes = directory / "notes"
        self.notes.write_text("")
        words = ["-m", program, "--config", str(early), *options, str(file), str(CONTRACT / "steps.py")]
        self.done = subprocess.run(
            [sys.executable, *words],
            env={
                **os.environ,
                "NOTES": str(self.notes),
                "PYTHONPATH": str(ROOT),
                detached.RUN: str(directory),
                telling.VARIABLE: language,
            },
            cwd=directory,
            input=typed,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.code = self.done.returncode

    def noted(self, what: str) -> list[list[Any]]:
        """The notes of one kind."""
        return [rest for kind, *rest in map(json.loads, self.notes.read_text().splitlines()) if kind == what]


def test_what_a_deploy_file_finds_and_what_handlers_are_told(tmp_path: Path) -> None:
    run = Run(tmp_path, inventory(tmp_path), "-y", "--json", "--data", "fails=false", "--limit", "@local")
    assert run.code == 0, run.done.stderr
    assert isinstance(json.loads(run.done.stdout), dict)
    assert run.noted("early") == [[False]]
    assert run.noted("limit") == run.noted("active") == [[["@local"]]]
    assert run.noted("data") == [[{"fails": False}, 42, True]]
    assert run.noted("group") == [[["@local"], 7]]
    assert run.noted("file") == [["steps.py"]]
    assert run.noted("arguments") == [[["_sudo", "_timeout"], 2]]
    assert run.noted("answer") == [[True, "out\n42", "err"]]
    assert run.noted("slow") == [[False]]
    assert run.noted("commands") == [[[True, False, True]]]
    # the lock: pyinfra takes other settings back once it has read the file
    names = ("does something", "has nothing to do", "calls a function")
    assert run.noted("start") == [[name, 3, 0] for name in names]
    assert run.noted("within") == [[True, True]]
    assert run.noted("success") == [["@local"]] * 3
    assert run.noted("end") == [[[True]], [[False]], [[True]]]
    assert run.noted("work") == [["@local"]] and run.noted("error") == []


def test_a_step_that_fails_ends_the_run(tmp_path: Path) -> None:
    run = Run(tmp_path, inventory(tmp_path), "-y", "--data", "fails=true")
    assert run.code == 1
    assert run.noted("error") == [["@local"]]
    assert len(run.noted("start")) == 3 and len(run.noted("end")) == 2


def test_nothing_is_done_to_show_what_would_be(tmp_path: Path) -> None:
    run = Run(tmp_path, inventory(tmp_path), "--dry", "--diff", "-y")
    assert (run.code, run.noted("work"), run.noted("start")) == (0, [], [])
    assert run.noted("commands") == [[[True, False, True]]]


@pytest.mark.usefixtures("network")
def test_who_cannot_be_connected_to(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    closed = f'    ("d1", {{"ssh_hostname": "127.0.0.1", "ssh_port": {port}, "ssh_known_hosts_file": "none"}}),\n'
    run = Run(tmp_path, inventory(tmp_path, closed), "-y")
    assert run.code == 1 and run.noted("limit") == []  # not even read
    ((name, why),) = run.noted("not connected")
    assert name == "d1" and str(port) in why


def test_a_key_with_a_passphrase_asks_nobody(tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", str(key)], check=True)
    server = '    ("d1", {"ssh_hostname": "127.0.0.1", "ssh_key": "key", "ssh_port": 9}),\n'
    run = Run(tmp_path, inventory(tmp_path, server), "-y", early=EARLY)
    assert run.code == 1 and "Traceback" not in run.done.stderr
    (failed,) = [event for event in detached.events_of(tmp_path) if isinstance(event, NotConnected)]
    assert failed.node == "d1" and "passphrase" in failed.message


STEPS = ("does something", "has nothing to do", "calls a function")


@pytest.mark.parametrize("options, code", [((), 0), (("--dry",), 0), (("-y",), 0), (("-y", "--data", "fails=true"), 1)])
def test_pyinfras_own_words_in_russian(tmp_path: Path, options: tuple[str, ...], code: int) -> None:
    """Each word that it prints, the question before the steps as well: a newer one may say it otherwise."""
    file = inventory(tmp_path)
    run = Run(tmp_path, file, *options, program="floatip.runs.program", language="ru", typed="\n")
    assert run.code == code, run.done.stderr
    rest = run.done.stderr
    for name in (*STEPS, "@local", "steps.py", str(CONTRACT), "pyinfra", "Enter"):
        rest = rest.replace(name, "")
    assert re.findall("[A-Za-z]{2,}", rest) == []
    assert "Загрузка инвентаря" in rest
    assert ("Итоги" in rest) is (code == 0 and options != ("--dry",))


def test_pyinfras_own_words_in_english(tmp_path: Path) -> None:
    run = Run(tmp_path, inventory(tmp_path), "-y", program="floatip.runs.program")
    assert "--> Loading inventory...\n" in run.done.stderr and "[@local] Success\n" in run.done.stderr
