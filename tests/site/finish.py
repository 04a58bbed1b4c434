"""What Furo's pages lack: names for landmarks, code and pictures that a keyboard can scroll, dark pictures, Russian."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from lab.paths import ROOT

ACCESSIBLE = {
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="floatip">',
    '<aside class="toc-drawer': '<aside aria-label="On this page" class="toc-drawer',
    'role="heading">': 'role="heading" aria-level="2">',
    "<pre>": '<pre tabindex="0">',
    '<div id="search-results">': '<h1>Search</h1><div id="search-results">',
    '<div class="table-wrapper': '<div tabindex="0" class="table-wrapper',
}
RUSSIAN = {
    'aria-label="On this page"': 'aria-label="На этой странице"',
    'aria-label="Toggle Light / Dark / Auto color theme"': 'aria-label="Светлое, тёмное или как в системе"',
    'aria-label="Toggle site navigation sidebar"': 'aria-label="Страницы"',
    'aria-label="Toggle table of contents sidebar"': 'aria-label="На этой странице"',
    "<h1>Search</h1>": "<h1>Поиск</h1>",
    "<span>Next</span>": "<span>Дальше</span>",
    "<span>Previous</span>": "<span>Назад</span>",
    '<div class="title">Home</div>': '<div class="title">Начало</div>',
    ">Back to top<": ">Наверх<",
    "On this page\n": "На этой странице\n",
    "Made with": "Оформление:",
    "Skip to content": "К содержанию",
}


PICTURES = ROOT / "docs" / "pictures"
PICTURE = re.compile(r'<img alt="(?P<alt>[^"]*)" src="(?P<source>[^"]+?)(?P<kind>\.\w+)" */?>')


def pages(directory: Path, language: str) -> None:
    """Finish every page below a directory."""
    changes = ACCESSIBLE | (RUSSIAN if language == "ru" else {})
    for path in directory.rglob("*.html"):
        path.write_text(PICTURE.sub(framed, finished(path.read_text("utf-8"), changes)), "utf-8")
    for path in PICTURES.glob("*.dark.png"):
        shutil.copy(path, directory / "_images")


def framed(picture: re.Match[str]) -> str:
    """A picture that leads to itself: a narrow screen scrolls it, and a keyboard can. A screenshot is there for either
    theme; a drawing knows both."""
    alt, source, kind = picture["alt"], picture["source"], picture["kind"]
    dark = (PICTURES / f"{Path(source).name}.dark{kind}").exists()
    themes = {" only-light": "", " only-dark": ".dark"} if dark else {"": ""}
    files = {theme: f"{source}{suffix}{kind}" for theme, suffix in themes.items()}
    return "".join(
        f'<a class="picture{theme}" href="{file}"><img alt="{alt}" src="{file}"></a>' for theme, file in files.items()
    )


def finished(html: str, changes: Mapping[str, str]) -> str:
    """With these changes, one after the other, but for what somebody has written into the page."""
    head, article, rest = re.split(r"(?=<article)|(?<=</article>)", html) if "<article" in html else (html, "", "")
    for old, new in changes.items():
        head, rest = head.replace(old, new), rest.replace(old, new)
        if old.startswith("<"):
            article = article.replace(old, new)
    return head + article + rest
