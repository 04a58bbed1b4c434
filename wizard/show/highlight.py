"""keepalived.conf line by line, with colours, with what is not known yet, and with what each keyword means."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markupsafe import Markup

from floatip.keepalived.conf import tokens
from wizard.language import tell
from wizard.show import explained

NUMBER = re.compile(r"[0-9][0-9a-f.:/]*")
BLANK = re.compile("\u2039[^\u203a]*\u203a")
WORD = Markup('<span class="{}">{}</span>')
MEANT = Markup('<span class="k why" tabindex="0" aria-description="{}">{}</span>')
UNKNOWN = Markup('<mark class="blank">{}</mark>')


def lines(text: str, *, explain: bool = True) -> list[Markup]:
    """Each line as HTML; the classes are those that Pygments gives: k keyword, m number, c comment, p brace.
    `explain`: keywords can be pointed at; of no use where the text is torn out of its blocks."""
    made, last = [Markup("")], 0
    for begin, end, shown in _parts(text, explain=explain):
        made[-1] += text[last:begin]
        if text[begin:end] == "\n":
            made.append(Markup(""))
        else:
            made[-1] += shown
        last = end
    made[-1] += text[last:]
    return made[:-1] if text.endswith("\n") else made


def _parts(text: str, *, explain: bool) -> Iterator[tuple[int, int, Markup]]:
    """The place of each word, brace, comment and end of a line, and how it is shown."""
    blocks, keyword = list[str](), ""
    for kind, begin, end in tokens(text):
        word = text[begin:end]
        first = kind in ("word", "quoted") and not keyword
        if kind == "brace":
            blocks = [*blocks, keyword or "-"] if word == "{" else blocks[:-1]
        yield begin, end, _word(kind, word, blocks if explain else None, first=first)
        keyword = word if first else "" if kind in ("brace", "newline") else keyword


def _word(kind: str, word: str, blocks: list[str] | None, *, first: bool) -> Markup:
    if kind == "comment":
        return WORD.format("c", _blanks(word))
    if kind == "brace":
        return WORD.format("p", word)
    if BLANK.fullmatch(word):
        return UNKNOWN.format(word)
    if NUMBER.fullmatch(word):
        return WORD.format("m", word)
    if first and blocks is not None and (meaning := explained.meaning("/".join(blocks), word)):
        return MEANT.format(tell(meaning), word)
    return WORD.format("k", word) if first else Markup.escape(word)


def _blanks(text: str) -> Markup:
    """A comment, which may hold some."""
    parts = [UNKNOWN.format(part) if BLANK.fullmatch(part) else Markup.escape(part) for part in text.split(" ")]
    return Markup(" ").join(parts)
