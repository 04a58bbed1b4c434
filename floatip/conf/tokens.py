"""keepalived.conf of anybody's making as a tree: words, quotes, `!` and `#` comments, braces (keepalived.conf(5))."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

TOKEN = re.compile(r'"([^"\n]*)("?)|([{}])|([!#][^\n]*)|([^\s{}"!#]+)(?:[!#][^\n]*)?|(\n)')
DEEPEST = 20  # braces within braces; what keepalived knows has five
SECRET = re.compile(r"^(.*?\bauth_pass\b[\"']?[ \t]+)\S.*$", re.MULTILINE)
# What the daemon replaces before it reads a line: other files, definitions, lines for some servers only, sequences,
# continued lines and escaped signs.
REPLACED = re.compile(r"^(?:include|\$|@|~)|~(?:SEQ|LST)\(|\\$|\\[\"!#]")


@dataclass(slots=True)
class Statement:
    """One statement. `line`: where it begins, from 1; `body`: what stands in its braces, None where it has none;
    `begin`, `end`: its place in the text; `opened`: the place after its opening brace."""

    words: list[str]
    line: int
    body: list[Statement] | None = None
    comment: bool = False
    begin: int = 0
    end: int = 0
    opened: int = 0

    @property
    def keyword(self) -> str:
        """Its first word."""
        return self.words[0] if self.words else ""

    @property
    def written(self) -> str:
        """On one line, as it could be written again, without its body."""
        if self.comment:
            return self.words[0]
        return " ".join(word if re.fullmatch(r"[^\s{}\"!#]+", word) else f'"{word}"' for word in self.words)

    @property
    def text(self) -> str:
        """The same, to be shown: a password is left out."""
        return masked(self.written)

    def lines(self) -> list[str]:
        """All of it, as it could be written again."""
        if self.body is None:
            return [self.text]
        return [f"{self.text} {{", *(line for one in self.body for line in one.lines()), "}"]

    def all(self) -> list[Statement]:
        """This one and whatever stands in it."""
        return [self, *(deep for one in self.body or [] for deep in one.all())]


@dataclass(slots=True)
class Tree:
    """`statements`: those of the file; `odd`: the lines of which this grammar cannot tell what the daemon makes of
    them, 0 for the end of the file."""

    statements: list[Statement]
    odd: list[int]


@dataclass(slots=True)
class _Reader:
    open: list[list[Statement]] = field(default_factory=lambda: [[]])
    heads: list[Statement] = field(default_factory=list)
    present: Statement | None = None
    line: int = 1
    odd: list[int] = field(default_factory=list)
    deeper: int = 0

    def word(self, text: str, begin: int, end: int) -> None:
        if self.present is None:
            self.present = Statement([], self.line, begin=begin)
            self.open[-1].append(self.present)
        self.present.words.append(text)
        self.present.end = end

    def end(self) -> None:
        """A statement ends: at the end of its line, or before a brace."""
        self.present = None

    def brace(self, sign: str, at: int) -> None:
        self.end()
        if sign == "}":
            if self.deeper:
                self.deeper -= 1
            elif self.heads:
                self.heads.pop().end = at + 1
                self.open.pop()
            else:
                self.odd.append(self.line)
            return
        if len(self.open) > DEEPEST:
            self.deeper += 1
            self.odd.append(self.line)
            self.open[-1].append(Statement([sign], self.line, begin=at, end=at + 1))
            return
        last = next((one for one in reversed(self.open[-1]) if not one.comment), None)
        if last is None or last.body is not None:
            self.odd.append(self.line)
            last = Statement([], self.line, begin=at)
            self.open[-1].append(last)
        last.body, last.opened, last.end = [], at + 1, at + 1
        self.heads.append(last)
        self.open.append(last.body)


def read(text: str) -> list[Statement]:
    """The statements of a file. It never fails: what is no keepalived.conf comes out as odd statements."""
    return tree(text).statements


def tree(text: str) -> Tree:
    """The same, with the lines that this grammar does not understand."""
    reader = _Reader()
    for found in TOKEN.finditer(text, len(text) - len(text.removeprefix("\ufeff"))):
        quoted, closed, sign, comment, word, newline = found.groups()
        if newline:
            reader.end()
            reader.line += 1
        elif sign:
            reader.brace(sign, found.start())
        elif comment:
            reader.end()
            one = Statement([comment.rstrip()], reader.line, comment=True, begin=found.start(), end=found.end())
            reader.open[-1].append(one)
        else:
            if (word and REPLACED.search(word)) or (word is None and not closed):
                reader.odd.append(reader.line)
            reader.word(word if word is not None else quoted, *found.span())
    return Tree(reader.open[0], reader.odd + [0] * bool(reader.heads))


def masked(text: str) -> str:
    """The text of a file, or of a difference between two, to be shown: without passwords, and without odd bytes."""
    return SECRET.sub(r"\1…", text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
