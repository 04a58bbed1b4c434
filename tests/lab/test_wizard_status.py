"""The status page tells the truth within five seconds, by itself."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from lab import wait_until
from lab.layers import State
from lab.names import FLOATING
from lab.place import Place
from tests.browser.chromium import LATER, Wizard
from tests.lab.changes import INVENTORY, settled
from tests.lab.pages import held, server

SOON = 5000  # milliseconds: the promise


@LATER
@pytest.mark.hosts(State.DEPLOYED)
def test_what_happens_is_shown(lab: Place, wizard: Wizard, page: Page) -> None:
    wizard.inventories.mkdir()
    (wizard.inventories / "lab.py").write_text(INVENTORY.read_text())
    page.goto(wizard.link)
    page.get_by_role("button", name="Edit").click()
    page.wait_for_url("**/check")
    page.goto(page.url.replace("/check", "/status?follow=yes"))
    held(page, "d1")

    lab.host("d1").run("systemctl stop keepalived")
    settled(lab, "d2")
    held(page, "d2", timeout=SOON)
    expect(server(page, "d1")).to_have_attribute("data-state", "stopped", timeout=SOON)
    lab.host("d1").run("systemctl start keepalived")
    settled(lab)
    held(page, "d1", timeout=SOON)

    lab.host("d2").power_off()
    held(page, "d1", verdict="unknown", timeout=SOON)
    expect(server(page, "d2")).to_have_attribute("data-state", "unknown", timeout=SOON)
    lab.host("d2").power_on()
    lab.wait_ready()
    with lab.partition():
        wait_until("both have the address", lambda: lab.holders(FLOATING) == ["d1", "d2"])
        held(page, "d1", "d2", verdict="bad", timeout=SOON)
    settled(lab)
