"""A statement of keepalived.conf: its words, where it stands, and how it is written again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from floatip.keepalived.conf.masking import masked
from floatip.keepalived.conf.tokens import BLANKS

PLAIN = re.compile(rf'[^\n{{}}"!#{BLANKS}]+')
LAST_ESCAPED = re.compile(r"(?<!\\)(?:\\\\)*\\$")


@dataclass(slots=True)
class Statement:
    """One statement. `line`: where it begins, from 1; `body`: what stands in its braces, None where it has none;
    `begin`, `end`: its place in the text; `opened`: the place after its opening brace; `exact`: its words as they
    stand there, where more than the words may count."""

    words: list[str]
    line: int
    body: list[Statement] | None = None
    comment: bool = False
    begin: int = 0
    end: int = 0
    opened: int = 0
    exact: str = ""

    @property
    def keyword(self) -> str:
        """Its first word."""
        return self.words[0] if self.words else ""

    @property
    def head(self) -> str:
        """All its words, to find a block by: `vrrp_instance VI_1`."""
        return " ".join(self.words)

    @property
    def written(self) -> str:
        """On one line, as it could be written again, without its body."""
        return self.words[0] if self.comment else self.exact or _joined(self.words)

    @property
    def text(self) -> str:
        """The same, to be shown: a password is left out."""
        return masked(self.written)

    def lines(self) -> list[str]:
        """All of it, as it could be written again; a comment stays behind what it stands behind."""
        if self.body is None:
            return [self.text]
        made, last = [f"{self.text} {{".lstrip()], 0
        for statement in self.body:
            lines = statement.lines()
            if statement.comment and statement.line == last:
                made[-1] += f"  {lines[0]}"
            else:
                made += lines
            last = 0 if statement.comment or statement.body is not None else statement.line
        return [*made, "}"]

    def all(self) -> list[Statement]:
        """This one and whatever stands in it."""
        return [self, *(deep for statement in self.body or [] for deep in statement.all())]


def written(words: Iterable[str]) -> str:
    """Words as the daemon reads them from one line. ValueError where no line says them."""
    words = list(words)
    if any(re.search('["\n\0]', word) or word in ("{", "}") or LAST_ESCAPED.search(word) for word in words):
        raise ValueError("keepalived.conf has no way to write this")
    return _joined(words)


def _joined(words: Iterable[str]) -> str:
    return " ".join(word if PLAIN.fullmatch(word) else f'"{word}"' for word in words)
