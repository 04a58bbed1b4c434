"""A deploy that outlives whoever started it: `python -m floatip.background DIRECTORY INVENTORY [replace] [move=…]`.

In the directory: `inventory` (its path), `log` (the live log), `steps` (when each began and ended), `result.json`
(pyinfra's document), `pid`, `stop` where somebody asked for that, and at the end `code`.
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
from dataclasses import dataclass
from pathlib import Path

from floatip import pyinfra_run

RUN, STEPS, STOP = "FLOATIP_RUN", "steps", "stop"
KEY = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class Run:
    """One deploy, under way or ended. `code`: pyinfra's exit code; None while it runs, -1 where it vanished.
    `times`: (begin, end or None) of each step so far, seconds since the epoch; `total`: how many steps it has."""

    key: str
    inventory: Path
    log: str
    code: int | None
    times: tuple[tuple[float, float | None], ...] = ()
    total: int = 0
    stopping: bool = False


def start(directory: Path, inventory: Path, *, replace: bool = False, move: str = "") -> str:
    """Start a deploy in a session of its own; the key of the run. One under way for this inventory is joined.

    `replace`: a keepalived.conf that somebody else wrote may be replaced; `move`: as `floatip.moves.option` says it.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (directory / "lock").open("w") as lock:  # two browsers at once get one run
        fcntl.flock(lock, fcntl.LOCK_EX)
        under_way = (one.key for one in runs(directory) if one.code is None and one.inventory == inventory.resolve())
        return next(under_way, None) or _begin(directory, inventory, replace=replace, move=move)


def _begin(directory: Path, inventory: Path, *, replace: bool, move: str) -> str:
    key = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"
    place = directory / key
    place.mkdir(mode=0o700)
    (place / "inventory").write_text(str(inventory.resolve()))
    with (place / "log").open("wb") as log:
        words = [sys.executable, "-m", "floatip.background", str(place.resolve()), str(inventory.resolve())]
        words += [*(["replace"] if replace else []), *([f"move={move}"] if move else [])]
        # Forked once more: it is nobody's child, in a session of its own.
        subprocess.run(
            ["setsid", "--fork", *words],
            cwd=pyinfra_run.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            check=True,
        )
    return key


def runs(directory: Path) -> list[Run]:
    """All runs, the newest first."""
    found = sorted((one.name for one in directory.glob("*")), reverse=True)
    return [run for key in found if (run := read(directory, key))]


def read(directory: Path, key: str) -> Run | None:
    """One run; None where there is none of this key."""
    place = directory / key
    try:
        if not KEY.fullmatch(key):
            return None
        inventory, log = Path((place / "inventory").read_text()), (place / "log").read_text(errors="replace")
    except OSError:
        return None
    times, total = _steps(place / STEPS)
    return Run(key, inventory, log, _code(place), times, total, (place / STOP).exists())


def stop(directory: Path, key: str) -> None:
    """Ask a run to end after its present step; nothing where there is none of this key."""
    if read(directory, key):
        (directory / key / STOP).touch()


def _steps(path: Path) -> tuple[tuple[tuple[float, float | None], ...], int]:
    begun: list[tuple[float, float | None]] = []
    total = 0
    try:
        rows = [json.loads(line) for line in path.read_text().splitlines() if line.endswith("}")]
    except OSError:
        return (), 0
    for row in rows:
        if "begin" in row:
            begun.append((row["begin"], None))
            total = int(row["of"])
        elif begun:
            begun[-1] = (begun[-1][0], row["end"])
    return tuple(begun), total


def _code(place: Path) -> int | None:
    for _ in range(2):  # it may end between the two looks
        try:
            return int((place / "code").read_text())
        except (OSError, ValueError):
            if _alive(place):
                return None
    return -1


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
    """Be the run."""
    place, inventory = Path(sys.argv[1]), Path(sys.argv[2])
    (place / "pid").write_text(str(os.getpid()))
    data: dict[str, bool | str] = {"floatip_replace": True} if "replace" in sys.argv[3:] else {}
    for word in sys.argv[3:]:
        if word.startswith("move="):
            data["floatip_move"] = word.removeprefix("move=")
    words = pyinfra_run.command(inventory, data=data, options=["--json"])
    with (place / "result.json").open("wb") as result:
        code = subprocess.run(
            words,
            cwd=pyinfra_run.ROOT,
            env={**os.environ, RUN: str(place)},
            stdin=subprocess.DEVNULL,
            stdout=result,
            check=False,
        ).returncode
    finished = place / "code.new"
    finished.write_text(str(code))
    os.replace(finished, place / "code")


if __name__ == "__main__":
    main()
