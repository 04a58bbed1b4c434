"""With the keyboard alone: Enter continues, from every field of every page that asks something; and Tab goes past the
files of the servers, in which arrow keys go from word to word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
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


SHOWN = "one => getComputedStyle(one, '::after').content"
NOTHING = ("none", "normal")
KEYS = [("", 0), *[("ArrowDown", 1), ("ArrowDown", 2), ("ArrowUp", 1), ("End", -1), ("ArrowDown", -1), ("Home", 0)]]
"""What is pressed, and which word is reached."""


@contextmanager
def leading(tmp_path: Path, chromium: Browser, *, script: bool = True) -> Iterator[Page]:
    """On the page that asks who leads, beside the files of both servers."""
    draft = gallery.plant(tmp_path)["looked"]
    with (
        started(tmp_path, "tests.browser.planted") as wizard,
        profile(chromium, java_script_enabled=script) as context,
    ):
        page = context.new_page()
        page.goto(wizard.link)
        page.wait_for_url(f"{wizard.address}/")
        page.goto(f"{wizard.address}/cluster/{draft.key}/leader")
        yield page


def test_a_file_is_one_stop_and_arrow_keys_explain_it_word_by_word(tmp_path: Path, chromium: Browser) -> None:
    with leading(tmp_path, chromium) as page:
        first, second = page.locator(".preview .code").nth(0), page.locator(".preview .code").nth(1)
        words = first.locator(".why")
        expect(first.locator("[tabindex='0']")).to_have_count(1)
        assert words.count() > 15
        first.get_by_role("button", name="Download").focus()
        page.keyboard.press("Tab")
        for key, number in KEYS:
            if key:
                page.keyboard.press(key)
            word = words.nth(number)
            expect(word).to_be_focused()
            assert word.evaluate("one => getComputedStyle(one).outlineWidth") == "3px"
            assert word.evaluate(SHOWN) not in NOTHING
            expect(first.locator("[tabindex='0']")).to_have_count(1)
        page.keyboard.press("Escape")
        assert words.first.evaluate("one => getComputedStyle(one, '::after').display") == "none"
        page.keyboard.press("Tab")
        expect(second.locator("summary")).to_be_focused()
        page.keyboard.press("Shift+Tab")
        expect(words.first).to_be_focused()
        page.keyboard.press("Shift+Tab")
        expect(first.get_by_role("button", name="Download")).to_be_focused()


def test_a_word_keeps_the_focus_while_its_file_changes(tmp_path: Path, chromium: Browser) -> None:
    """Its own line is another one, or lines come above it."""
    with leading(tmp_path, chromium) as page:
        text = page.locator(".preview pre").nth(0)
        for choice, word, marked in (
            ("#leader-1", "priority", "priority"),
            ("#returns-1", "virtual_ipaddress", "nopreempt"),
        ):
            expect(text.locator("[tabindex='0']")).to_have_count(1)
            page.locator(choice).check()
            text.locator(".why", has_text=word).first.focus()
            expect(text.locator("ins", has_text=marked)).to_have_count(1)
            expect(text.locator(".why:focus")).to_have_text(word)
            expect(text.locator("[tabindex='0']")).to_have_text(word)
            page.goto(page.url)


def test_a_file_is_skipped_without_a_script(tmp_path: Path, chromium: Browser) -> None:
    with leading(tmp_path, chromium, script=False) as page:
        first, second = page.locator(".preview .code").nth(0), page.locator(".preview .code").nth(1)
        first.get_by_role("button", name="Download").focus()
        page.keyboard.press("Tab")
        skip = first.get_by_role("link", name="Skip this file")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        expect(first.locator(".why").first).to_be_focused()
        assert first.locator(".why").first.evaluate(SHOWN) not in NOTHING
        skip.press("Enter")
        expect(page).to_have_url(re.compile("#after-file-1$"))
        page.keyboard.press("Tab")
        expect(second.locator("summary")).to_be_focused()
