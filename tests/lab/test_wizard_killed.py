"""A deploy that was begun in the wizard needs neither the wizard nor the tab: the next wizard shows it."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from lab.place import Place
from tests.browser.chromium import Wizard, started
from tests.lab.changes import INVENTORY, inventory, settled
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


def test_a_deploy_is_stopped_between_two_steps(
    lab: Place, wizard: Wizard, chromium: Browser, deploy: Runs, tmp_path: Path
) -> None:
    (tmp_path / "inventories").mkdir()
    (tmp_path / "inventories" / "lab.py").write_text(INVENTORY.read_text())
    tab = chromium.new_page()
    tab.goto(wizard.link)
    tab.get_by_role("button", name="Deploy").click()
    expect(tab.get_by_role("row", name="Install packages")).to_be_visible(timeout=LONGEST)
    tab.get_by_role("button", name="Stop after this step").click()
    heading(tab, "The deploy of lab.py was stopped")
    rows = [row.inner_text() for row in tab.get_by_role("row").all()]
    assert "● done" in next(row for row in rows if row.startswith("Install packages"))
    assert not any(row.startswith("Prove") for row in rows)
    assert lab.holders("10.9.1.6") == []
    tab.close()
    deploy(INVENTORY)
    settled(lab)


def test_a_stop_waits_for_a_change_that_has_begun(
    lab: Place, wizard: Wizard, chromium: Browser, deploy: Runs, tmp_path: Path
) -> None:
    deploy(INVENTORY)
    settled(lab)
    wizard.inventories.mkdir()
    inventory(wizard.inventories / "lab.py", instance={"virtual_router_id": 102})
    tab = chromium.new_page()
    tab.goto(wizard.link)
    tab.get_by_role("button", name="Deploy").click()
    expect(tab.get_by_role("row", name="bring the new file to a backup")).to_be_visible(timeout=LONGEST)
    tab.get_by_role("button", name="Stop after this step").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text(
        re.compile(r"^(Deployed lab\.py|The deploy of lab\.py was stopped)$"), timeout=LONGEST
    )
    tab.close()
    settled(lab)
    files = [host.run("cat /etc/keepalived/keepalived.conf").stdout for host in lab.servers]
    assert all("virtual_router_id 102" in text for text in files)
    assert ["priority 150" in text for text in files] == [True, False]
