"""A person's clicks in Chromium on real hosts, from Start to "d1 holds 10.9.1.6, and it answers"."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, expect

from floatip.change.plan import Kind
from lab.layers import State
from lab.names import FLOATING
from lab.place import Place
from tests.browser.chromium import Wizard, story
from tests.lab.changes import INVENTORY, settled
from tests.lab.conftest import Runs
from tests.lab.pages import arrived, go, looked_at, ran


@dataclass
class Count:
    """What the way cost a person."""

    pages: set[str] = field(default_factory=set)


@pytest.fixture
def count(page: Page) -> Count:
    """Counts the pages that the tab shows."""
    found = Count()
    page.on("framenavigated", lambda frame: found.pages.add(frame.url.partition("?")[0]))
    return found


@story(pytest.mark.hosts(State.READY), pytest.mark.soak)
def test_from_start_to_an_address_that_floats(
    lab: Place, wizard: Wizard, page: Page, count: Count, deploy: Runs
) -> None:
    """With JavaScript and without. Hosts: bare; without JavaScript, they have the packages."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(wizard.link)
    page.get_by_role("button", name="Practise on the lab").click()
    arrived(page, "servers")
    go(page, "network")
    looked_at(page, "d1", "d2")
    go(page, "address")
    expect(page.get_by_label("Floating address")).to_have_value(f"{FLOATING}/24")
    for question in ("vrid", "leader", "extras", "check"):
        go(page, question)
    page.get_by_role("button", name="Save the inventory").click()
    page.get_by_role("button", name="Save", exact=True).click()
    arrived(page, "saved")
    as_practice = INVENTORY.read_text().replace("\nlab = (", "\npractice = (")
    saved = wizard.inventories / "practice.py"
    assert saved.read_text() == as_practice
    page.get_by_role("button", name="Deploy it now").click()
    ran(page, "done")
    expect(page.locator(".proof")).to_have_count(1)
    expect(page.locator(".proof")).to_contain_text(FLOATING)
    settled(lab)
    assert len(count.pages) <= 12, count  # and nothing was typed
    page.get_by_role("button", name="Try a failover test").click()
    arrived(page, "drill")
    assert complaints == []
    assert deploy(saved).planned.kind is Kind.NOTHING
