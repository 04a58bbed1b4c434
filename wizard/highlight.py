"""keepalived.conf with colours."""

from __future__ import annotations

from typing import ClassVar

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import RegexLexer
from pygments.token import Comment, Keyword, Number, Punctuation, Text

LIGHT, DARK = "xcode", "github-dark"


class KeepalivedLexer(RegexLexer):
    """The words of keepalived.conf(5)."""

    name = "keepalived.conf"
    tokens: ClassVar[dict[str, list[tuple[str, object]]]] = {
        "root": [
            (r"[#!].*$", Comment),
            (r"^[ \t]*[a-z_]+", Keyword),
            (r"[{}]", Punctuation),
            (r"\b[0-9][0-9a-f.:/]*\b", Number),
            (r"\n|[ \t]+|\S+?", Text),
        ]
    }


def conf(text: str) -> Markup:
    """The text as HTML with classes; the page's style sheet has the colours."""
    return Markup(highlight(text, KeepalivedLexer(), HtmlFormatter(cssclass="conf")))


def css() -> str:
    """The colours, for light and dark."""
    dark = HtmlFormatter(style=DARK, cssclass="conf").get_style_defs(".conf")
    return f"{HtmlFormatter(style=LIGHT, cssclass='conf').get_style_defs('.conf')}\n" + (
        f"@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n"
    )
