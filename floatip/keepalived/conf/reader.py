"""From tokens to statements, as the daemon reads them, and which lines are odd: where it does more than that."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from floatip.keepalived.conf.statement import LAST_ESCAPED, Statement

DEEPEST = 20  # braces within braces; what keepalived knows has five
LONGEST = 1022  # bytes of a line: the daemon's buffer is 1024, with the end of the line and a NUL
# What the daemon replaces before it reads a statement: other files, definitions, lines for some servers, sequences.
REPLACED = re.compile(r"include[rmwba]?$|[$@~]")
ESCAPED = re.compile(r"\\[!#\"]")
STANDARD = re.compile(r"\$\{?_[A-Z]")  # definitions that are always there: ${_INSTANCE}, ${_RANDOM 1 9}
PECULIAR = re.compile(r"[\\']")  # some keywords read their line once more, with '' and escapes


@dataclass(slots=True)
class Reader:
    """`open`: the statements of each block that is not closed yet; `heads`: what these blocks belong to; `present`: the
    statement that goes on; `deeper`: braces beyond what is read."""

    text: str
    open: list[list[Statement]] = field(default_factory=lambda: [[]])
    heads: list[Statement] = field(default_factory=list)
    present: Statement | None = None
    line: int = 1
    odd: list[int] = field(default_factory=list)
    deeper: int = 0

    def quoted(self, found: re.Match[str]) -> None:
        """It is odd where it does not end, or not for the daemon's first pass, and where it looks like a brace."""
        word = found["quoted"]
        odd = not found["closed"] or LAST_ESCAPED.search(word) or STANDARD.search(word) or word in ("{", "}")
        self._word(word, found.start(), found.end(), bool(odd), glued=self._glued(found.start()))

    def word(self, found: re.Match[str]) -> None:
        """It is odd where it, or its line, is replaced by something else, or goes on."""
        word, comment = found["word"], found["glued"] or ""
        standard = STANDARD.search(self.text, found.start(), found.end("word") + len("{_A"))
        odd = bool(ESCAPED.search(word) or standard or comment.endswith("\\"))
        odd = odd or (self.present is None and bool(REPLACED.match(word)))
        glued = self.text[found.start() - 1 : found.start()] == '"' and self._glued(found.start())
        self._word(word, found.start(), found.end("word"), odd, glued=glued)

    def _glued(self, begin: int) -> bool:
        return self.present is not None and self.present.end == begin

    def _word(self, word: str, begin: int, end: int, odd: bool, *, glued: bool) -> None:
        if odd:
            self.odd.append(self.line)
        if self.present is None:
            self.present = Statement([], self.line, begin=begin)
            self.open[-1].append(self.present)
        statement = self.present
        statement.words.append(word)
        statement.end = end
        if glued or statement.exact or PECULIAR.search(word):
            statement.exact = self.text[statement.begin : end]

    def end(self) -> None:
        """A statement ends: at the end of its line, or before a brace."""
        self.present = None

    def comment(self, found: re.Match[str]) -> None:
        self.end()
        text = found["comment"]
        if text.rstrip("\r").endswith("\\"):  # 2.1.5 to 2.3.3 keep it, as a part of the word before
            self.odd.append(self.line)
        statement = Statement([text.rstrip()], self.line, comment=True, begin=found.start(), end=found.end())
        self.open[-1].append(statement)

    def newline(self, at: int) -> None:
        begin = self.text.rfind("\n", 0, at) + 1
        if re.search(r"\\\r*$", self.text[begin:at]) and self.line not in self.odd[-1:]:
            self.odd.append(self.line)
        if at - begin > LONGEST // 4 and len(self.text[begin:at].encode("utf-8", "surrogateescape")) > LONGEST:
            self.odd.append(self.line)
        self.end()
        self.line += 1

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
        last = next((statement for statement in reversed(self.open[-1]) if not statement.comment), None)
        if last is None or last.body is not None:
            self.odd.append(self.line)
            last = Statement([], self.line, begin=at)
            self.open[-1].append(last)
        last.body, last.opened, last.end = [], at + 1, at + 1
        self.heads.append(last)
        self.open.append(last.body)
