"""A page that stays open: what it shows goes on beneath the keyboard's focus, and a wizard that has gone is told."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser import gallery
from tests.browser.chromium import Wizard, profile, started
from tests.browser.under_way import RUN, going

MODULE = "tests.browser.planted"


def test_the_focus_stays_while_the_status_goes_on(tmp_path: Path, chromium: Browser) -> None:
    draft = gallery.plant(tmp_path)["ill"]
    with started(tmp_path, MODULE) as wizard, profile(chromium) as context:
        page = _opened(context, wizard, f"cluster/{draft.key}/status")
        section = page.locator("#live section.status")
        for focused in (section.get_by_role("region"), section.get_by_role("button", name="Diagnose")):
            focused.focus()
            focused.evaluate("one => { one.seen = true }")
            for _ in range(2):
                _updated(page)
                expect(focused).to_be_focused()
            assert focused.evaluate("one => one.seen"), "it is another element, that has got the focus"


def test_what_a_live_part_says_is_what_the_server_says(tmp_path: Path, chromium: Browser) -> None:
    """Whatever stood there before, after an update it is as if it had been loaded."""
    draft = gallery.plant(tmp_path)["ill"]
    with started(tmp_path, MODULE) as wizard, profile(chromium) as context:
        page = _opened(context, wizard, f"cluster/{draft.key}/status")
        elements = "one => [...one.querySelectorAll('*')].map(it => it.outerHTML).slice(2).join()"

        def said() -> str:
            """All but when it was looked at, which each update says anew."""
            return re.sub(r"[0-9:]{8} |[0-9.]+ s ago", "", str(page.locator("#live").evaluate(elements)))

        before = said()
        page.locator("#live").evaluate("""one => {
            one.querySelector('section').className = 'status good';
            one.querySelector('h2').replaceWith(document.createElement('hr'));
            one.querySelector('table').remove();
            one.append(document.createElement('hr'));
        }""")
        _updated(page)
        expect(page.locator("#live hr")).to_have_count(0)
        assert said() == before


def test_the_focus_stays_while_a_run_goes_on(tmp_path: Path, chromium: Browser) -> None:
    gallery.plant(tmp_path)
    with going(tmp_path) as run, started(tmp_path, MODULE) as wizard, profile(chromium) as context:
        page = _opened(context, wizard, f"run/{RUN}")
        stop, log = page.get_by_role("button", name="Stop after this step"), page.locator("#log")
        stop.evaluate("one => { one.seen = true }")
        log.evaluate("one => { one.seen = true }")
        stop.focus()
        with (run / "log").open("a") as file:
            file.write("\n    a line more\n")
        expect(log).to_contain_text("a line more")
        expect(stop).to_be_focused()
        assert stop.evaluate("one => one.seen") and log.evaluate("one => one.seen")
        (run / "code").write_text("0")
        expect(page.locator("#live[data-state=done]")).to_be_focused()


def test_what_is_offered_follows_what_can_be_done(tmp_path: Path, chromium: Browser) -> None:
    """A button comes and goes with what the servers are like, and the focus never falls to the top of the page."""
    draft, planted = gallery.plant(tmp_path)["well"], tmp_path / "stopped"
    with started(tmp_path, MODULE, FLOATIP_STOPPED=str(planted)) as wizard, profile(chromium) as context:
        page = _opened(context, wizard, f"cluster/{draft.key}/maintain")
        move, reboot = page.locator("#move-d2 button"), page.locator("#reboot a")
        for form in (move, reboot):
            form.focus()
            form.evaluate("one => { one.seen = true }")
            _updated(page)
            expect(form).to_be_focused()
            assert form.evaluate("one => one.seen"), "it is another element, that has got the focus"
        move.focus()
        planted.write_text("12")
        expect(page.locator("#move-d2")).to_be_focused()
        expect(page.locator("#move-d2")).to_contain_text("keepalived is not running")
        for step in (move, reboot):
            expect(step).to_have_count(0)
        planted.unlink()
        for key in (move, reboot):
            expect(key).to_have_count(1)
        expect(page.locator("#move-d2")).to_be_focused()
        expect(page.locator("#move-d1 button")).to_have_count(0)


def test_a_wizard_that_has_gone_is_told_and_found_again(tmp_path: Path, chromium: Browser) -> None:
    drafts = gallery.plant(tmp_path)
    with profile(chromium) as context:
        question, status = context.new_page(), context.new_page()
        with started(tmp_path, MODULE) as first:
            _open(question, first, f"cluster/{drafts['looked'].key}/vrid")
            status.goto(f"{first.address}/cluster/{drafts['well'].key}/status")
            for page in (question, status):
                expect(_word(page)).to_be_empty()
            question.get_by_label("Group number (VRID)").fill("177")
        for page in (question, status):
            expect(_word(page)).to_contain_text("does not answer")
        with started(tmp_path, MODULE) as second:
            assert second.address == first.address
            for page in (question, status):
                expect(_word(page)).to_contain_text("was restarted")
            door = context.new_page()
            door.goto(second.link)
            expect(_word(question)).to_contain_text("answers again")
            for page in (question, status):
                expect(_word(page)).to_be_empty()
            _updated(status)
            expect(question.get_by_label("Group number (VRID)")).to_have_value("177")
            question.get_by_label("Group number (VRID)").press("Enter")
            expect(question.get_by_role("heading", level=1)).to_have_text("Which server is preferred?")


def _opened(context: BrowserContext, wizard: Wizard, path: str) -> Page:
    page = context.new_page()
    _open(page, wizard, path)
    return page


def _open(page: Page, wizard: Wizard, path: str) -> None:
    """Enter by the link, and go to a page."""
    page.goto(wizard.link)
    page.wait_for_url(f"{wizard.address}/")
    page.goto(f"{wizard.address}/{path}")


def _word(page: Page) -> Locator:
    """What the page says of its wizard, read aloud at once."""
    return page.locator("#lost[aria-live=assertive]")


def _updated(page: Page) -> None:
    """Wait until the page shows a later look than now."""
    when = page.locator("#live small").first
    before = when.text_content() or ""
    expect(when).not_to_have_text(before)


def test_what_was_sent_and_takes_its_time_says_so(wizard: Wizard, page: Page) -> None:
    """Without JavaScript it is the browser's own sign that says so."""
    _open(page, wizard, "")
    page.evaluate("document.querySelectorAll('form').forEach(one => { one.target = '_blank'; })")  # this page stays
    button = page.get_by_role("button", name="New floating address")
    expect(page.locator("#busy")).to_have_text("")
    button.click()
    expect(page.locator("#busy[role=status]")).to_contain_text("In progress")
    expect(button).to_have_attribute("aria-busy", "true")
