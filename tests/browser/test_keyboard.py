"""With the keyboard alone: Enter continues, from every field of every page that asks something."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import gallery
from tests.browser.chromium import profile, started
from wizard.drafts import Drafts

FOLLOWS = {
    "servers": "network",
    "network": "address",
    "address": "vrid",
    "vrid": "leader",
    "leader": "checks",
    "checks": "extras",
    "extras": "check",
    "save": "save",  # the file is there and says something else: asked before it is replaced
}


def test_enter_continues(tmp_path: Path, chromium: Browser) -> None:
    draft = gallery.plant(tmp_path)["looked"]
    with started(tmp_path, "tests.browser.planted") as wizard, profile(chromium) as context:
        page = context.new_page()
        page.goto(wizard.link)
        expect(page.get_by_role("button", name="New floating address")).to_be_visible()
        for slug, following in FOLLOWS.items():
            at = f"{wizard.address}/cluster/{draft.key}"
            count = number = 0
            while not count or number < count:
                fields = _fields(page, f"{at}/{slug}")
                count = fields.count()
                with page.expect_navigation():
                    fields.nth(number).press("Enter")
                expect(page).to_have_url(f"{at}/{following}")
                number += 1
    after = Drafts(tmp_path / "state" / "floatip" / "drafts").get(draft.key)
    assert after.version > draft.version + len(FOLLOWS)
    assert (after.hosts, after.data) == (draft.hosts, draft.data)


def _fields(page: Page, address: str) -> Locator:
    """Where something can be typed or ticked, with all that is folded unfolded."""
    page.goto(address)
    folded = page.locator("#question details:not([open])")
    while folded.count():
        folded.first.locator("summary").click()
    return page.locator("#question input:visible")
