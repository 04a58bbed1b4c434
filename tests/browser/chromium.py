"""A real Chromium against the wizard as `floatip wizard` starts it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request, expect, sync_playwright

from lab.paths import ROOT
from tests import preloaded

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


PATIENCE = 60_000
"""Milliseconds for whatever is not promised sooner: six labs on two processors may take their time. A story that shows
a promise about time says so itself."""
expect.set_options(timeout=PATIENCE)


@dataclass(frozen=True)
class Wizard:
    """A running wizard: its start link, and where it writes."""

    link: str
    inventories: Path
    process: subprocess.Popen[str]

    @property
    def address(self) -> str:
        """The origin, like http://127.0.0.1:40123."""
        return self.link.partition("/start/")[0]


@contextmanager
def started(place: Path, module: str = "floatip", **more: str) -> Iterator[Wizard]:
    """A wizard that keeps its state and its inventories in `place`. `module`: what is run; `more`: its environment."""
    listens = ["env", "--default-signal=HUP"]  # also where the tests run under nohup
    argv = [
        *listens,
        preloaded.python(),
        "-m",
        module,
        "wizard",
        "--no-browser",
        "--inventories",
        str(place / "inventories"),
    ]
    own = {"XDG_STATE_HOME": str(place / "state"), **more}
    with subprocess.Popen(argv, cwd=ROOT, env={**os.environ, **own}, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        try:
            yield Wizard(child.stdout.readline().strip(), place / "inventories", child)
        finally:
            child.terminate()


PLANTED = pytest.mark.parametrize("wizard", ["tests.browser.planted"], indirect=True)
"""For stories in which nobody answers anyway: a wizard that knows so without asking."""


@pytest.fixture
def wizard(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Wizard]:
    """One wizard for this story, with nothing from earlier ones."""
    with started(tmp_path, getattr(request, "param", "floatip")) as running:
        yield running


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The driver."""
    with sync_playwright() as driver:
        yield driver


@contextmanager
def launched(playwright: Playwright, *arguments: str) -> Iterator[Browser]:
    """Debian's Chromium, as a shell without the tabs and menus that the whole browser draws for nobody: a sixth
    less processor time for the same walk."""
    program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if program is None:
        pytest.skip("the browser tests need the Debian package chromium-headless-shell")
    browser = playwright.chromium.launch(executable_path=program, args=[*ARGUMENTS, *arguments])
    try:
        yield browser
    finally:
        browser.close()


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """One browser for all stories of a worker."""
    with launched(playwright) as browser:
        yield browser


@contextmanager
def profile(browser: Browser, **options: Any) -> Iterator[BrowserContext]:
    """A fresh profile, as patient as all of them. `options`: those of `Browser.new_context`."""
    made = browser.new_context(**options)
    made.set_default_timeout(PATIENCE)
    try:
        yield made
    finally:
        made.close()


def failure(request: Request) -> list[str]:
    """What failed; nothing where the test went on to the next page before the answer came."""
    return [] if request.failure == "net::ERR_ABORTED" else [urlsplit(request.url).path]


def story(*more: pytest.MarkDecorator) -> pytest.MarkDecorator:
    """For a story that is told with JavaScript and without; `more`: marks of its telling without."""
    return pytest.mark.parametrize("context", ["script", pytest.param("no-script", marks=more)], indirect=True)


BOTH, LATER = story(), story(pytest.mark.soak)
"""Both in `make test`; or without JavaScript in `make soak` alone. A story that says nothing is told with it."""


@pytest.fixture
def context(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[BrowserContext]:
    """A fresh profile."""
    with profile(chromium, java_script_enabled=getattr(request, "param", "script") == "script") as made:
        yield made


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty tab; whatever the browser complains about is kept in `complaints`."""
    return context.new_page()
