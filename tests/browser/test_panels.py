"""The code panel, wherever there is one: it fits and wraps on a telephone, copies what it shows and nothing else, marks
what changed by more than colour, and follows a log that grows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser import accessibility, gallery
from tests.browser.chromium import profile, started
from tests.browser.gallery import Tour
from tests.browser.under_way import RUN, going

FAILED = "20261124-120001-aaaaaa"
LONG = "    a line that is longer than any telephone is wide: " + "/etc/keepalived/keepalived.conf " * 5
LOG = "".join(f"    line {number}\n" for number in range(200)) + f"{LONG}\n"
PANELS: Mapping[str, tuple[str, str, str]] = {
    "a file": ("unsaved", "/check", "details.code:has(pre.numbered) >> nth=0"),
    "what a deploy would change": ("unsaved", "/check", "#files details.code >> nth=0"),
    "what a server said": ("ill", "/doctor", "[data-server=d2] details.code:has(pre.numbered) >> nth=0"),
    "a log": ("", f"/run/{FAILED}", "details.code:has(#log)"),
}
"""Which draft, which of its pages, and where on it."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the wizard keeps its things."""
    return tmp_path_factory.mktemp("panels")


@pytest.fixture(scope="module")
def tour(place: Path, chromium: Browser) -> Iterator[Tour]:
    """By somebody who may use the clipboard."""
    drafts = gallery.plant(place)
    for run in (RUN, FAILED):
        (place / "state" / "floatip" / "runs" / run / "log").write_text(LOG)
    with going(place), started(place, "tests.browser.planted") as wizard, profile(chromium) as context:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = context.new_page()
        page.goto(wizard.link)
        page.wait_for_url(f"{wizard.address}/")
        yield Tour(page, wizard.address, {name: f"/cluster/{draft.key}" for name, draft in drafts.items()})


def panel(tour: Tour, name: str) -> Locator:
    """Unfolded."""
    draft, path, where = PANELS[name]
    tour.open(tour.at.get(draft, "") + path)
    found = tour.page.locator(where)
    if found.get_attribute("open") is None:
        found.locator("summary").click()
    expect(found.locator("pre")).to_be_visible()
    return found


@pytest.mark.parametrize("name", PANELS)
def test_what_is_copied_is_what_is_shown(tour: Tour, name: str) -> None:
    found = panel(tour, name)
    text = found.locator("pre")
    shown = "".join(text.locator(".line").all_text_contents())
    assert shown.count("\n") == text.locator(".line").count() > 1
    number = text.locator(".line").first.evaluate("one => getComputedStyle(one, '::before').content")
    assert number not in ("none", "normal", '""')
    found.get_by_role("button", name="Copy").click()
    expect(found.locator(".copy")).to_have_text("Copied")
    assert tour.page.evaluate("navigator.clipboard.readText()") == shown
    by_hand = text.evaluate("one => { getSelection().selectAllChildren(one); return getSelection().toString(); }")
    assert by_hand.rstrip("\n") == shown.rstrip("\n")


@pytest.mark.parametrize("name", PANELS)
def test_a_line_that_is_too_long_scrolls_or_wraps_in_its_panel(tour: Tour, name: str) -> None:
    tour.page.set_viewport_size(accessibility.TELEPHONE)
    found = panel(tour, name)
    text, too_wide = found.locator("pre"), "one => one.scrollWidth > one.clientWidth"
    text.locator(".line").first.evaluate("(one, long) => one.append(long)", LONG)
    fits = "document.documentElement.scrollWidth <= innerWidth"
    assert text.evaluate(too_wide) and tour.page.evaluate(fits)
    found.get_by_label("Wrap lines").check()
    assert not text.evaluate(too_wide) and tour.page.evaluate(fits)
    numbers = [line.bounding_box() for line in text.locator(".line").all()[:2]]
    assert numbers[0] and numbers[1] and numbers[0]["height"] > 2 * numbers[1]["height"] > 0


def test_a_change_is_marked_by_more_than_colour(tour: Tour) -> None:
    text = panel(tour, "what a deploy would change").locator("pre")
    bar = "one => getComputedStyle(one).boxShadow"
    for role, sign in (("deletion", "-"), ("insertion", "+")):
        line = text.get_by_role(role).first  # type: ignore[arg-type]
        assert (line.text_content() or "").startswith(sign)
        assert line.evaluate(bar) != "none" == text.locator(".same").first.evaluate(bar)


def test_on_paper_a_file_is_whole_and_dark_on_white(tour: Tour) -> None:
    """Whatever the theme of the screen is."""
    text = panel(tour, "a file").locator("pre")
    tour.page.emulate_media(media="print", color_scheme="dark")
    for kind in (".k", ".m", ".c"):
        colour = text.locator(kind).first.evaluate("one => getComputedStyle(one).color")
        assert sum(int(part) for part in re.findall(r"\d+", colour)[:3]) < 3 * 110, (kind, colour)
    assert text.evaluate("one => one.scrollWidth <= one.clientWidth && one.scrollHeight <= one.clientHeight")
    tour.page.emulate_media(media="screen", color_scheme="light")


def test_whoever_reads_the_end_of_a_log_stays_there(tour: Tour, place: Path) -> None:
    tour.open(f"/run/{RUN}")
    tour.page.locator("details.code:has(#log) > summary").click()
    log, file = tour.page.locator("#log"), place / "state" / "floatip" / "runs" / RUN / "log"
    at_its_end = "one => one.scrollHeight - one.scrollTop - one.clientHeight < 8"
    for number, (top, stays) in enumerate((("one.scrollHeight", True), ("100", False))):
        log.evaluate(f"one => {{ one.scrollTop = {top}; }}")
        with file.open("a") as more:
            more.write("".join(f"    more {number} {line}\n" for line in range(20)))
        expect(log).to_contain_text(f"more {number} 19")
        assert log.evaluate(at_its_end) == stays
    assert log.evaluate("one => one.scrollTop") == 100
    assert log.locator(".line").count() == LOG.count("\n") + 40
