"""What JavaScript adds: the files of the servers, as they would be with what is typed at this moment."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import BOTH, PLANTED, Wizard
from tests.browser.way import address, go, network, servers


@pytest.fixture
def asked(wizard: Wizard, page: Page) -> Page:
    """On the page that asks who leads."""
    page.goto(wizard.link)
    page.get_by_role("button", name="New floating address").click()
    for answer in (servers, network, address, go):
        answer(page)
        page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Which server is preferred?")
    return page


@BOTH
@PLANTED
def test_the_preview_follows_what_is_typed(asked: Page, request: pytest.FixtureRequest) -> None:
    script = "no-script" not in request.node.name
    files = [asked.get_by_role("region", name=f"keepalived.conf of {name}") for name in ("d1", "d2")]
    expect(files[0]).to_contain_text("priority 150")
    if not script:
        return
    expect(asked.locator(".preview ins")).to_have_count(0)
    asked.get_by_label("d2", exact=True).check()
    expect(files[0].locator("ins")).to_have_text(re.compile("priority 100"))
    expect(files[1].locator("ins")).to_have_text(re.compile("priority 150"))
    asked.locator("summary", has_text="priorities").click()
    asked.get_by_label("Priority of d1").fill("30x")
    expect(files[0].locator("mark")).to_have_text("\u2039priority of d1\u203a".replace(" ", "\u00a0"))
    expect(asked.get_by_role("alert")).to_have_count(0)
    asked.get_by_label("Priority of d1").fill("30")
    expect(files[0].locator("ins")).to_have_text(re.compile("priority 30"))
