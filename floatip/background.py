"""Deploys that outlive whoever started them, each in a place of its own (`floatip.detached`).

Beside what every such command has there: `inventory` (its path), `reboot` (the server, where it is a reboot and not a
plain deploy), and `stop` where somebody asked for that. The steps are when each of them began and ended.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from floatip import detached, pyinfra_run
from floatip.events import Begin, End, Event, Refused
from floatip.words import SILENT, Said

STOP = "stop"


@dataclass(frozen=True, slots=True)
class Run:
    """One deploy, under way or ended. `code`: the exit code; None while it runs, -1 where it vanished. `times`: (begin,
    end or None) of each step so far, seconds since the epoch; `total`: how many steps it has, 0 where nobody knows;
    `reboot`: the server that is taken through a reboot; `refused`: why it did not begin."""

    key: str
    inventory: Path
    log: str
    code: int | None
    times: tuple[tuple[float, float | None], ...] = ()
    total: int = 0
    stopping: bool = False
    reboot: str = ""
    refused: Said = SILENT


def start(directory: Path, inventory: Path, *, replace: bool = False, move: str = "", reboot: str = "") -> str:
    """Start a deploy in a session of its own; the key of the run. One under way for this inventory is joined.

    `replace`: a keepalived.conf that somebody else wrote may be replaced; `move`: as `floatip.moves.option` says it;
    `reboot`: a server, as `floatip reboot` takes it.
    """
    path = inventory.resolve()
    words = _rebooting(path, reboot) if reboot else _deploying(path, replace=replace, move=move)
    with detached.alone(directory):
        under_way = (one.key for one in runs(directory) if one.code is None and one.inventory == path)
        return next(under_way, None) or detached.start(directory, words, {"inventory": str(path), "reboot": reboot})


def _deploying(inventory: Path, *, replace: bool, move: str) -> list[str]:
    data: dict[str, bool | str] = {"floatip_replace": True} if replace else {}
    return pyinfra_run.command(inventory, data=data | ({"floatip_move": move} if move else {}), options=["--json"])


def _rebooting(inventory: Path, node: str) -> list[str]:
    return [sys.executable, "-m", "floatip", "reboot", "--json", str(inventory), node]


def runs(directory: Path) -> list[Run]:
    """All runs, the newest first."""
    found = sorted((one.name for one in directory.glob("*")), reverse=True)
    return [run for key in found if (run := read(directory, key))]


def read(directory: Path, key: str) -> Run | None:
    """One run; None where there is none of this key."""
    place = directory / key
    try:
        if not detached.KEY.fullmatch(key):
            return None
        inventory, log = Path((place / "inventory").read_text()), (place / detached.LOG).read_text(errors="replace")
        reboot = (place / "reboot").read_text() if (place / "reboot").exists() else ""
    except OSError:
        return None
    told = detached.told(place)
    times, total = _steps(told)
    total = 0 if reboot else total  # a reboot has two deploys, or none
    refused = next((one.message for one in told if isinstance(one, Refused)), SILENT)
    return Run(key, inventory, log, detached.code(place), times, total, (place / STOP).exists(), reboot, refused)


def stop(directory: Path, key: str) -> None:
    """Ask a run to end after its present step; nothing where there is none of this key."""
    if read(directory, key):
        (directory / key / STOP).touch()


def _steps(events: Iterable[Event]) -> tuple[tuple[tuple[float, float | None], ...], int]:
    begun: list[tuple[float, float | None]] = []
    total = 0
    for event in events:
        if isinstance(event, Begin):
            begun.append((event.begin, None))
            total = event.of
        elif isinstance(event, End) and begun:
            begun[-1] = (begun[-1][0], event.end)
    return tuple(begun), total
