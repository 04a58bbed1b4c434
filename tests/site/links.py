"""Whatever the built pages refer to: within the site it has to be there, and nothing is loaded from another host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADS = {"src", "poster", "data", "action"}
"""Attributes that make a browser fetch something without being asked; `href` does so in <link> alone."""
IN_CSS = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)""")


class Page(HTMLParser):
    """What a page links to, what it loads, and the anchors that it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Sort its attributes."""
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        loads = [value for name, value in given.items() if name in LOADS]
        loads += [candidate.split()[0] for candidate in given.get("srcset", "").split(",") if candidate.strip()]
        loads += _of_css(given.get("style", ""))
        if tag == "link":
            loads.append(given.get("href", ""))
        elif "href" in given:
            self.links.append(given["href"])
        self.loads += loads


@cache
def page(path: Path) -> Page:
    """A built page."""
    return Page(path.read_text("utf-8"))


def problems(site: Path) -> Iterator[str]:
    """A line for every reference that is wrong."""
    for path in sorted(site.rglob("*.html")):
        for load in page(path).loads:
            yield from _load(site, path, load)
        for link in page(path).links:
            if not urlsplit(link).scheme and not _leads_somewhere(path, link):
                yield f"{path.relative_to(site)}: {link} leads nowhere"
    for path in sorted(site.rglob("*.css")):
        for load in _of_css(path.read_text("utf-8")):
            yield from _load(site, path, load)


def _load(site: Path, path: Path, load: str) -> Iterator[str]:
    there = urlsplit(load)
    if there.netloc or there.scheme not in ("", "data"):
        yield f"{path.relative_to(site)}: loads {load} from another host"
    elif not there.scheme and not _leads_somewhere(path, load):
        yield f"{path.relative_to(site)}: {load} is not there"


def _of_css(text: str) -> list[str]:
    return [first or other for first, other in IN_CSS.findall(text)]


def _leads_somewhere(path: Path, link: str) -> bool:
    there = urlsplit(link)
    target = (path.parent / unquote(there.path)).resolve() if there.path else path
    if target.is_dir():
        target /= "index.html"
    if not target.is_file():
        return False
    anchor = unquote(there.fragment)
    return not anchor or target.suffix != ".html" or anchor in page(target).anchors
