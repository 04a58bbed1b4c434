"""A page as axe-core sees it, in both themes, and on a telephone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page, ViewportSize

WIDE: ViewportSize = {"width": 1280, "height": 800}
TELEPHONE: ViewportSize = {"width": 320, "height": 700}

STILL = """for (const what of ["htmx:beforeRequest", "htmx:beforeSwap"])
  document.addEventListener(what, one => window.axe && one.preventDefault());"""
"""A page that is looked at stands still: what is exchanged under axe's eyes would be neither seen nor missed."""

RULES = """async ([theme, rules]) => {
  if (!matchMedia(`(prefers-color-scheme: ${theme})`).matches) throw Error(`the page is not ${theme}`);
  for (const one of document.getAnimations()) if (one instanceof CSSTransition) one.finish();
  const found = await axe.run({resultTypes: ["violations"], preload: false, ...rules});
  return {violations: found.violations, rules: found.passes.length + found.violations.length};
}"""
"""On colours that are there, and not on their way from the other theme's. `preload` is for rules that are off."""
ALL: dict[str, list[str]] = {}
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}
"""What a theme changes: roles, names and the order of things are the same in each."""
THEMES: tuple[tuple[Literal["light", "dark"], Mapping[str, list[str]], int], ...] = (
    ("light", ALL, 6),
    ("dark", COLOURS, 1),
)
"""Which rules are asked in which theme, and how many of them have something to say about any page."""


def problems(page: Page, language: str) -> Iterator[str]:
    """Everything that is wrong with the page, in no theme of which it may be."""
    page.evaluate(AXE_SCRIPT)
    for theme, rules, least in THEMES:
        page.emulate_media(color_scheme=theme)
        result = page.evaluate(RULES, [theme, rules])
        assert result["rules"] >= least, f"{page.url}: axe-core has hardly looked"
        if result["violations"]:
            yield f"{page.url} ({theme})\n{AxeResults(result).generate_report()}"
    page.set_viewport_size(TELEPHONE)
    yield from of_words(page, language)
    page.set_viewport_size(WIDE)


def of_words(page: Page, language: str) -> Iterator[str]:
    """What may be wrong with a page on a telephone in one language, and right in another."""
    if (spoken := page.evaluate("document.documentElement.lang")) != language:
        yield f"{page.url} speaks {spoken}"
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        yield f"{page.url} is wider than {TELEPHONE['width']} px"
