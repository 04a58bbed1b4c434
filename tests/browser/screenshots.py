"""A picture of every page, in both themes and both languages: `python -m tests.browser.screenshots DIRECTORY`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, sync_playwright

from tests.browser import gallery
from tests.browser.accessibility import THEMES
from tests.browser.chromium import ARGUMENTS, profile, started
from tests.browser.under_way import going

LANGUAGES = ("en", "ru")


def main() -> None:
    """One way through the wizard for each theme and language."""
    directory = Path(sys.argv[1])
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        for theme, *_ in THEMES:
            for language in LANGUAGES:
                take(browser, theme, language, directory / f"{theme}-{language}")
        browser.close()


def take(browser: Browser, theme: Literal["light", "dark"], language: str, directory: Path) -> None:
    """Every page, numbered in the order in which they come."""
    directory.mkdir(parents=True, exist_ok=True)
    taken: list[str] = []
    with tempfile.TemporaryDirectory() as place:
        drafts = gallery.plant(Path(place))

        def look(name: str) -> None:
            taken.append(name)
            page.screenshot(path=directory / f"{len(taken):02}-{name}.png", full_page=True)

        with (
            going(Path(place)),
            started(Path(place), "tests.browser.planted") as wizard,
            profile(browser, color_scheme=theme, locale=language, viewport={"width": 900, "height": 700}) as context,
        ):
            page = context.new_page()
            gallery.visit(page, drafts, wizard.link, look)


if __name__ == "__main__":
    main()
