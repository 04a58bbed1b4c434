"""A person's clicks in Chromium on real hosts, from Start to "d1 holds 10.9.1.6, and it answers"."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, expect

from lab.names import FLOATING
from lab.place import Place
from tests.browser.chromium import Wizard
from tests.lab.changes import INVENTORY, settled
from tests.lab.conftest import Runs

LONGEST = 60_000  # milliseconds for a first deploy


@dataclass
class Count:
    """What the way cost a person."""

    typed: int = 0
    pages: set[str] = field(default_factory=set)


def heading(page: Page, text: str) -> None:
    """Wait for the page that is called so."""
    expect(page.get_by_role("heading", level=1)).to_have_text(text, timeout=LONGEST)


def go(page: Page) -> None:
    """What is filled in is right."""
    page.get_by_role("button", name="Continue").click(timeout=LONGEST)


@pytest.fixture
def count(page: Page) -> Count:
    """Counts the pages that the tab shows."""
    found = Count()
    page.on("framenavigated", lambda frame: found.pages.add(frame.url.partition("?")[0]))
    return found


def test_from_start_to_an_address_that_floats(
    lab: Place, wizard: Wizard, page: Page, count: Count, deploy: Runs
) -> None:
    """With JavaScript and without."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(wizard.link)
    page.get_by_role("button", name="Practise on the lab").click()
    heading(page, "Which servers shall share the address?")
    go(page)
    heading(page, "Where are they connected?")
    expect(page.get_by_text("Debian 12, root")).to_have_count(2)
    go(page)
    heading(page, "Which address shall float?")
    page.get_by_label("Floating address").fill(FLOATING)
    count.typed += 1
    go(page)
    for question in ("Which group number (VRID)?", "Who leads?", "Anything else?"):
        heading(page, question)
        go(page)
    heading(page, "Check your answers")
    page.get_by_role("button", name="Save the inventory").click()
    page.get_by_role("button", name="Save", exact=True).click()
    heading(page, "Saved as inventories/lab.py")
    assert (wizard.inventories / "lab.py").read_bytes() == INVENTORY.read_bytes()
    page.get_by_role("button", name="Deploy it now").click()
    heading(page, "Deployed lab.py")
    expect(page.get_by_role("main")).to_contain_text(f"d1 holds {FLOATING}, and it answers")
    settled(lab)
    assert (count.typed <= 5, len(count.pages) <= 12) == (True, True), count
    assert complaints == []
    assert "Nothing will be changed" in deploy(INVENTORY).stderr
