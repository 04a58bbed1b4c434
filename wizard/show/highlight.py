"""keepalived.conf with colours."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.token import Comment, Keyword, Number, Punctuation, Text, _TokenType

from floatip.keepalived.conf import tokens

LIGHT, DARK = "xcode", "github-dark"
NUMBER = re.compile(r"[0-9][0-9a-f.:/]*")
KINDS = {"brace": Punctuation, "comment": Comment, "newline": Text}


class KeepalivedLexer(Lexer):
    """The words of a keepalived.conf, by the grammar that reads them everywhere else."""

    name = "keepalived.conf"

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, _TokenType, str]]:
        """Each part of the text with its place and what it is."""
        last, first = 0, True
        for kind, begin, end in tokens(text):
            if begin > last:
                yield last, Text, text[last:begin]
            word = text[begin:end]
            plain = Number if NUMBER.fullmatch(word) else Keyword if first else Text
            yield begin, KINDS.get(kind, plain), word
            last, first = end, kind in ("brace", "newline") or (first and kind == "comment")
        if last < len(text):
            yield last, Text, text[last:]


def conf(text: str) -> Markup:
    """The text as HTML with classes; the page's style sheet has the colours."""
    return Markup(highlight(text, KeepalivedLexer(), HtmlFormatter(cssclass="conf")))


def css() -> str:
    """The colours, for light and dark."""
    dark = HtmlFormatter(style=DARK, cssclass="conf").get_style_defs(".conf")
    return f"{HtmlFormatter(style=LIGHT, cssclass='conf').get_style_defs('.conf')}\n" + (
        f"@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n"
    )
