"""What is wrong with an input: one value per problem, so that all of them can be told at once.

A problem names the setting (`path`), has a stable `code` for programs, a `message` that names the
thing and a `hint` that says how to mend it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from floatip.model.messages import NO_MESSAGE, Said, say


class Level(StrEnum):
    """How serious a problem is: an error blocks, a warning asks for consent, an info only shows."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


LABELS = {Level.ERROR: say("error"), Level.WARNING: say("warning"), Level.INFO: say("note")}
"""How serious it is, for people."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, in words for the person who typed it.

    `path` is the setting, dotted from the top of the cluster: `nodes.d1.vrrp.VI_1.priority`.
    """

    path: str
    code: str
    message: Said
    hint: Said = NO_MESSAGE
    level: Level = Level.ERROR

    def __str__(self) -> str:
        hint = f" {self.hint}" if self.hint else ""
        return f"{self.path}: {self.message}{hint}"

    def as_dict(self) -> dict[str, str]:
        """The problem as JSON-ready text values."""
        return {
            "path": self.path,
            "code": self.code,
            "level": self.level.value,
            "message": self.message,
            "hint": self.hint,
        }


def errors(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Only the problems that block."""
    return tuple(problem for problem in problems if problem.level is Level.ERROR)


def did_you_mean(key: object, known: Iterable[str]) -> Said:
    """A hint: the known name that `key` resembles, else all of them."""
    names, said = sorted(known), str(key)[:64].lower()
    close = [name for name in names if said and name.startswith(f"{said}_")]
    close = close or difflib.get_close_matches(said, names, n=1, cutoff=0.6)
    if close:
        return say("Did you mean {close}?", close=repr(close[0]))
    return say("Known names: {names}.", names=", ".join(names)) if names else NO_MESSAGE
