"""keepalived.conf of anybody's making as a tree: words, quotes, `!` and `#` comments, braces (keepalived.conf(5))."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

TOKEN = re.compile(r'"([^"]*)"?|([{}])|([!#].*)|([^\s{}"!#][^\s{}"]*)')
DEEPEST = 20  # braces within braces; what keepalived knows has five
SECRET = re.compile(r"^(.*?\bauth_pass\b[\"']?[ \t]+)\S.*$", re.MULTILINE)


@dataclass(slots=True)
class Statement:
    """One statement. `line`: where it begins, from 1; `body`: what stands in its braces, None where it has none."""

    words: list[str]
    line: int
    body: list[Statement] | None = None
    comment: bool = False

    @property
    def keyword(self) -> str:
        """Its first word."""
        return self.words[0] if self.words else ""

    @property
    def text(self) -> str:
        """On one line, as it could be written again, without its body; a password is left out."""
        if self.comment:
            return masked(self.words[0])
        words = (word if re.fullmatch(r"[^\s{}\"!#]+", word) else f'"{word}"' for word in self.words)
        return masked(" ".join(words))

    def lines(self) -> list[str]:
        """All of it, as it could be written again."""
        if self.body is None:
            return [self.text]
        return [f"{self.text} {{", *(line for one in self.body for line in one.lines()), "}"]

    def all(self) -> list[Statement]:
        """This one and whatever stands in it."""
        return [self, *(deep for one in self.body or [] for deep in one.all())]


@dataclass(slots=True)
class _Reader:
    open: list[list[Statement]] = field(default_factory=lambda: [[]])
    words: list[str] = field(default_factory=list)
    line: int = 1
    deeper: int = 0

    def end(self) -> None:
        """A statement ends: at the end of its line, or before a brace."""
        if self.words:
            self.open[-1].append(Statement(self.words, self.line))
            self.words = []

    def brace(self, sign: str) -> None:
        self.end()
        if sign == "}":
            if self.deeper:
                self.deeper -= 1
            elif len(self.open) > 1:
                self.open.pop()
            return
        if len(self.open) > DEEPEST:
            self.deeper += 1
            self.open[-1].append(Statement([sign], self.line))
            return
        last = next((one for one in reversed(self.open[-1]) if not one.comment), None)
        if last is None or last.body is not None:
            last = Statement([], self.line)
            self.open[-1].append(last)
        last.body = []
        self.open.append(last.body)


def read(text: str) -> list[Statement]:
    """The statements of a file. It never fails: what is no keepalived.conf comes out as odd statements."""
    reader = _Reader()
    for reader.line, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):  # as keepalived parts its lines
        for found in TOKEN.finditer(line.rstrip()):
            quoted, sign, comment, word = found.groups()
            if sign:
                reader.brace(sign)
            elif comment:
                reader.end()
                reader.open[-1].append(Statement([comment], reader.line, comment=True))
            else:
                reader.words.append(word if word is not None else quoted)
        reader.end()
    return reader.open[0]


def masked(text: str) -> str:
    """The text of a file, or of a difference between two, to be shown: without passwords, and without odd bytes."""
    return SECRET.sub(r"\1…", text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
