"""A picture of every page in both themes: `python -m tests.browser.screenshots DIRECTORY`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from lab.paths import ROOT
from tests.browser.chromium import ARGUMENTS
from tests.browser.way import save, walk

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def main() -> None:
    """One way through the wizard for each theme."""
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        for theme in THEMES:
            take(browser, theme, directory)
        browser.close()


def take(browser: Browser, theme: Literal["light", "dark"], directory: Path) -> None:
    """Every page in one theme, numbered in the order of the way."""
    count = 0

    def look(page: Page) -> None:
        nonlocal count
        count += 1
        name = re.sub(r"[^a-z]+", "-", page.title().lower()).strip("-")
        page.screenshot(path=directory / f"{theme}-{count:02}-{name}.png", full_page=True)

    with tempfile.TemporaryDirectory() as place:
        argv = [sys.executable, "-m", "floatip", "wizard", "--no-browser", "--inventories", f"{place}/inventories"]
        own = {**os.environ, "XDG_STATE_HOME": f"{place}/state"}
        with subprocess.Popen(argv, cwd=ROOT, env=own, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            context = browser.new_context(color_scheme=theme, viewport={"width": 900, "height": 700})
            page = context.new_page()
            walk(page, child.stdout.readline().strip(), look)
            save(page, "web")
            look(page)
            context.close()
            child.terminate()


if __name__ == "__main__":
    main()
