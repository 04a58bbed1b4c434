"""The escape hatch: raw lines for keepalived.conf, passed on unchecked, but never able to leave their place.

keepalived reads line by line: words, quotes, `!` and `#` comments, braces, `include`, and lines that
begin with `@`, `$` or `~` are rewritten before they are read (keepalived.conf(5)).
"""

from __future__ import annotations

import re

from floatip.model.fields import Wrong, show, text
from floatip.model.messages import Said, say
from floatip.model.parse.reading import Reading
from floatip.model.problems import Level
from floatip.model.settings import keyword, keyworded

LONGEST = 300
FRAME = frozenset({"state", "preempt", "auth_type", "auth_pass", "vrrp_instance", "global_defs"})
FRAME |= {"router_id", "enable_script_security", "script_user", "vrrp_version"}
OURS = FRAME | {name for name, row in keyworded().items() if row.managed and not row.tolerated}


def line(raw: object) -> str:
    """One raw line that stays one line, pulls in no other file and sets nothing that floatip sets."""
    value = text(raw)
    first = keyword(value)
    if not value.isascii() or len(value) > LONGEST or value.endswith("\\"):
        raise Wrong(
            "bad-line",
            say("is {value}.", value=show(value)),
            say("Plain ASCII, at most {longest} characters, no \\ at the end.", longest=LONGEST),
        )
    if first.startswith("include"):
        raise Wrong(
            "include",
            say("is {value}, which pulls in another file.", value=show(value)),
            say("Write the lines themselves here."),
        )
    if value[0] in "@$~":
        raise Wrong(
            "bad-line",
            say("is {value}; keepalived rewrites lines that begin so.", value=show(value)),
            say("Write the plain line."),
        )
    if first in OURS:
        raise Wrong(
            "managed-line",
            say("is {value}, but floatip sets {first} itself.", value=show(value), first=first),
            say("Set {first} by its own name.", first=first),
        )
    if first.startswith("notify") and re.search(r"\sroot\b", value):
        raise Wrong(
            "script-as-root",
            say("is {value}, which runs a script as root.", value=show(value)),
            say("Name another user."),
        )
    _plain_structure(value)
    return value


def _plain_structure(value: str) -> None:
    if value.count('"') % 2:
        raise Wrong(
            "unbalanced-quote",
            say("is {value}, with a quote that does not end.", value=show(value)),
            say("Close the quote."),
        )
    if re.search(r"[{}]", value) and re.search(r"[\"'#!\\]", value):
        raise Wrong(
            "bad-line",
            say("is {value}: braces together with quotes or a comment.", value=show(value)),
            say("Use separate lines."),
        )


def lines(reading: Reading, path: str, subject: Said, raw: object) -> tuple[str, ...]:
    """All raw lines of one block: each checked, their braces balanced, and an info that they are unchecked."""
    found = reading.items(path, subject, raw)
    kept = [
        str(item)
        for number, item in enumerate(found)
        if reading.accepts(
            f"{path}.{number}", say("Line {number} of {subject}", number=number + 1, subject=subject), line, item
        )
    ]
    if len(kept) == len(found) and not _balanced(kept):
        message = say("{subject} do not close exactly the braces that they open.", subject=subject)
        reading.add(path, "unbalanced-braces", message, say("Give every {{ its }} within these lines."))
    if kept:
        message = say("{subject} go into keepalived.conf as they are, unchecked.", subject=subject)
        reading.add(path, "unchecked", message, say("Try them with --dry first."), Level.INFO)
    return tuple(kept)


def _balanced(kept: list[str]) -> bool:
    depth = 0
    for brace in re.findall(r"[{}]", "\n".join(kept)):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0
