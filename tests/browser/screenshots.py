"""A picture of every page, in both themes and both languages: `python -m tests.browser.screenshots DIRECTORY`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, sync_playwright

from tests.browser import gallery
from tests.browser.chromium import ARGUMENTS, started

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LANGUAGES = ("en", "ru")


def main() -> None:
    """One way through the wizard for each theme and language."""
    directory = Path(sys.argv[1])
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        for theme in THEMES:
            for language in LANGUAGES:
                take(browser, theme, language, directory / f"{theme}-{language}")
        browser.close()


def take(browser: Browser, theme: Literal["light", "dark"], language: str, directory: Path) -> None:
    """Every page, numbered in the order in which they come."""
    directory.mkdir(parents=True, exist_ok=True)
    taken: list[str] = []
    with tempfile.TemporaryDirectory() as place:
        drafts = gallery.plant(Path(place))
        context = browser.new_context(color_scheme=theme, locale=language, viewport={"width": 900, "height": 700})
        page = context.new_page()

        def look(name: str) -> None:
            taken.append(name)
            page.screenshot(path=directory / f"{len(taken):02}-{name}.png", full_page=True)

        with started(Path(place), "tests.browser.planted") as wizard:
            gallery.visit(page, drafts, wizard.link, look)
        context.close()


if __name__ == "__main__":
    main()
