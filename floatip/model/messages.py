"""Sentences that somebody else can say in another language: the text remembers what was filled in, and where.

The core speaks English. Whoever shows a text to a person may look up `template` in a catalogue and fill it anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import reduce
from types import MappingProxyType
from typing import Any, Final


class Said(str):
    """English text, with the template that it was made from and the values that stand in it. `code`: what it is called
    where something hangs on it; nothing is decided by its wording."""

    template: str = ""
    values: Mapping[str, object] = MappingProxyType({})
    code: StrEnum | None = None


def say(template: str, /, **values: object) -> Said:
    """`template` with its {names} filled in; a value may have been said as well."""
    said = Said(template.format(**values))
    said.template, said.values = template, values
    return said


def coded(code: StrEnum, sentence: Said) -> Said:
    """The same sentence, with this code."""
    found = Said(sentence)
    found.template, found.values, found.code = sentence.template, sentence.values, code
    return found


def dumped(value: object) -> object:
    """A sentence with what is filled in, for JSON; anything else as it is."""
    if isinstance(value, Said) and value.template:
        return {"template": value.template, "values": {key: dumped(item) for key, item in value.values.items()}}
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def loaded(value: Any) -> Any:
    """The sentence again; anything else that may be filled in stays what it is."""
    if isinstance(value, dict):
        template: str = value["template"]
        return say(template, **{key: loaded(item) for key, item in value["values"].items()})
    return Said(value) if isinstance(value, str) else value


NO_MESSAGE: Final = Said()


def all_of(names: Iterable[object]) -> Said:
    """One or more names: d1, d2 and d3."""
    *first, last = map(_said, names)
    return say("{left} and {right}", left=_listed(first), right=last) if first else last


def any_of(names: Iterable[object]) -> Said:
    """One or more names: d1, d2 or d3."""
    *first, last = map(_said, names)
    return say("{left} or {right}", left=_listed(first), right=last) if first else last


def one_after_the_other(sentences: Iterable[Said]) -> Said:
    """One or more sentences."""
    return reduce(lambda left, right: say("{left} {right}", left=left, right=right), sentences)


def _listed(names: Iterable[Said]) -> Said:
    return reduce(lambda left, right: say("{left}, {right}", left=left, right=right), names)


def _said(name: object) -> Said:
    return name if isinstance(name, Said) else say("{name}", name=name)
