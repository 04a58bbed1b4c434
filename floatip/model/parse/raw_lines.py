"""The escape hatch: raw lines for keepalived.conf, passed on unchecked, but never able to leave their place.

keepalived reads line by line: words, quotes, `!` and `#` comments, braces, `include`, and lines that
begin with `@`, `$` or `~` are rewritten before they are read (keepalived.conf(5)).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from floatip.model.fields import Wrong, show, text
from floatip.model.messages import Said, say
from floatip.model.parse.reading import Reading
from floatip.model.problems import Level
from floatip.model.settings import CHECKS, GLOBAL, NODE, keyworded

LONGEST = 1000
"""Bytes: the daemon's buffer holds 1022, and each line is set in by some blanks."""
FRAME = frozenset({"state", "preempt", "auth_type", "auth_pass", "vrrp_instance", "global_defs"})
FRAME |= {"router_id", "enable_script_security", "script_user", "vrrp_version"}
OURS = FRAME | {name for name, row in keyworded().items() if row.managed and not row.tolerated}
TOKEN = re.compile(r'"(?P<quoted>[^"]*)(?P<closed>"?)|(?P<brace>[{}])|(?P<comment>[!#].*)|(?P<word>[^\s{}"!#]+)')
"""What the daemon sees in a line (lib/parser.c): `floatip.keepalived.conf.syntax` reads whole files so."""


OF_CHECKS = frozenset({"script", "user", *(name for row in CHECKS for name in row.rendered)})
OF_ALL = frozenset({"vrrp_higher_prio_send_advert", "enable_script_security", "script_user", "vrrp_version"})
OF_ALL |= {name for row in (*GLOBAL, *NODE) for name in row.rendered}
SET: Mapping[str, frozenset[str]] = {"": OURS, "global_defs": OF_ALL, "vrrp_script": OF_CHECKS}
"""Block → what floatip sets there itself; raw lines may not."""


def line(raw: object, block: str = "") -> str:
    """One raw line that stays one line, pulls in no other file and sets nothing that floatip sets in this block."""
    value = text(raw)
    if len(value.encode("utf-8", "replace")) > LONGEST or value.endswith("\\"):
        hint = say("At most {longest} bytes, and no \\ at the end.", longest=LONGEST)
        raise Wrong("bad-line", say("is {value}.", value=show(value)), hint)
    _plain_structure(value)
    for words in _statements(value):
        _allowed(value, words, SET[block])
    return value


def _statements(value: str) -> Iterator[list[str]]:
    """The words of each statement: braces end one, comments are none."""
    words: list[str] = []
    for found in TOKEN.finditer(value):
        if found["brace"]:
            yield words
            words = []
        elif found["comment"] is None:
            words.append(found["word"] if found["word"] is not None else found["quoted"])
    yield words


def _allowed(value: str, words: Sequence[str], ours: Collection[str]) -> None:
    first = words[0] if words else ""
    if first.startswith("include"):
        raise Wrong(
            "include",
            say("is {value}, which includes another file.", value=show(value)),
            say("Write the lines themselves here."),
        )
    if value[0] in "@$~" or first[:1] in ("@", "$", "~"):
        raise Wrong(
            "bad-line",
            say("is {value}; keepalived rewrites lines with this beginning.", value=show(value)),
            say("Write the plain line."),
        )
    if first in ours:
        raise Wrong(
            "managed-line",
            say("is {value}, but floatip sets {first} itself.", value=show(value), first=first),
            say("Set {first} by its own name.", first=first),
        )
    if first.startswith("notify") and "root" in words[1:]:
        raise Wrong(
            "script-as-root",
            say("is {value}, which runs a script as root.", value=show(value)),
            say("Choose another user."),
        )


def _plain_structure(value: str) -> None:
    """Nothing of which it is hard to tell what the daemon makes of it, and nothing that looks like something else."""
    found = list(TOKEN.finditer(value))
    if any(token["quoted"] is not None and not token["closed"] for token in found):
        raise Wrong(
            "unbalanced-quote",
            say("is {value}, with a quote that does not end.", value=show(value)),
            say("Close the quote."),
        )
    braces = any(token["brace"] for token in found)
    hidden = any(
        token["quoted"] in ("{", "}") or (braces and re.search(r"[{}]", token["comment"] or "")) for token in found
    )
    escaped = any(re.search(r"\\$|[\\']" if braces else r"\\$", token["word"] or "") for token in found[:-1] or found)
    replaced = any(re.search(r"\$\{?_[A-Z]|\\$", token["quoted"] or "") for token in found)
    if hidden or escaped or replaced:
        raise Wrong(
            "bad-line",
            say("is {value}: braces together with quotes, a comment or a backslash.", value=show(value)),
            say("Use separate lines."),
        )


def lines(reading: Reading, path: str, subject: Said, raw: object, block: str = "") -> tuple[str, ...]:
    """All raw lines of one block: each checked, their braces balanced, and an info that they are unchecked."""
    found = reading.items(path, subject, raw)
    kept = [
        str(item)
        for number, item in enumerate(found)
        if reading.accepts(
            f"{path}.{number}",
            say("Line {number} of {subject}", number=number + 1, subject=subject),
            lambda item: line(item, block),
            item,
        )
    ]
    if len(kept) == len(found) and not _balanced(kept):
        message = say("{subject} have unbalanced braces.", subject=subject)
        reading.add(path, "unbalanced-braces", message, say("Give every {{ its }} within these lines."))
    if kept:
        message = say("{subject} go into keepalived.conf unchanged and unchecked.", subject=subject)
        reading.add(path, "unchecked", message, say("Try them with --dry first."), Level.INFO)
    return tuple(kept)


def _balanced(kept: list[str]) -> bool:
    depth = 0
    for found in (token for line in kept for token in TOKEN.finditer(line) if token["brace"]):
        depth += 1 if found["brace"] == "{" else -1
        if depth < 0:
            return False
    return depth == 0
