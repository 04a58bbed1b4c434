"""Somebody on another computer deploys while one looks: the page says so, and who, without being loaded again."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lab.layers import State
from lab.place import Place
from tests.browser.chromium import Wizard
from tests.lab import changes
from tests.lab.changes import INVENTORY, settled
from tests.lab.conftest import Runs

SOON = 5000  # milliseconds: the promise


@pytest.mark.hosts(State.DEPLOYED)
def test_a_deploy_from_another_computer_is_told(
    lab: Place, wizard: Wizard, page: Page, floatip: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wizard.inventories.mkdir()
    ours = wizard.inventories / "lab.py"
    ours.write_text(INVENTORY.read_text())
    with monkeypatch.context() as here:
        here.setenv("XDG_STATE_HOME", str(tmp_path / "state"))  # the wizard's
        floatip("deploy", ours, "--yes")
    page.goto(wizard.link)
    page.wait_for_url(f"{wizard.address}/")
    card = page.locator("[data-inventory=lab]")
    expect(card).to_have_attribute("data-level", "good")
    expect(card.locator("[data-need]")).to_have_count(0)

    (tmp_path / "theirs").mkdir()
    theirs = changes.inventory(tmp_path / "theirs", instance={"garp_master_delay": 3})
    with monkeypatch.context() as there:
        there.setenv("XDG_STATE_HOME", str(tmp_path / "other"))
        for name in ("LOGNAME", "USER"):
            there.setenv(name, "bob")
        floatip("deploy", theirs, "--yes")
    expect(card.locator("[data-need=elsewhere]")).to_contain_text("bob@", timeout=SOON)
    settled(lab)
    expect(card.locator("[data-holders=d1]")).to_have_count(1)
    card.locator("h2 a").click()
    page.wait_for_url("**/status")
    expect(page.locator("#elsewhere")).to_contain_text("bob@")
    page.get_by_role("link", name="History").click()
    expect(page.locator("#elsewhere")).to_contain_text("bob@")
    page.get_by_role("link", name="Settings").click()
    expect(page.locator("[data-file=differs]")).to_have_count(2)  # what a deploy of ours would undo
