"""What is shown of a file: nothing of its passwords."""

from __future__ import annotations

import re

from floatip.model.cluster import UNKNOWN_PASSWORD
from floatip.model.messages import say
from floatip.model.passwords import in_definitions, named

SECRET = re.compile(r"^(.*?\bauth_pass\b[\"']?[^\S\n]*)(\S.*?)(?=[ \t]+\\$|$)", re.MULTILINE)
MASK = UNKNOWN_PASSWORD
OLD, NEW = say("… (another one)"), say("… (the wanted one)")
"""What stands for each of two that differ: MASK, and which it is."""


def masked(text: str, names: frozenset[str] | None = None) -> str:
    """The text of a file, or of a difference between two, to be shown: without passwords, and without odd bytes.
    `names`: of definitions that have one, in whatever file they are used."""

    def mask(found: re.Match[str]) -> str:
        return found[0] if found[2] in (OLD, NEW) else f"{found[1]}{MASK}"

    text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return SECRET.sub(mask, in_definitions(text, mask, named(text) if names is None else names))


def masked_apart(now: str, then: str) -> tuple[str, str]:
    """Two texts to be compared by a person: without passwords, but it shows where they have different ones."""
    known = [{found[2] for found in SECRET.finditer(text)} for text in (now, then)]
    same = known[0] & known[1] if MASK not in known[0] | known[1] else known[0] | known[1]

    def apart(text: str, word: str) -> str:
        return masked(SECRET.sub(lambda found: found[0] if found[2] in same else f"{found[1]}{word}", text))

    return apart(now, OLD), apart(then, NEW)
