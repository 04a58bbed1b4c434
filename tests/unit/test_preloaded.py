"""A program that a fork runs is as one that Python has started: what it gets, what it gives, how it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from lab import wait_until
from lab.paths import ROOT
from tests import preloaded

pytestmark = pytest.mark.programs

ROWS = {
    "good": ["floatip", "check", "lab.py"],
    "not there": ["floatip", "check", "nonsense.py"],
    "no such option": ["floatip", "--nonsense"],
    "patched": ["pyinfra", "--version"],
    "program": ["floatip.runs.program", "--version"],
    "not kept": ["json.tool"],
}


@pytest.mark.parametrize("words", ROWS.values(), ids=ROWS)
def test_it_comes_to_the_same(words: list[str]) -> None:
    def ran(python: str) -> tuple[int, bytes, bytes]:
        argv, place, own = [python, "-m", *words], ROOT / "inventories", {**os.environ, "PYTHONIOENCODING": "koi8-r"}
        done = subprocess.run(argv, cwd=place, env=own, input=b'{"a": 1}', capture_output=True, check=False)
        return done.returncode, done.stdout, done.stderr

    assert ran(preloaded.python()) == ran(sys.executable)


@pytest.mark.usefixtures("network")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_whoever_ends_it_ends_the_program(tmp_path: Path, how: signal.Signals) -> None:
    words = ["floatip", "wizard", "--no-browser", "--inventories", str(tmp_path)]
    own = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
    argv = [preloaded.python(), "-m", *words]
    with subprocess.Popen(argv, cwd=ROOT, env=own, stdout=subprocess.PIPE, text=True) as child:
        try:
            first = child.stdout.readline() if child.stdout else ""
            port = int(first.rpartition(":")[2].partition("/")[0])
            assert _answers(port)
            wait_until("its program is written down", lambda: preloaded.program(child.pid) not in (None, child.pid))
            child.send_signal(how)
            assert child.wait(60) == -how
        finally:
            child.kill()  # else a failure would wait for a wizard that nobody ends
    wait_until("the program has ended, too", lambda: not _answers(port))
    wait_until("nothing is told of it any more", lambda: preloaded.program(child.pid) is None)


def test_its_parent_is_that_of_what_stands_in_its_place() -> None:
    assert preloaded._parent(os.getpid()) == os.getppid()
    with subprocess.Popen(["true"]) as child:
        child.wait()
    assert preloaded._parent(child.pid) == 1


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    return True
