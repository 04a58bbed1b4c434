"""keepalived.conf of anybody's making as a tree, and edits that leave the rest of the text alone.

The grammar is that of the daemon (lib/parser.c, 2.1.5 to 2.4.3): a statement is a line, or what stands before a brace;
a brace ends it wherever it is, even inside a word; `"` quotes anything but itself, even inside a word; `!` and `#`
begin a comment anywhere outside quotes. Where the daemon does more than that, the line is odd (`Tree.odd`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from floatip.keepalived.conf.reader import Reader
from floatip.keepalived.conf.statement import Statement, written
from floatip.keepalived.conf.tokens import TOKEN

BOM = "\ufeff"


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


@lru_cache(64)
def read(text: str) -> Tree:
    """The tree of a file. It never fails: what is no keepalived.conf comes out as odd statements."""
    reader = Reader(text)
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
