"""FIFOs for changes of state, and the programs that read them, as keepalived would have them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from floatip.keepalived.adopt.findings import Notes
from floatip.keepalived.conf import Statement
from floatip.model.messages import Said, say
from floatip.model.settings.fifos import PAIRS

UNREAD = say("It has no FIFO, so keepalived never starts it.")
SAME = say("keepalived ignores this: notify_fifo uses the same FIFO.")


def settle(settings: dict[str, Any], body: Sequence[Statement], notes: Notes) -> None:
    """Take out what keepalived passes over. `body`: of the `global_defs`."""
    paths = [str(settings.get(fifo, "")).split(" ")[0] for fifo, _ in PAIRS]
    if paths[0] and paths[0] == paths[1]:
        for key in PAIRS[1]:
            _leave(settings, key, body, notes, SAME)
    for fifo, program in PAIRS:
        if fifo not in settings:
            _leave(settings, program, body, notes, UNREAD)


def owned(settings: dict[str, Any], user: str) -> None:
    """Say whose they are, and who reads them, where the file leaves that to its default."""
    for fifo, program in PAIRS:
        if " " not in str(settings.get(fifo, " ")):
            settings[fifo] = f"{settings[fifo]} {user}"
        if isinstance(settings.get(program), str):
            settings[program] = {"run": settings[program], "user": user}


def _leave(settings: dict[str, Any], key: str, body: Sequence[Statement], notes: Notes, why: Said) -> None:
    if settings.pop(key, None) is not None:
        notes.left(next(statement for statement in body if statement.keyword == key), why)
