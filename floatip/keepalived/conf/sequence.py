"""`~SEQ(NAME, …) LINE`: the line once for each number, as `add_seq` of keepalived's lib/parser.c counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

PATTERN = re.compile(r"~SEQ(x?)[ \t]*\([ \t]*([^\s,)]+)[ \t]*,([^)]*)\)[ \t]*(.*)")
NUMBER = re.compile(r"[ \t]*(-?)(0[xX][0-9a-fA-F]{1,8}|[0-9]{1,9})[ \t]*", re.ASCII)
MOST = 1000  # values


@dataclass(frozen=True, slots=True)
class Repeated:
    """`text` once for each of the values of the definition `name`."""

    name: str
    values: Sequence[str]
    text: str


def sequence(line: str, replaced: Callable[[str], str]) -> Repeated | None:
    """What it says; None where keepalived takes it for invalid, or it has no end in sight. `replaced`: puts values for
    the definitions among the numbers."""
    found = PATTERN.fullmatch(line)
    if found is None:
        return None
    read = [NUMBER.fullmatch(number) for number in replaced(found[3]).split(",")]
    numbers = [_number(number[1], number[2]) for number in read if number]
    if len(numbers) != len(read) or not 1 <= len(numbers) <= 3:
        return None
    counted = _counted(numbers)
    if not counted or len(counted) > MOST or (found[1] and min(counted) < 0):
        return None
    return Repeated(found[2], [f"{number:x}" if found[1] else str(number) for number in counted], found[4])


def _number(sign: str, digits: str) -> int:
    """As strtol reads it: with 0x in front it is hexadecimal, with 0 octal."""
    base = 16 if digits[:2] in ("0x", "0X") else 8 if digits[0] == "0" and re.fullmatch("[0-7]+", digits) else 10
    return int(f"{sign}{digits}", base)


def _counted(numbers: Sequence[int]) -> range:
    """(last), (first, last) or (first, step, last); empty where that makes no sense."""
    match numbers:
        case [last]:
            first, step = -1 if last < 0 else 1, -1 if last < 1 else 1
        case [first, last]:
            step = 1 if first <= last else -1
        case _:
            first, step, last = numbers
            if not step or (last - first) * step < 0:
                return range(0)
    return range(first, last + (1 if step > 0 else -1), step)
