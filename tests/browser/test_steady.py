"""What comes late moves nothing away under somebody's eyes or finger: the shift of the layout, as the browser adds it
up, stays small on each page that follows something."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lab import wait_until
from tests.browser import gallery
from tests.browser.chromium import profile, started
from tests.browser.under_way import RUN, going

MOST = 0.1
COUNTED = """window.shifted = 0; window.entries = [];
const named = one => one.node && (one.node.id || one.node.className || one.node.nodeName);
new PerformanceObserver(list => { for (const one of list.getEntries()) if (!one.hadRecentInput) {
  window.shifted += one.value;
  window.entries.push(one.value.toFixed(3) + ' ' + one.sources.map(named).join(','));
} }).observe({type: 'layout-shift', buffered: true});
window.updates = 0;
addEventListener('htmx:afterOnLoad', () => { window.updates += 1; });"""
PAGES = {
    "run": f"run/{RUN}",
    "test": "cluster/{watched}/drill",
    "start": "",
    "status": "cluster/{well}/status",
    "status-ill": "cluster/{ill}/status",
    "settings": "cluster/{well}/check",
    "maintain": "cluster/{well}/maintain",
    "history": "cluster/{well}/history",
}


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_jumps(tmp_path: Path, chromium: Browser, width: int) -> None:
    drafts = gallery.plant(tmp_path)
    found: dict[str, tuple[float, list[str]]] = {}
    with (
        going(tmp_path),
        started(
            tmp_path, "tests.browser.planted", FLOATIP_LATE="1.5"
        ) as wizard,  # what comes late is what moves others
        profile(chromium, viewport={"width": width, "height": 800}) as context,
    ):
        page = context.new_page()
        page.add_init_script(COUNTED)
        page.goto(wizard.link)
        page.wait_for_url(f"{wizard.address}/")
        _settled(page)
        found["first"] = (page.evaluate("window.shifted"), page.evaluate("window.entries"))  # nobody was asked before
        for name, path in PAGES.items():
            page.goto(f"{wizard.address}/{path.format(**{key: draft.key for key, draft in drafts.items()})}")
            _settled(page)
            found[name] = (page.evaluate("window.shifted"), page.evaluate("window.entries"))
    assert {name: measured for name, measured in found.items() if measured[0] > MOST} == {}
    assert all(measured[0] >= 0 for measured in found.values()) and len(found) == len(PAGES) + 1


def _settled(page: Page) -> None:
    """Wait until nothing waits any more, and the page has been brought up to date twice."""
    expect(page.locator("[data-level=waits], .waits")).to_have_count(0)
    still = "window.updates > 1 || !document.querySelector('#live[hx-get]')"
    wait_until("it was brought up to date", lambda: page.evaluate(still))
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def test_a_shift_is_counted(chromium: Browser) -> None:
    """The measure itself: what pushes the rest of a page down is seen."""
    with profile(chromium) as context:
        page = context.new_page()
        page.add_init_script(COUNTED)
        page.goto("data:text/html,<p id=one>above</p><section style='background:grey;height:600px'>below</section>")
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        page.evaluate("document.getElementById('one').style.height = '300px'")
        page.wait_for_function("window.shifted > 0.1")
