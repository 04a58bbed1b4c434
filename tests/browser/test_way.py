"""A person's clicks from Start to the saved inventory, in Chromium, with JavaScript and without."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from floatip.model import inventory
from tests.browser import accessibility, gallery
from tests.browser.chromium import BOTH, LATER, PLANTED, Wizard, failure, profile, started
from tests.browser.under_way import going
from tests.browser.way import save, walk

ERROR = "the server responded with a status of 4"
"""What Chromium says of a page that is an answer to a mistake."""


@BOTH
def test_from_start_to_a_saved_inventory(wizard: Wizard, page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    walk(page, wizard.link)
    save(page, "web")
    (read,) = inventory.read(wizard.inventories / "web.py")
    assert read.cluster
    instance = read.cluster.instances[0]
    assert (instance.virtual_router_id, instance.preferred.node) == (101, "d1")
    assert [str(address.address) for address in instance.virtual_ipaddress] == ["10.9.1.6/24"]
    assert complaints == []


@BOTH
def test_a_mistake_is_told_and_the_focus_goes_to_it(wizard: Wizard, page: Page) -> None:
    page.goto(wizard.link)
    page.get_by_role("button", name="New floating address").click()
    page.get_by_label("SSH address").nth(0).fill("d1;reboot")
    page.get_by_label("SSH address").nth(1).fill("10.9.1.61")
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_title("Error: Which servers will share the address? – floatip")
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.get_by_label("SSH address").nth(0)).to_be_focused()
    expect(page.get_by_label("SSH address").nth(0)).to_have_value("d1;reboot")


@LATER
def test_the_start_link_opens_one_browser_only(wizard: Wizard, page: Page, chromium: Browser) -> None:
    page.goto(wizard.link)
    expect(page.get_by_role("button", name="New floating address")).to_be_visible()
    assert "/start/" not in page.url
    with profile(chromium) as stranger:
        other = stranger.new_page()
        other.goto(wizard.link)
        expect(other.get_by_role("heading", level=1)).to_contain_text("has been used")
        other.goto(wizard.address)
        expect(other.get_by_role("heading", level=1)).to_contain_text("Open the wizard with its start link")


DIM = """<!doctype html><html lang="en"><title>Dim</title><style>
body { background: #fff; color: #000; transition: color 1s }
@media (prefers-color-scheme: dark) { body { background: #000; color: #222 } }
</style><main><h1>Dim</h1><p style="width: 400px">in the dark, and wide</p></main>"""


def test_what_is_wrong_in_one_theme_or_on_a_telephone_is_found(chromium: Browser) -> None:
    with profile(chromium) as context:
        page = context.new_page()
        page.set_content(DIM)
        dim, wide = accessibility.problems(page, "en")
    assert "(dark)" in dim and "color-contrast" in dim
    assert "is wider than 320 px" in wide


@PLANTED
@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_first_page_is_accessible_while_there_is_no_cluster(
    wizard: Wizard, chromium: Browser, language: str
) -> None:
    with profile(chromium, locale=language, bypass_csp=True) as context:
        page = context.new_page()
        page.goto(wizard.link)
        page.wait_for_url(f"{wizard.address}/")
        assert list(accessibility.problems(page, language)) == []


@pytest.mark.parametrize("language", ["en", pytest.param("ru", marks=pytest.mark.soak)])
def test_every_page_is_accessible_and_fits_a_telephone(tmp_path: Path, chromium: Browser, language: str) -> None:
    found: list[str] = []

    def look(name: str) -> None:
        found.extend(f"{name}: {problem}" for problem in accessibility.problems(page, language))

    drafts = gallery.plant(tmp_path)
    with (
        going(tmp_path),
        started(tmp_path, "tests.browser.planted") as wizard,
        profile(chromium, locale=language, bypass_csp=True) as context,
    ):
        context.add_init_script(accessibility.STILL)
        page = context.new_page()
        gallery.visit(page, drafts, wizard.link, look)
    assert found == []


def test_every_page_fits_a_telephone_in_russian_and_keeps_to_its_own_policy(tmp_path: Path, chromium: Browser) -> None:
    """Colours, roles and names of fields are the same in each language; how long the words are is not. And the browser
    has nothing to say about any page, but that some are an error's."""
    found: list[str] = []

    def look(name: str) -> None:
        found.extend(f"{name}: {problem}" for problem in accessibility.of_words(page, "ru"))

    def policy(answer: Response) -> None:
        if answer.request.is_navigation_request() and not 300 <= answer.status < 400:
            if "default-src 'none'" not in answer.headers.get("content-security-policy", ""):
                found.append(f"{answer.url}: no policy")
            checked.add(answer.url)

    checked: set[str] = set()
    drafts = gallery.plant(tmp_path)
    with (
        going(tmp_path),
        started(tmp_path, "tests.browser.planted") as wizard,
        profile(chromium, locale="ru", viewport=accessibility.TELEPHONE) as context,
    ):
        page = context.new_page()
        page.on("response", policy)
        page.on(
            "console", lambda message: found.extend([] if ERROR in message.text else [f"{page.url}: {message.text}"])
        )
        page.on("pageerror", lambda error: found.append(f"{page.url}: {error}"))
        page.on("requestfailed", lambda request: found.extend(failure(request)))
        gallery.visit(page, drafts, wizard.link, look)
    assert found == []
    assert len(checked) > 40


@pytest.mark.parametrize("language", ["en", "ru"])
def test_one_screen_is_enough_to_decide(tmp_path: Path, chromium: Browser, language: str) -> None:
    """Picture, answers, and the button that goes on, without scrolling; the rest is folded below, and on paper."""
    drafts = gallery.plant(tmp_path)
    with (
        started(tmp_path, "tests.browser.planted") as wizard,
        profile(chromium, locale=language, viewport={"width": 1440, "height": 900}) as context,
    ):
        page = context.new_page()
        page.goto(wizard.link)
        page.wait_for_url(f"{wizard.address}/")
        page.goto(f"{wizard.address}/cluster/{drafts['looked'].key}/check")
        go_on = page.locator(".ahead a[role=button]")
        for part in (page.locator("svg.topology"), page.locator(".answers"), page.locator(".ahead"), go_on):
            box = part.bounding_box()
            assert box and box["y"] + box["height"] <= 900, (part, box)
        assert page.locator("pre:visible").count() == 0
        page.locator("summary", has_text="d1: /etc/keepalived/keepalived.conf").click()
        meaning = page.locator(".why", has_text="priority").first
        meaning.focus()
        shown = "one => getComputedStyle(one, '::after').content"
        assert {"en": "Priority", "ru": "Приоритет"}[language] in meaning.evaluate(shown)
        meaning.blur()
        assert meaning.evaluate(shown) == "none"
        page.emulate_media(media="print")  # what is filed: all of the files, and nothing that can only be pressed
        expect(go_on).to_be_hidden()
        expect(page.locator(".tabs")).to_be_hidden()
        expect(page.locator(".code pre").nth(1)).to_be_visible()
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
