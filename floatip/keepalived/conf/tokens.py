"""What the text of keepalived.conf consists of: words, quoted words, braces, comments and ends of lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

BLANKS = r" \t\f\r\v"  # what the daemon takes for blanks: a no-break space is part of a word
TOKEN = re.compile(
    r'"(?P<quoted>[^"\n]*)(?P<closed>"?)|(?P<brace>[{}])|(?P<comment>[!#][^\n]*)|(?P<newline>\n)'
    rf'|(?P<word>(?:\\[!#"]|[^\n{{}}"!#{BLANKS}])+)(?P<glued>[!#][^\n]*)?'
)


def tokens(text: str) -> Iterator[tuple[str, int, int]]:
    """Each word, quoted word, brace, comment and end of a line: what it is, and its place."""
    for found in TOKEN.finditer(text):
        kind = next(name for name in ("word", "quoted", "brace", "comment", "newline") if found[name] is not None)
        yield kind, found.start(), found.end("word") if kind == "word" else found.end()
        if found["glued"] is not None:
            yield "comment", found.start("glued"), found.end("glued")
