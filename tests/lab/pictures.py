"""`make pictures`: the wizard on real hosts on the way from Start to a failover test, in both languages and themes.

Not collected with the tests: it writes into `docs/pictures`. What can be seen there has happened, to the millisecond.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from lab.layers import State
from lab.paths import ROOT
from lab.place import Place
from tests.browser.chromium import Wizard
from tests.lab.changes import settled
from tests.lab.pages import LONGEST, arrived, go, looked_at, ran

PICTURES = ROOT / "docs" / "pictures"
LARGEST = 150_000  # bytes
SUFFIXES = {"en": "", "ru": ".ru"}
THEMES: Mapping[Literal["dark", "light"], str] = {"dark": ".dark", "light": ""}
"""The site shows the one of its reader's theme."""


def taken(page: Page, name: str) -> None:
    """The page as it is, in each language and theme, and back in English."""
    for language in ("en", "ru", "en"):
        if page.locator("html").get_attribute("lang") != language:
            with page.expect_navigation():
                page.locator(f"button[name=language][value={language}]").first.click()
            expect(page.locator("html")).to_have_attribute("lang", language)
        for theme, suffix in THEMES.items():
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # no colour on its way to another one
            page.screenshot(path=PICTURES / f"{name}{SUFFIXES[language]}{suffix}.png")


@pytest.mark.hosts(State.READY)
def test_pictures(lab: Place, wizard: Wizard, page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(wizard.link)
    page.get_by_role("button", name="Practise on the lab").click()
    arrived(page, "servers")
    go(page, "network")
    looked_at(page, "d1", "d2")
    for question in ("address", "vrid", "leader"):
        go(page, question)
    taken(page, "question")
    for question in ("extras", "check"):
        go(page, question)
    page.get_by_role("button", name="Save the inventory").click()
    page.get_by_role("button", name="Save", exact=True).click()
    arrived(page, "saved")
    page.get_by_role("button", name="Deploy it now").click()
    ran(page, "done")
    taken(page, "deployed")
    settled(lab)
    page.get_by_role("button", name="Try a failover test").click()
    arrived(page, "drill")
    page.locator("#fault-link").check()
    page.get_by_role("button", name="Try it").click()
    expect(page.locator("#live")).to_have_attribute("data-state", "held", timeout=LONGEST)
    page.set_viewport_size({"width": 1000, "height": 640})
    taken(page, "drill")
    for picture in PICTURES.glob("*.png"):
        assert picture.stat().st_size <= LARGEST, picture
