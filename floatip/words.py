"""Sentences that somebody else can say in another language: the text remembers what was filled in, and where.

The core speaks English. Whoever shows a text to a person may look up `template` in a catalogue and fill it anew.
"""

from __future__ import annotations

from typing import Final


class Said(str):
    """English text, with the template that it was made from and the values that stand in it."""

    template: str
    values: dict[str, object]


def say(template: str, /, **values: object) -> Said:
    """`template` with its {names} filled in; a value may have been said as well."""
    said = Said(template.format(**values))
    said.template, said.values = template, values
    return said


SILENT: Final = say("")  # nothing is said here
