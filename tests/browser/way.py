"""A person's way through the wizard, by what stands on the page."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from lab.names import FLOATING, spec

HEADINGS = (
    "Which servers will share the address?",
    "Where are they connected?",
    "What is the floating address?",
    "Which group number (VRID)?",
    "Which server is preferred?",
    "Anything else?",
    "Check your answers",
)


def walk(page: Page, link: str, look: Callable[[Page], object] = lambda page: None) -> None:
    """From the start link to the check; `look` is called on every page."""
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("One address that stays up when a server fails")
    look(page)
    page.get_by_role("button", name="New floating address").click()
    for heading, answer in zip(HEADINGS, (servers, network, address, go, go, go), strict=False):
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        look(page)
        answer(page)
        page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(HEADINGS[-1])
    look(page)


def servers(page: Page) -> None:
    """The article's two, as far as loopback goes: nothing answers there, and nothing leaves this machine."""
    for number, name in enumerate(("d1", "d2")):
        page.get_by_label("SSH address").nth(number).fill(f"127.0.0.{spec(name).last}")


def network(page: Page) -> None:
    """Both on eth1."""
    for number, name in enumerate(("d1", "d2")):
        page.get_by_label("Interface").nth(number).fill("eth1")
        page.get_by_label("Its own address").nth(number).fill(f"{spec(name).address}/24")


def address(page: Page) -> None:
    """Without a prefix: it is that of the servers."""
    page.get_by_label("Floating address").fill(FLOATING)


def go(page: Page) -> None:
    """What is filled in is right."""


def save(page: Page, name: str) -> None:
    """From the check to the saved inventory."""
    page.get_by_role("button", name="Save the inventory").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Saved as inventories/{name}.py")
