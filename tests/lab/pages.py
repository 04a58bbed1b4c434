"""Where a tab of the wizard is and what it shows, by paths, codes and states: its sentences may change."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import PATIENCE

LONGEST = 2 * PATIENCE
"""Milliseconds for a deploy, or for a drill with the looks before it."""


def arrived(page: Page, slug: str) -> None:
    """Wait for the page of a cluster that has this name in its address."""
    expect(page).to_have_url(re.compile(rf"/cluster/[a-z0-9]+/{slug}([?#]|$)"), timeout=PATIENCE)


def go(page: Page, to: str) -> None:
    """What is filled in is right; wait for the page that follows, so that no click meets the one before."""
    page.locator("button[value=go]").click()
    arrived(page, to)


def ran(page: Page, state: str) -> None:
    """Wait until the run that is watched stands so: going, done, stopped, failed."""
    expect(page.locator("#live")).to_have_attribute("data-state", state, timeout=LONGEST)


def held(page: Page, *holders: str, verdict: str = "good", timeout: float = PATIENCE) -> None:
    """Wait until the status page says that these servers have the address, and what it thinks of it."""
    shown = f'section.status[data-verdict="{verdict}"][data-holders="{" ".join(holders)}"]'
    expect(page.locator(shown)).to_have_count(1, timeout=timeout)


def server(page: Page, name: str) -> Locator:
    """What the page says about a server."""
    return page.locator(f'[data-server="{name}"]')


def looked_at(page: Page, *names: str) -> None:
    """These servers have told what they are like, as root."""
    for name in names:
        expect(server(page, name)).to_have_attribute("data-state", "looked-at")
        expect(server(page, name).locator("[data-code=not-root]")).to_have_count(0)


def refused(page: Page, *codes: str) -> None:
    """An answer is objected to, for these reasons."""
    expect(page.get_by_role("alert")).to_have_attribute("data-codes", " ".join(codes))
