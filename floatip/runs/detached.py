"""A command that outlives whoever started it: `python -m floatip.runs.detached FD PLACE DIRECTORY COMMAND …`.

Its place is a directory: `log` (standard error), `result.json` (standard output), `steps` (what it notes on its way, a
JSON object a line: `floatip.runs.events`, or whatever a drill has to tell), `pid`, and at the end `code`. The command
itself finds the place in `FLOATIP_RUN`.

Starting is a handshake: whoever creates `pid` first decides. The command writes its own there before it does anything;
the starter writes GIVEN_UP where that takes longer than START_SECONDS, and a command that comes later still does
nothing. So a place is never "just being started" for ever, and never given up while its command is at work.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from floatip.language import telling
from floatip.model import atomic
from floatip.model.paths import ROOT
from floatip.runs import events
from floatip.runs.lock import process

RUN = "FLOATIP_RUN"
STEPS, RESULT, LOG = "steps", "result.json", "log"
KEY = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{6}")
VANISHED = -1
PID, CODE = "pid", "code"
PROCESS = "process"
"""The file of a command in a terminal: its process, as a lease names it."""
GIVEN_UP = "0"
START_SECONDS = 30.0


@contextmanager
def exclusive(directory: Path) -> Iterator[None]:
    """Make the directory; nobody else is in here meanwhile: two browsers at once get one run."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def start(
    directory: Path, command: Sequence[str], texts: Mapping[str, str], at: Path = ROOT, language: str = ""
) -> str:
    """Start a command in a session of its own; the key of its place, where `texts` (file → text) stands beside. `at`:
    the directory that it is started in; `language`: what it speaks, if not the language of this process.

    Returns once the command has begun, or was given up: `code` then says VANISHED, and the log why.
    """
    program = ["setsid", "--fork", sys.executable, "-m", "floatip.runs.detached"]
    made = place(directory, texts)
    key = made.name
    ours, theirs = os.pipe()
    with open(ours, "rb", 0) as begun, (made / LOG).open("ab") as log:
        with open(theirs, "wb", 0):
            # Forked once more: it is nobody's child, in a session of its own.
            subprocess.run(
                [*program, str(theirs), str(made), str(at), *command],
                cwd=ROOT,
                env={**os.environ, telling.VARIABLE: language or telling.current()},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[theirs],
                check=True,
            )
        select.select([begun], [], [], START_SECONDS)  # it has begun or ended: the other end is closed either way
    _claim(made, GIVEN_UP)
    return key


def place(directory: Path, texts: Mapping[str, str]) -> Path:
    """A fresh place, with all its files; its name says when it was made, in parts of a second."""
    now = time.time()
    stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(now))
    return _furnished(directory, f"{stamp}-{int(now % 1 * 16**6):06x}", texts)


def _furnished(directory: Path, key: str, texts: Mapping[str, str]) -> Path:
    """The place with all its files: under another name until they are there, so that nobody reads half of them."""
    fresh = directory / f"{key}.new"
    fresh.mkdir(mode=0o700)
    for name, text in texts.items():
        atomic.write(fresh / name, text)
    (fresh / LOG).touch()
    atomic.move(fresh, directory / key)
    return (directory / key).resolve()


def _claim(place: Path, pid: str) -> bool:
    """Create `pid` with this text, whole; False where it is there already."""
    fresh = place / f"{PID}.{secrets.token_hex(3)}"
    try:
        fresh.write_text(pid, "ascii")
        os.link(fresh, place / PID)
    except FileExistsError:
        return False
    finally:
        fresh.unlink(missing_ok=True)
    return True


def code(place: Path) -> int | None:
    """The exit code of the command; None while it runs, VANISHED where it was ended from outside."""
    for _ in range(2):  # it may end between the two looks
        try:
            return int((place / CODE).read_text())
        except (OSError, ValueError):
            if _alive(place):
                return None
    return VANISHED


def note(**what: Any) -> None:
    """For the command: write something down for whoever watches, where somebody does."""
    _write(json.dumps(what) + "\n")


def tell(event: events.Event) -> None:
    """The same with an event."""
    _write(events.line(event))


def noted(place: Path) -> list[dict[str, Any]]:
    """What it has noted so far; the last line may be half, and another one where the disk was full for a moment."""
    found = []
    for line in _written(place).splitlines():
        with suppress(ValueError):
            found.append(json.loads(line))
    return [event for event in found if isinstance(event, dict)]


def events_of(place: Path) -> list[events.Event]:
    """The events so far."""
    return events.read(_written(place))


def _write(line: str) -> None:
    """A run goes on where nothing can be written down here: in the middle of a change that matters more."""
    if os.environ.get(RUN):
        with suppress(OSError), (Path(os.environ[RUN]) / STEPS).open("a", encoding="ascii") as file:
            file.write(line)


def _written(place: Path) -> str:
    try:
        return (place / STEPS).read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def _alive(place: Path) -> bool:
    with suppress(OSError):
        return not process.ended((place / PROCESS).read_text("ascii", "replace"))
    try:
        pid = (place / PID).read_text()
    except OSError:
        return _just_made(place)
    try:
        command = Path(f"/proc/{int(pid)}/cmdline").read_bytes().split(b"\0")
        state = Path(f"/proc/{int(pid)}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, ValueError):
        return False
    return state != "Z" and str(place.resolve()).encode() in command


def _just_made(place: Path) -> bool:
    """Whether its command may still be on its way: its starter waits that long, and may have died meanwhile."""
    try:
        return time.time() - place.stat().st_ctime < START_SECONDS
    except OSError:
        return False


def main() -> None:
    """Be with the command until it ends."""
    begun, place, at, command = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4:]
    mine = _claim(place, str(os.getpid()))
    os.close(begun)
    if not mine:
        raise SystemExit("It was given up before it began: nothing was done.")
    with (place / RESULT).open("wb") as result:
        ended = subprocess.run(
            command,
            cwd=at,
            env={**os.environ, RUN: str(place)},
            stdin=subprocess.DEVNULL,
            stdout=result,
            check=False,
        ).returncode
    atomic.write(place / CODE, str(ended))


if __name__ == "__main__":
    main()
