"""A command that outlives whoever started it: `python -m floatip.detached PLACE COMMAND …`.

Its place is a directory: `log` (standard error), `result.json` (standard output), `steps` (what it notes on its way, a
JSON object a line: `floatip.events`, or whatever a drill has to tell), `pid`, and at the end `code`. The command itself
finds the place in `FLOATIP_RUN`.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from floatip import events, pyinfra_run

RUN = "FLOATIP_RUN"
STEPS, RESULT, LOG = "steps", "result.json", "log"
KEY = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{6}")
VANISHED = -1


@contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Make the directory; nobody else is in here meanwhile: two browsers at once get one run."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def start(directory: Path, words: Sequence[str], told: Mapping[str, str]) -> str:
    """Start a command in a session of its own; the key of its place, where `told` (file → text) stands beside."""
    key = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"
    place = directory / key
    place.mkdir(mode=0o700)
    for name, text in told.items():
        (place / name).write_text(text, "utf-8")
    with (place / LOG).open("wb") as log:
        # Forked once more: it is nobody's child, in a session of its own.
        subprocess.run(
            ["setsid", "--fork", sys.executable, "-m", "floatip.detached", str(place.resolve()), *words],
            cwd=pyinfra_run.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            check=True,
        )
    return key


def code(place: Path) -> int | None:
    """The exit code of the command; None while it runs, VANISHED where it was ended from outside."""
    for _ in range(2):  # it may end between the two looks
        try:
            return int((place / "code").read_text())
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
    """What it has noted so far."""
    return [json.loads(line) for line in _written(place).splitlines() if line.endswith("}")]  # the last may be half


def told(place: Path) -> list[events.Event]:
    """The events so far."""
    return events.read(_written(place))


def _write(line: str) -> None:
    if os.environ.get(RUN):
        with (Path(os.environ[RUN]) / STEPS).open("a", encoding="ascii") as file:
            file.write(line)


def _written(place: Path) -> str:
    try:
        return (place / STEPS).read_text(encoding="ascii")
    except OSError:
        return ""


def _alive(place: Path) -> bool:
    try:
        pid = (place / "pid").read_text()
        words = Path(f"/proc/{int(pid)}/cmdline").read_bytes().split(b"\0")
        state = Path(f"/proc/{int(pid)}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return not (place / "pid").exists()  # just being started
    except (OSError, ValueError):
        return False
    return state != "Z" and str(place.resolve()).encode() in words


def main() -> None:
    """Be with the command until it ends."""
    place, words = Path(sys.argv[1]), sys.argv[2:]
    (place / "pid").write_text(str(os.getpid()))
    with (place / RESULT).open("wb") as result:
        ended = subprocess.run(
            words,
            cwd=pyinfra_run.ROOT,
            env={**os.environ, RUN: str(place)},
            stdin=subprocess.DEVNULL,
            stdout=result,
            check=False,
        ).returncode
    finished = place / "code.new"
    finished.write_text(str(ended))
    os.replace(finished, place / "code")


if __name__ == "__main__":
    main()
