"""A unified diff as rows for a code panel: which file, where in it, and what goes or comes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from floatip.model.diffs import DEPLOYED, NOW
from floatip.model.paths import KEEPALIVED_CONF
from wizard.show import highlight, literals

HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@.*")
Kind = Literal["head", "gap", "gone", "added", "same"]
SIGNS: dict[str, Kind] = {"-": "gone", "+": "added"}


@dataclass(frozen=True, slots=True)
class Row:
    """`kind`: head for the path of a file, gap for lines that are left out; `text`: with its sign; `number`: of the
    line in the file that has it: the earlier one for what goes, else the later one."""

    kind: Kind
    text: str | Markup
    number: int | None = None


def rows(diff: Sequence[str]) -> list[Row]:
    """Of one file or of several, each of which begins with its two heads. The path is shown where there are several."""
    found = list(_rows(diff))
    several = sum(row.kind == "head" for row in found) > 1
    return [row for row in found if row.kind != "head" or several]


def _rows(diff: Sequence[str]) -> Iterator[Row]:
    """A line is what the counts of its hunk make it: text of a file may look like a head."""
    path, later, lines = "", False, iter(diff)
    for line in lines:
        if hunk := HUNK.fullmatch(line):
            if later:
                yield Row("gap", "⋯")
            later = True
            yield from _hunk(lines, path, *(int(hunk[part] or 1) for part in (1, 2, 3, 4)))
        elif line.startswith("--- "):
            path, later = line[4:].removesuffix(f" {NOW}"), False
            yield Row("head", path)


def _hunk(lines: Iterator[str], path: str, before: int, gone: int, after: int, added: int) -> Iterator[Row]:
    """The next lines, as many as are said."""
    ends = before + gone, after + added
    while before < ends[0] or after < ends[1]:
        if (line := next(lines, None)) is None:
            return
        kind = SIGNS.get(line[:1], "same")
        yield Row(kind, _coloured(line, path), before if kind == "gone" else after)
        before, after = before + (kind != "added"), after + (kind != "gone")


def _coloured(line: str, path: str) -> str | Markup:
    if path == KEEPALIVED_CONF:
        return Markup.escape(line[:1]) + Markup("").join(highlight.lines(line[1:], explain=False))
    return Markup.escape(line[:1]) + Markup("").join(literals.lines(line[1:])) if path == DEPLOYED else line
