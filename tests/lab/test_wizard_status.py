"""The status page tells the truth within five seconds, by itself."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from lab.names import FLOATING
from lab.place import Place
from tests.browser.chromium import Wizard
from tests.lab.changes import INVENTORY, settled
from tests.lab.conftest import Runs

SOON = 5000  # milliseconds


def test_what_happens_is_shown(lab: Place, wizard: Wizard, page: Page, deploy: Runs) -> None:
    deploy(INVENTORY)
    settled(lab)
    wizard.inventories.mkdir()
    (wizard.inventories / "lab.py").write_text(INVENTORY.read_text())
    page.goto(wizard.link)
    page.get_by_role("button", name="Edit").click()
    page.goto(page.url.replace("/check", "/status?follow=yes"))
    told = page.locator("section.status")
    expect(told).to_contain_text(f"d1 holds {FLOATING}.")

    lab.host("d1").run("systemctl stop keepalived")
    settled(lab, "d2")
    expect(told).to_contain_text(f"d2 holds {FLOATING}, though d1 is preferred.", timeout=SOON)
    expect(told).to_contain_text("keepalived does not run")
    lab.host("d1").run("systemctl start keepalived")
    settled(lab)
    expect(told).to_contain_text(f"d1 holds {FLOATING}.", timeout=SOON)

    lab.host("d2").power_off()
    expect(told).to_contain_text("whether d2 does too is not known", timeout=SOON)
    expect(told).to_have_class("status unknown")
    lab.host("d2").power_on()
    lab.wait_ready()
    with lab.partition():
        expect(told).to_contain_text(f"d1 and d2 hold {FLOATING} at the same time.", timeout=SOON + 4000)
        expect(told).to_have_class("status bad")
