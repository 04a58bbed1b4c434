"""An inventory line by line, with the colours of `highlight`: its keys are the keywords."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator

from markupsafe import Markup

from wizard.show.highlight import NUMBER, WORD


def lines(text: str) -> list[Markup]:
    """Each line as HTML: k key, m number or address, c comment, p bracket. All of it, whatever it is."""
    rows = text.removesuffix("\n").split("\n")
    made, last = [Markup("") for _ in rows], [0] * len(rows)
    for kind, word, row, begin in _parts(text):
        if row < len(rows) and begin >= last[row] and rows[row].startswith(word, begin):
            made[row] += rows[row][last[row] : begin] + WORD.format(kind, word)
            last[row] = begin + len(word)
    return [line + row[end:] for line, row, end in zip(made, rows, last, strict=True)]


def _parts(text: str) -> Iterator[tuple[str, str, int, int]]:
    """Class, word, number of its line and its place in it: of what has a colour."""
    key: tokenize.TokenInfo | None = None
    for token in _tokens(text):
        if key and token.string == ":":
            yield "k", key.string, key.start[0] - 1, key.start[1]
        elif key and NUMBER.fullmatch(key.string[1:-1]):
            yield "m", key.string, key.start[0] - 1, key.start[1]
        key = token if token.type == tokenize.STRING else None
        if kind := _kind(token):
            yield kind, token.string, token.start[0] - 1, token.start[1]


def _kind(token: tokenize.TokenInfo) -> str:
    if token.type == tokenize.COMMENT or token.string.startswith('"""'):
        return "c"
    if token.type == tokenize.NUMBER:
        return "m"
    return "p" if token.type == tokenize.OP and token.string in "()[]{}" else ""


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    """As far as it is Python."""
    try:
        yield from tokenize.generate_tokens(io.StringIO(text, newline="\n").readline)
    except (tokenize.TokenError, SyntaxError, ValueError):
        return
