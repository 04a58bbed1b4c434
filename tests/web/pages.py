"""An HTML page as a parser sees it: which elements and attributes it has, its texts, its forms."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

LINKS = ("href", "src", "action", "formaction", "hx-get", "hx-post")
Attributes = list[tuple[str, str | None]]


def lines(html: str, kind: str = "") -> list[str]:
    """Those of all code panels of a page. `kind`: added, gone, same: only these, of differences."""
    found = re.findall(r'<(span|ins|del) class="line ?(\w*)"[^>]*>(.*?)\n</\1>', html)
    return [unescape(re.sub("<[^>]+>", "", text)) for _, what, text in found if kind in ("", what)]


@dataclass
class Form:
    """Where it goes, and the fields that it sends: (name, value)."""

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)


class Parsed(HTMLParser):
    """One page. `names`: elements, and elements with their attributes; `comments`: markup that is neither."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.names: set[str] = set()
        self.comments: list[str] = []
        self.texts: list[str] = []
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        self.names |= {tag, *(f"{tag} {name}" for name, _ in attrs)}
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
        elif tag in ("input", "select", "textarea", "button") and self.forms and given.get("name"):
            self.forms[-1].fields.append((given["name"], given.get("value", "")))
        self.texts += given.values()
        self.links += [value for name, value in given.items() if name in LINKS]

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_pi(self, data: str) -> None:
        self.comments.append(data)

    def unknown_decl(self, data: str) -> None:
        self.comments.append(data)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
