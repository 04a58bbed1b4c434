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


NOTED = """() => { window.sent = []; document.addEventListener("submit", one => {
  one.preventDefault(); window.sent.push(`${one.submitter?.name}=${one.submitter?.value}`); }, true); }"""
"""Instead of being sent, each form notes the button by which it would have been."""
CONTINUES = "="
"""The one that says nothing but that: each of the others has a name."""


def test_enter_continues(tmp_path: Path, chromium: Browser) -> None:
    """In the first field of a page it is pressed; in all others it would be the same button that is pressed by it."""
    draft = gallery.plant(tmp_path)["looked"]
    with started(tmp_path, "tests.browser.planted") as wizard, profile(chromium) as context:
        page = context.new_page()
        page.goto(wizard.link)
        expect(page.get_by_role("button", name="New floating address")).to_be_visible()
        for slug, following in FOLLOWS.items():
            at = f"{wizard.address}/cluster/{draft.key}"
            fields = _fields(page, f"{at}/{slug}")
            page.evaluate(NOTED)
            for number in range(fields.count()):
                fields.nth(number).press("Enter")
            assert page.evaluate("window.sent") == [CONTINUES] * fields.count() != [], slug
            with page.expect_navigation():
                _fields(page, f"{at}/{slug}").first.press("Enter")
            expect(page).to_have_url(f"{at}/{following}")
    after = Drafts(tmp_path / "state" / "floatip" / "drafts").get(draft.key)
    assert after.version > draft.version
    assert (after.hosts, after.data) == (draft.hosts, draft.data)


def _fields(page: Page, address: str) -> Locator:
    """Where something can be typed or ticked, with all that is folded unfolded."""
    page.goto(address)
    folded = page.locator("#question details:not([open])")
    while folded.count():
        folded.first.locator("summary").click()
    return page.locator("#question input:visible")
