"""A deploy that was begun in the wizard needs neither the wizard nor the tab: the next wizard shows it."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from lab.place import Place
from tests.browser.conftest import started
from tests.lab.changes import INVENTORY, settled
from tests.lab.conftest import Runs
from tests.lab.test_wizard_browser import LONGEST, heading


@pytest.mark.parametrize("ended_by", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_the_wizard_is_killed_in_the_middle(
    lab: Place,
    chromium: Browser,
    deploy: Runs,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ended_by: signal.Signals,
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))  # one person's, for the terminal too
    (tmp_path / "inventories").mkdir()
    (tmp_path / "inventories" / "lab.py").write_text(INVENTORY.read_text())
    with started(tmp_path) as first:
        tab = chromium.new_page()
        tab.goto(first.link)
        tab.get_by_role("button", name="Deploy").click()
        heading(tab, "Deploying lab.py")
        expect(tab.get_by_role("row", name="Install packages")).to_be_visible(timeout=LONGEST)
        assert lab.holders("10.9.1.6") == []
        tab.close()
        first.process.send_signal(ended_by)
        assert first.process.wait(timeout=20) != 0
    refused = deploy(INVENTORY, check=False)
    assert refused.returncode != 0
    assert "Another run is at work on lab" in refused.stderr

    with started(tmp_path) as second:
        tab = chromium.new_page()
        tab.goto(second.link)
        tab.get_by_role("link", name="lab,").click()
        heading(tab, "Deployed lab.py")
        expect(tab.get_by_role("main")).to_contain_text("d1 holds 10.9.1.6, and it answers")
        tab.close()
    settled(lab)
