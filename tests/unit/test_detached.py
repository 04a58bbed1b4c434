"""A command that outlives its starter is under way, ended, or gone: never for ever "just being started"."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from floatip.runs import detached, events
from lab.shell import wait_until

PRINT = "import os, sys; print(os.environ['FLOATIP_RUN']); print('why', file=sys.stderr); sys.exit(3)"
WAIT = "import os, time\nwhile not os.path.exists(os.environ['FLOATIP_RUN'] + '/end'): time.sleep(.01)"


def started(directory: Path, script: str) -> Path:
    """The place of a script that was started."""
    return directory / detached.start(directory, [sys.executable, "-c", script], {"inventory": "/x.py"})


def test_its_code_what_it_said_and_what_was_told(tmp_path: Path) -> None:
    place = started(tmp_path, PRINT)
    wait_until("it is so", lambda: detached.code(place) is not None)
    assert detached.code(place) == 3
    assert (place / detached.RESULT).read_text() == f"{place}\n"
    assert (place / detached.LOG).read_text() == "why\n"
    assert (place / "inventory").read_text() == "/x.py"


def test_it_is_under_way_as_soon_as_it_was_started_and_vanished_once_it_was_killed(tmp_path: Path) -> None:
    place = started(tmp_path, WAIT)
    assert int((place / detached.PID).read_text()) > 1
    assert detached.code(place) is None
    os.kill(int((place / detached.PID).read_text()), signal.SIGKILL)
    wait_until("it is so", lambda: detached.code(place) is not None)
    (place / "end").touch()
    assert detached.code(place) == detached.VANISHED


@pytest.mark.programs
def test_whoever_looks_while_it_starts_sees_a_run_under_way(tmp_path: Path) -> None:
    seen: list[int | None] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.0002):  # without a pause it would take the time of what it looks at
            seen.extend(detached.code(place) for place in tmp_path.iterdir() if detached.KEY.fullmatch(place.name))

    watcher = threading.Thread(target=look)
    watcher.start()
    places = [started(tmp_path, WAIT) for _ in range(5)]
    over.set()
    watcher.join()
    for place in places:
        (place / "end").touch()
    assert seen and set(seen) == {None}


@pytest.mark.parametrize("starter", ["died before it started the command", "gave up"])
def test_a_place_without_its_command_is_not_under_way_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, starter: str
) -> None:
    place = tmp_path / "20260101-000000-aaaaaa"
    place.mkdir()
    if starter == "gave up":
        (place / detached.PID).write_text(detached.GIVEN_UP)
    else:
        assert detached.code(place) is None
        monkeypatch.setattr(detached, "START_SECONDS", 0)
    assert detached.code(place) == detached.VANISHED


def test_what_cannot_be_noted_ends_no_command_and_what_is_broken_hides_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(detached.RUN, str(tmp_path / "gone"))
    detached.tell(events.End(1.0))
    detached.note(phase="fault")
    assert not (tmp_path / "gone").exists()
    monkeypatch.setenv(detached.RUN, str(tmp_path))
    detached.note(phase="looking")
    with (tmp_path / detached.STEPS).open("a") as file:
        file.write('{"phase": "fa\n}\n')
    detached.tell(events.End(2.0))
    detached.note(phase="undone")
    assert detached.events_of(tmp_path) == [events.End(2.0)]
    assert [event["phase"] for event in detached.noted(tmp_path) if "phase" in event] == ["looking", "undone"]


def test_a_command_that_comes_too_late_does_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "setsid"
    given_up = 'i=0; until [ -e "$6/pid" ] || [ $((i += 1)) -gt 3000 ]; do sleep 0.01; done'
    slow.write_text(f'#!/bin/sh\n({given_up}; exec /usr/bin/setsid "$@") &\n')
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(detached, "START_SECONDS", 0.1)
    place = started(tmp_path, "raise SystemExit(0)")
    assert detached.code(place) == detached.VANISHED
    wait_until("it is so", lambda: (place / detached.LOG).read_text())
    assert (place / detached.LOG).read_text() == "It was given up before it began: nothing was done.\n"
    assert not (place / detached.RESULT).exists()
    assert detached.code(place) == detached.VANISHED
