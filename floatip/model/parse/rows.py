"""Reads the settings of one block by their rows in the table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from floatip.model.messages import Said
from floatip.model.parse.raw_lines import lines
from floatip.model.parse.reading import Raw, Reading, join
from floatip.model.settings.row import Setting
from floatip.model.settings.values import Lines, Many

Readers = Mapping[str, Callable[[object], Any]]
NONE: Final[Readers] = {}


class Block:
    """One dict of an inventory while it is read. `subject`: key → the setting as the subject of a sentence."""

    def __init__(self, reading: Reading, path: str, raw: Raw, subject: Callable[[str], Said]) -> None:
        self.reading, self.path, self.raw, self.subject = reading, path, raw, subject

    def values(self, rows: Iterable[Setting], readers: Readers = NONE) -> dict[str, Any]:
        """Key → value of all these settings; neutral ones for what is wrong. `readers`: for keys whose values can only
        be read by who knows more than the row."""
        return {row.key: self.value(row, readers.get(row.key, row.value.read)) for row in rows}

    def value(self, row: Setting, read: Callable[[object], Any]) -> Any:
        """One value."""
        neutral, raw = row.neutral if row.required else row.default, self.raw.get(row.key)
        if row.key not in self.raw or (raw is None and neutral is None):
            return neutral
        path, subject = join(self.path, row.key), self.subject(row.key)
        if isinstance(row.value, Lines):
            return lines(self.reading, path, subject, raw, row.value.block)
        if isinstance(row.value, Many):
            items = enumerate(self.reading.items(path, subject, raw))
            taken = (self.reading.take(f"{path}.{number}", subject, read, item, None) for number, item in items)
            return tuple(value for value in taken if value is not None)
        return self.reading.take(path, subject, read, raw, neutral)


def keys(rows: Iterable[Setting]) -> tuple[str, ...]:
    """What they are called."""
    return tuple(row.key for row in rows)


def required(rows: Iterable[Setting]) -> tuple[str, ...]:
    """What those are called that must be there."""
    return tuple(row.key for row in rows if row.required)
