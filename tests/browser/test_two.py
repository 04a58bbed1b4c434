"""Two browsers at once at one wizard: what one of them does, the other neither loses nor is told wrongly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import gallery
from tests.browser.chromium import profile, started
from wizard.drafts import Draft, Drafts

SOON = 10_000  # milliseconds in which a page that cannot follow any more says so


class Two(NamedTuple):
    """A page in each of two browsers. `drafts`: what is planted; `stored`: where the wizard keeps drafts."""

    left: Page
    right: Page
    origin: str
    drafts: dict[str, Draft]
    stored: Drafts

    def open(self, page: Page, name: str, slug: str) -> None:
        """A page of a cluster."""
        page.goto(f"{self.origin}/cluster/{self.drafts[name].key}/{slug}")

    def delete(self, name: str) -> None:
        """The left one deletes a draft."""
        self.left.goto(f"{self.origin}/delete/{self.drafts[name].key}")
        self.left.get_by_role("button", name="Delete draft").click()
        expect(self.left.get_by_role("button", name="Undo")).to_be_visible()


@pytest.fixture
def two(tmp_path: Path, chromium: Browser) -> Iterator[Two]:
    """The second browser brings the cookie along: the link lets nobody in twice."""
    drafts = gallery.plant(tmp_path)
    with started(tmp_path, "tests.browser.planted") as wizard, profile(chromium) as first:
        left = first.new_page()
        left.goto(wizard.link)
        left.wait_for_url(f"{wizard.address}/")
        with profile(chromium, storage_state=first.storage_state()) as second:
            stored = Drafts(tmp_path / "state" / "floatip" / "drafts")
            yield Two(left, second.new_page(), wizard.address, drafts, stored)


def heading(page: Page) -> Locator:
    """What the page is called."""
    return page.get_by_role("heading", level=1)


def answer(page: Page, number: str) -> None:
    """Type a group number, and go on."""
    page.get_by_label("Group number (VRID)").fill(number)
    page.get_by_label("Group number (VRID)").press("Enter")


def test_both_edit_the_same_draft(two: Two) -> None:
    """Who comes second chooses, and an answer to another question stays what it was."""
    for page in (two.left, two.right):
        two.open(page, "looked", "vrid")
    answer(two.left, "77")
    expect(heading(two.left)).to_have_text("Which server is preferred?")
    answer(two.right, "88")
    expect(heading(two.right)).to_have_text("Somebody changed this in the meantime")
    expect(two.right.get_by_role("row").filter(has_text="≠")).to_have_text("Group number (VRID)8877 ≠")
    two.right.get_by_role("button", name="Keep mine").click()
    expect(heading(two.right)).to_have_text("Which server is preferred?")
    two.left.get_by_label("d2", exact=True).check()
    two.left.get_by_role("button", name="Continue").last.click()
    expect(heading(two.left)).to_have_text("Somebody changed this in the meantime")
    two.left.get_by_role("button", name="Keep mine").click()
    expect(heading(two.left)).to_have_text("What must work on a server?")
    cluster = two.stored.get(two.drafts["looked"].key).parsed().cluster
    assert cluster
    (instance,) = cluster.instances
    assert (instance.virtual_router_id, instance.preferred.node) == (88, "d2")


def test_one_deletes_what_the_other_answers_and_looks_at(two: Two) -> None:
    """The page says that it goes on no more; what was typed goes into the draft once that is back."""
    two.open(two.right, "looked", "vrid")
    two.delete("looked")
    answer(two.right, "99")
    expect(heading(two.right)).to_have_text("This draft was deleted")
    two.right.get_by_role("button", name="Restore the draft").click()
    expect(heading(two.right)).to_have_text("Which server is preferred?")
    assert two.stored.get(two.drafts["looked"].key).data["vrrp_instances"]["VI_1"]["virtual_router_id"] == 99

    two.open(two.right, "well", "status")
    expect(two.right.locator("[data-holders=d1]").first).to_be_attached()
    expect(two.right.locator("#lost")).to_be_empty()
    two.delete("well")
    expect(two.right.locator("#lost")).to_contain_text("can no longer be updated", timeout=SOON)
    two.right.reload()
    expect(heading(two.right)).to_have_text("This draft was deleted")
    two.left.get_by_role("button", name="Undo").click()
    expect(two.left.get_by_role("button", name="Undo")).to_have_count(0)
    two.right.reload()
    expect(two.right.locator("[data-holders=d1]").first).to_be_attached()


def test_one_deploys_while_the_other_looks(two: Two) -> None:
    """Both see the same run, and the same end of it: nobody answers at its servers."""
    two.open(two.right, "well", "history")
    two.left.get_by_role("button", name="Deploy well").click()
    two.left.wait_for_url("**/run/*")
    two.right.reload()
    two.right.locator("tr[data-what=deploy] a").first.click()
    two.right.wait_for_url(two.left.url)
    for page in (two.left, two.right):
        expect(page.locator("#live[data-what=deploy]")).to_have_attribute("data-state", "failed")
    assert heading(two.left).text_content() == heading(two.right).text_content()
