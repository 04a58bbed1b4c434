"""Collects every problem of an input while it is read; a bad value is replaced by a neutral one.

Reading goes on after a problem, so that all of them can be told at once. The neutral values
(`priority` 0, `virtual_router_id` 0, interface '', no address) are outside what is allowed, so the
rules know them and stay silent about them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from floatip.model.fields import Wrong, show
from floatip.model.messages import NO_MESSAGE, Said, say
from floatip.model.problems import Level, Problem, did_you_mean

T = TypeVar("T")
Raw = Mapping[object, object]


class Reading:
    """The problems found so far, and the ways to find more."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(self, path: str, code: str, message: Said, hint: Said = NO_MESSAGE, level: Level = Level.ERROR) -> None:
        """Note one problem."""
        self.problems.append(Problem(path, code, message, hint, level))

    def take(self, path: str, subject: Said, field: Callable[[object], T], raw: object, neutral: T) -> T:
        """`field(raw)`, or `neutral` with a problem noted that begins with `subject`."""
        try:
            return field(raw)
        except Wrong as wrong:
            self.add(path, wrong.code, say("{subject} {text}", subject=subject, text=wrong.text), wrong.hint)
            return neutral

    def accepts(self, path: str, subject: Said, field: Callable[[object], object], raw: object) -> bool:
        """Whether `field` takes the value; the problem is noted where it does not."""
        before = len(self.problems)
        self.take(path, subject, field, raw, None)
        return len(self.problems) == before

    def mapping(self, path: str, subject: Said, raw: object) -> Raw:
        """A dict; an empty one, with a problem noted, for anything else."""
        if isinstance(raw, Mapping):
            return raw
        self.add(
            path,
            "not-a-dict",
            say("{subject} must be a dict, not {value}.", subject=subject, value=show(raw)),
            say("Write {{…}}."),
        )
        return {}

    def items(self, path: str, subject: Said, raw: object) -> list[object]:
        """A list or tuple; an empty one, with a problem noted, for anything else."""
        if isinstance(raw, list | tuple):
            return list(raw)
        self.add(
            path,
            "not-a-list",
            say("{subject} must be a list, not {value}.", subject=subject, value=show(raw)),
            say("Write […], even for one value."),
        )
        return []

    def keys(self, path: str, subject: Said, raw: Raw, known: Iterable[str], required: Iterable[str] = ()) -> None:
        """Note each unknown key (with the known one it resembles) and each required one that is missing."""
        known = tuple(known)
        for key in raw:
            if key not in known:
                hint = did_you_mean(key, known)
                self.add(
                    join(path, key),
                    "unknown-key",
                    say("{subject} has an unknown setting {value}.", subject=subject, value=show(key)),
                    hint,
                )
        for key in required:
            if key not in raw:
                self.add(
                    join(path, key),
                    "missing",
                    say("{subject} has no {key}.", subject=subject, key=key),
                    say("Add {key}.", key=repr(key)),
                )


def join(path: str, key: object) -> str:
    """A dotted path; a key that would not read well in one is shown escaped."""
    plain = isinstance(key, str) and key.isascii() and key.isprintable() and 0 < len(key) <= 64
    shown = str(key) if plain else show(key)
    return f"{path}.{shown}" if path else shown
