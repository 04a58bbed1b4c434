"""The site as `make site` builds it, opened from the disk in Chromium: no other machine is asked for anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Request, expect

from tests.browser import accessibility
from tests.browser.chromium import profile
from tests.site import __main__ as making
from tests.site import links, pages

pytestmark = pytest.mark.xdist_group("site")  # it is built once

SHOWN = ("index", "vrrp", "recipes", "doctor", "search")
ASKED = {"en": ("gratuitous", "How VRRP works"), "ru": ("переключение", "Проверка переключения")}
"""Language → what somebody looks for, and the title of a page that has it."""
BOTH = pytest.mark.parametrize("language", pages.LANGUAGES)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built anew, with every warning of Sphinx taken for an error."""
    if not making.SPHINX.exists():
        pytest.skip("Sphinx is not installed: `make site` sets it up")
    target = tmp_path_factory.mktemp("site") / "html"
    making.build(target)
    return target


@pytest.fixture
def asked(chromium: Browser) -> Iterator[tuple[BrowserContext, list[str]]]:
    """A profile, and every address that it asks for."""
    with profile(chromium) as context:
        addresses: list[str] = []

        def ask(request: Request) -> None:
            addresses.append(request.url)

        context.on("request", ask)
        yield context, addresses


def test_every_link_leads_somewhere_and_nothing_comes_from_another_host(site: Path) -> None:
    assert list(links.problems(site)) == []
    assert (site / "decisions" / "rooms.html").is_file() and (site / "ru" / "start.html").is_file()


@BOTH
def test_it_is_searched_without_a_network(site: Path, asked: tuple[BrowserContext, list[str]], language: str) -> None:
    context, addresses = asked
    page = context.new_page()
    page.goto((site / pages.ROOMS[language] / "index.html").as_uri())
    words, title = ASKED[language]
    page.locator(".sidebar-search").fill(words)
    page.locator(".sidebar-search").press("Enter")
    result = page.locator("#search-results li a", has_text=title).first
    result.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    assert len(addresses) > 5
    assert [address for address in addresses if not address.startswith(("file://", "data:"))] == []


@BOTH
def test_a_page_leads_to_itself_in_the_other_language(site: Path, chromium: Browser, language: str) -> None:
    (other,) = {*pages.LANGUAGES} - {language}
    with profile(chromium) as context:
        page = context.new_page()
        page.goto((site / pages.ROOMS[language] / "vrrp.html").as_uri())
        page.locator(".languages a").click()
        expect(page.locator("html")).to_have_attribute("lang", other)
        assert page.url == (site / pages.ROOMS[other] / "vrrp.html").resolve().as_uri()


@BOTH
def test_its_pages_are_accessible_and_fit_a_telephone(site: Path, chromium: Browser, language: str) -> None:
    found: list[str] = []
    with profile(chromium, viewport=accessibility.WIDE) as context:
        page = context.new_page()
        for name in SHOWN:
            page.goto((site / pages.ROOMS[language] / f"{name}.html").as_uri())
            found += accessibility.problems(page, language)
    assert not found, "\n".join(found)


def test_every_page_fits_a_telephone(site: Path, chromium: Browser) -> None:
    wide: list[str] = []
    with profile(chromium, viewport=accessibility.TELEPHONE) as context:
        page = context.new_page()
        for path in sorted(site.rglob("*.html")):
            page.goto(path.as_uri())
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wide.append(path.relative_to(site).as_posix())
    assert wide == []
