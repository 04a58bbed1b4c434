"""The start page and the pages of a cluster, with JavaScript and without: what changes while one looks, and where the
keyboard goes."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lab import wait_until
from tests.browser import gallery
from tests.browser.chromium import profile, started

SOON = 5000  # milliseconds: the promise
TABS = {"Overview": "status", "Settings": "check", "Test": "drill", "Maintain": "maintain", "History": "history"}
HERE = "document.activeElement.textContent.trim().replace(/\\s+/g, ' ')"


def reached(page: Page, presses: int) -> list[str]:
    """What has the focus after each press of Tab."""
    found = []
    for _ in range(presses):
        page.keyboard.press("Tab")
        found.append(str(page.evaluate(HERE)))
    return found


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_a_server_that_stops_is_seen_on_the_start_page(tmp_path: Path, chromium: Browser, javascript: bool) -> None:
    gallery.plant(tmp_path)
    stopped = tmp_path / "stopped"
    with (
        started(tmp_path, "tests.browser.planted", FLOATIP_STOPPED=str(stopped)) as wizard,
        profile(chromium, java_script_enabled=javascript) as context,
    ):
        page = context.new_page()
        page.goto(wizard.link)
        page.wait_for_url(f"{wizard.address}/")
        card = page.locator("[data-inventory=well]")
        expect(card).to_have_attribute("data-level", "good")  # without JavaScript by the page's own refresh
        expect(card.locator("[data-holders=d1]")).to_have_count(1)
        page.evaluate("document.querySelector('[data-inventory=well] h2 a').focus()")
        stopped.write_text("12")
        if javascript:
            expect(card.locator("[data-need=server]")).to_have_count(1, timeout=SOON)
            expect(card.locator("h2 a")).to_be_focused()  # no part of the page was replaced under it
        else:

            def shown() -> bool:
                page.reload()
                return card.locator("[data-need=server]").count() == 1

            wait_until("it is told", shown)

        card.locator("h2 a").click()
        page.wait_for_url("**/status")
        key = page.url.rsplit("/", 2)[1]
        for name, slug in TABS.items():
            page.get_by_role("navigation", name="Pages of well").get_by_role("link", name=name).click()
            page.wait_for_url(f"{wizard.address}/cluster/{key}/{slug}")
            expect(page.locator("[aria-current=page]")).to_have_text(name)
        page.go_back()
        page.wait_for_url("**/maintain")
        expect(page.locator("#move-d2")).to_contain_text("keepalived")
        page.goto(wizard.address)
        expect(page.locator("[data-inventory=well] [data-need=unsaved]")).to_have_count(0)


def test_the_keyboard_goes_from_card_to_card_and_from_tab_to_tab(tmp_path: Path, chromium: Browser) -> None:
    drafts = gallery.plant(tmp_path)
    with started(tmp_path, "tests.browser.planted") as wizard, profile(chromium) as context:
        page = context.new_page()
        page.goto(wizard.link)
        page.wait_for_url(f"{wizard.address}/")
        expect(page.locator("[data-level=waits]")).to_have_count(0)
        head = ["Skip to the content", "floatip", "Русский"]
        find = ["", "Find", "All 9", "Need attention 8", "Add a cluster"]
        first = ["half", "Status half", "Edit half", "Deploy half", "ill"]
        assert reached(page, len(head + find + first)) == head + find + first
        page.goto(f"{wizard.address}/cluster/{drafts['well'].key}/maintain")
        expect(page.locator("#move-d2 button")).to_have_count(1)
        after = ["Move it to d2", "Reboot a server", "Remove the cluster from its servers"]
        after += ["Rename", "Delete from this computer"]
        assert reached(page, len([*head, *TABS, *after])) == [*head, *TABS, *after]
