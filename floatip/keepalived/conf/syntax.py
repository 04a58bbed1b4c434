"""keepalived.conf of anybody's making as a tree, and edits that leave the rest of the text alone.

The grammar is that of the daemon (lib/parser.c, 2.1.5 to 2.4.3): a statement is a line, or what stands before a brace;
a brace ends it wherever it is, even inside a word; `"` quotes anything but itself, even inside a word; `!` and `#`
begin a comment anywhere outside quotes. Where the daemon does more than that, the line is odd (`Tree.odd`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from floatip.keepalived.conf.masking import masked

BLANKS = r" \t\f\r\v"  # what the daemon takes for blanks: a no-break space is part of a word
TOKEN = re.compile(
    r'"(?P<quoted>[^"\n]*)(?P<closed>"?)|(?P<brace>[{}])|(?P<comment>[!#][^\n]*)|(?P<newline>\n)'
    rf'|(?P<word>(?:\\[!#"]|[^\n{{}}"!#{BLANKS}])+)(?P<glued>[!#][^\n]*)?'
)
PLAIN = re.compile(rf'[^\n{{}}"!#{BLANKS}]+')
DEEPEST = 20  # braces within braces; what keepalived knows has five
LONGEST = 1022  # bytes of a line: the daemon's buffer is 1024, with the end of the line and a NUL
# What the daemon replaces before it reads a statement: other files, definitions, lines for some servers, sequences.
REPLACED = re.compile(r"include[rmwba]?$|[$@~]")
ESCAPED = re.compile(r"\\[!#\"]")
STANDARD = re.compile(r"\$\{?_[A-Z]")  # definitions that are always there: ${_INSTANCE}, ${_RANDOM 1 9}
LAST_ESCAPED = re.compile(r"(?<!\\)(?:\\\\)*\\$")
PECULIAR = re.compile(r"[\\']")  # some keywords read their line once more, with '' and escapes
BOM = "\ufeff"


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


@dataclass(frozen=True, slots=True)
class Tree:
    """`statements`: those of the file; `odd`: the lines of which this grammar cannot tell what the daemon makes of
    them, 0 for the end of the file. Edits give another tree, and keep whatever they do not touch byte for byte."""

    text: str
    statements: list[Statement]
    odd: list[int]

    def blocks(self) -> dict[str, Statement]:
        """Top-level blocks by their heads."""
        return {
            statement.head: statement for statement in self.statements if statement.body is not None and statement.words
        }

    def block(self, head: str) -> str:
        """The whole text of a block, with braces and final newline; empty where it is not there."""
        statement = self.blocks().get(head)
        return self.text[statement.begin : self._after(statement)] if statement else ""

    def put(self, head: str, settings: Mapping[str, Iterable[str]]) -> Tree:
        """Single-line settings of a block exchanged where they are there, else added at its beginning."""
        block = self.blocks().get(head)
        if block is None:
            return self
        own = [statement for statement in block.body or [] if not statement.comment and statement.body is None]
        lines = {key: written([key, *words]) for key, words in settings.items()}
        newline = "\r\n" if "\r\n" in self.text else "\n"
        missing = lines.keys() - {statement.keyword for statement in own}
        added = "".join(f"{newline}    {line}" for key, line in lines.items() if key in missing)
        if added and not re.compile(r"[ \t]*(?:\r?\n|[!#]|$)").match(self.text, block.opened):
            added += newline
        changes = [
            (statement.begin, statement.end, lines[statement.keyword])
            for statement in own
            if statement.keyword in lines
        ]
        return self._edited([(block.opened, block.opened, added), *changes])

    def drop(self, head: str, keywords: Iterable[str]) -> Tree:
        """Single-line settings of a block left out, with their lines where nothing else stands there."""
        block, gone = self.blocks().get(head), set(keywords)
        body = (block.body or []) if block else []
        found = [
            statement
            for statement in body
            if not statement.comment and statement.body is None and statement.keyword in gone
        ]
        return self._edited([(self._before(statement), self._after(statement), "") for statement in found])

    def exchange(self, head: str, block: str) -> Tree:
        """The text of a whole block exchanged; empty: without it."""
        statement = self.blocks().get(head)
        return self._edited([(statement.begin, self._after(statement), block)] if statement else [])

    def _edited(self, changes: Iterable[tuple[int, int, str]]) -> Tree:
        """The parts between the places of these changes, which are in order and do not overlap."""
        parts, last = list[str](), 0
        for begin, end, text in changes:
            parts += [self.text[last:begin], text]
            last = end
        return read("".join([*parts, self.text[last:]]))

    def _before(self, statement: Statement) -> int:
        """Where its line begins, if there are but blanks before it."""
        return len(self.text[: statement.begin].rstrip(" \t"))

    def _after(self, statement: Statement) -> int:
        """Where it ends, with the end of its line where nothing else stands there."""
        rest = re.compile(r"[ \t]*\r?\n").match(self.text, statement.end)
        return rest.end() if rest else statement.end


def written(words: Iterable[str]) -> str:
    """Words as the daemon reads them from one line. ValueError where no line says them."""
    words = list(words)
    if any(re.search('["\n\0]', word) or word in ("{", "}") or LAST_ESCAPED.search(word) for word in words):
        raise ValueError("keepalived.conf has no way to write this")
    return _joined(words)


def _joined(words: Iterable[str]) -> str:
    return " ".join(word if PLAIN.fullmatch(word) else f'"{word}"' for word in words)


@dataclass(slots=True)
class _Reader:
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


@lru_cache(64)
def read(text: str) -> Tree:
    """The tree of a file. It never fails: what is no keepalived.conf comes out as odd statements."""
    reader = _Reader(text)
    for found in TOKEN.finditer(text, len(text) - len(text.removeprefix(BOM))):
        kind = found.lastgroup
        if kind == "newline":
            reader.newline(found.start())
        elif kind == "brace":
            reader.brace(found["brace"], found.start())
        elif kind == "comment":
            reader.comment(found)
        elif found["word"] is not None:
            reader.word(found)
        else:
            reader.quoted(found)
    reader.newline(len(text))
    if "\0" in text:
        reader.odd.append(text[: text.index("\0")].count("\n") + 1)
    first = reader.open[0][:1]
    if text.startswith(BOM) and first and first[0].line == 1 and not first[0].comment:
        reader.odd.append(1)  # the daemon takes the mark for a part of the word
    return Tree(text, reader.open[0], reader.odd + [0] * bool(reader.heads))


def tokens(text: str) -> Iterator[tuple[str, int, int]]:
    """Each word, quoted word, brace, comment and end of a line: what it is, and its place."""
    for found in TOKEN.finditer(text):
        kind = next(name for name in ("word", "quoted", "brace", "comment", "newline") if found[name] is not None)
        yield kind, found.start(), found.end("word") if kind == "word" else found.end()
        if found["glued"] is not None:
            yield "comment", found.start("glued"), found.end("glued")
