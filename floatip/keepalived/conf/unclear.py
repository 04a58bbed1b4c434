"""Of which line nobody can tell here what the daemon makes of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from floatip.keepalived.conf.defaults import BARE, DEFAULTS, LISTS, SECTIONS
from floatip.keepalived.conf.masking import masked
from floatip.keepalived.conf.statement import Statement
from floatip.keepalived.conf.syntax import Tree, read

INSTANCE = "vrrp_instance"
"""The keyword of an instance's block; its name follows."""
COUNTED = frozenset({*DEFAULTS[INSTANCE], "interface", "virtual_router_id"})
"""Settings of an instance of which sometimes the first and sometimes the last one counts."""


def unclear(text: str) -> str:
    """The first such line, to be shown; empty for none."""
    whole, texts = read(text), text.rstrip().split("\n")
    found = min([line or len(texts) for line in (*whole.odd, *_lines(whole))], default=0)
    line = texts[min(found, len(texts)) - 1] if found else ""
    return "".join(sign for sign in masked(line).strip() if sign.isprintable())[:80] or "-" * bool(found)


def fits(keyword: str, words: Sequence[str]) -> bool:
    """Whether the daemon takes this value; otherwise it says so, and some releases go on with the default."""
    value = next(iter(words), "")
    if keyword == "priority":
        return bool(re.fullmatch(r"[0-9]{1,9}", value, re.ASCII)) and 1 <= int(value) <= 255
    if keyword == "version":
        return value in ("2", "3")
    if keyword == "advert_int":
        return bool(re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value, re.ASCII)) and 0.01 <= float(value) <= 255
    return keyword not in ("state", "interface", "virtual_router_id") or bool(value)


def _lines(whole: Tree) -> Iterator[int]:
    heads = Counter(statement.head for statement in whole.statements if statement.keyword == INSTANCE)
    for statement in whole.statements:
        if statement.keyword == INSTANCE and (len(statement.words) != 2 or heads[statement.head] > 1):
            yield statement.line
        if statement.keyword == INSTANCE:
            yield from _settings(statement)
    yield from _misplaced(whole.statements)


def _settings(instance: Statement) -> Iterator[int]:
    seen: dict[str, list[str]] = {}
    for statement in instance.body or []:
        again = statement.keyword in COUNTED and seen.setdefault(statement.keyword, statement.words) != statement.words
        if again or (
            statement.body is None and not statement.comment and not fits(statement.keyword, statement.words[1:])
        ):
            yield statement.line


def _misplaced(statements: Iterable[Statement]) -> Iterator[int]:
    """Braces where the daemon ignores them and takes what they hold for settings of the block around them, and none
    where it looks for them on the lines that follow."""
    for statement in statements:
        if statement.comment:
            continue
        if statement.body is None:
            if statement.keyword in (SECTIONS | LISTS) - BARE:
                yield statement.line
        elif statement.keyword in SECTIONS:
            yield from _misplaced(statement.body)
        else:
            inner = [deep for deep in statement.body if deep.body is not None]
            yield from [statement.line] if statement.keyword not in LISTS else [deep.line for deep in inner]
