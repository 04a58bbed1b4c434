"""A deploy that was begun in the wizard needs neither the wizard nor the tab: the next wizard shows it."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from floatip.change.plan import Kind
from floatip.runs.events import Refusal, Refused
from lab import wait_until
from lab.layers import State
from lab.place import Place
from tests.browser.chromium import Wizard, profile, started
from tests.lab.changes import INVENTORY, inventory, settled
from tests.lab.conftest import Runs
from tests.lab.controllers import family, send
from tests.lab.pages import LONGEST, ran
from tests.schedule import MachineWasLate

INSTALL, BACKUP = "Install packages", "bring the new file to a backup server"


def begun(page: Page) -> str:
    """Begin a deploy on the first page; the key of the run, which is watched then."""
    page.get_by_role("button", name="Deploy").click()
    page.wait_for_url("**/run/*")
    return page.url.rpartition("/")[2]


@contextmanager
def held_up(place: Path, step: str) -> Iterator[Callable[[Page], None]]:
    """The next run that is begun goes no further than this step: what the story does happens in the middle of it.
    `place`: where the wizard keeps its things. Gives what waits for the step, and for the page that watches it.

    It is stopped from beside: until the page is there, a quick run has changed everything.
    """
    runs = place / "state" / "floatip" / "runs"
    known = set(runs.glob("*"))

    def reached() -> Path | None:
        logs = (run / "log" for run in set(runs.glob("*")) - known if (run / "pid").exists())
        return next((log.parent for log in logs if step in log.read_text()), None)

    def stop() -> list[int]:
        wait_until(f"the run is at {step}", reached, timeout=LONGEST / 1000, every=0.005)
        run = reached()
        assert run
        stopped = []
        for pid in family(int((run / "pid").read_text())):  # its group has only what stands in for the program
            send(signal.SIGSTOP, [pid])
            stopped.append(pid)
        return stopped

    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(stop)

        def shown(page: Page) -> None:
            held.result()
            row = page.get_by_role("row", name=step, include_hidden=True)  # folded, where it changed nothing
            expect(row).to_be_attached()

        try:
            yield shown
        finally:
            send(signal.SIGCONT, held.result())


SIGNALS = (signal.SIGHUP, signal.SIGKILL)


@pytest.mark.hosts(State.READY)
@pytest.mark.parametrize(
    "signals", [SIGNALS, pytest.param((signal.SIGTERM, *SIGNALS), marks=pytest.mark.soak)], ids=["some", "all"]
)
def test_the_wizard_is_killed_in_the_middle(
    lab: Place,
    chromium: Browser,
    deploy: Runs,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    signals: tuple[signal.Signals, ...],
) -> None:
    """By a signal that a terminal or a machine may send; first while nobody has the address yet, then
    while it goes on to another group number."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))  # one person's, for the terminal too
    (tmp_path / "inventories").mkdir()
    for number, ended_by in enumerate(signals):
        file = inventory(tmp_path / "inventories" / "lab.py", instance={"virtual_router_id": 101 + number})
        with profile(chromium) as context, started(tmp_path) as first:
            tab = context.new_page()
            tab.goto(first.link)
            with held_up(tmp_path, INSTALL) as shown:
                run = begun(tab)
                shown(tab)
                if number == 0:
                    assert lab.holders("10.9.1.6") == []
                tab.goto(first.address)
                assert begun(tab) == run  # one at a time: this one is joined
                context.close()
                first.process.send_signal(ended_by)
                assert first.process.wait(timeout=60) != 0
                refused = deploy(file, check=False)
                if not refused.all(Refused) and refused.planned.kind is Kind.NOTHING:
                    raise MachineWasLate("the run was held only when it had changed everything")
                assert (refused.returncode, refused.refused.code) == (1, Refusal.BUSY)
        with profile(chromium) as context, started(tmp_path) as second:
            tab = context.new_page()
            tab.goto(second.link)
            tab.locator(f"a[href$='/run/{run}']").click()
            ran(tab, "done")
            expect(tab.locator(".proof")).to_have_count(1)
        settled(lab)


def test_a_deploy_is_stopped_between_two_steps(
    lab: Place, wizard: Wizard, chromium: Browser, deploy: Runs, tmp_path: Path
) -> None:
    """Hosts: ready."""
    (tmp_path / "inventories").mkdir()
    (tmp_path / "inventories" / "lab.py").write_text(INVENTORY.read_text())
    with profile(chromium) as context:
        tab = context.new_page()
        tab.goto(wizard.link)
        with held_up(tmp_path, INSTALL) as shown:
            begun(tab)
            shown(tab)
            tab.get_by_role("button", name="Stop after this step").click()
        ran(tab, "stopped")
        rows = [row.inner_text() for row in tab.get_by_role("row").all()]
        assert "● done" in next(row for row in rows if row.startswith(INSTALL))
        assert not any(row.startswith("Prove") for row in rows)
    assert lab.holders("10.9.1.6") == []
    deploy(INVENTORY)
    settled(lab)


@pytest.mark.hosts(State.DEPLOYED)
def test_a_stop_waits_for_a_change_that_has_begun(
    lab: Place, wizard: Wizard, chromium: Browser, tmp_path: Path
) -> None:
    wizard.inventories.mkdir()
    inventory(wizard.inventories / "lab.py", instance={"virtual_router_id": 102})
    with profile(chromium) as context:
        tab = context.new_page()
        tab.goto(wizard.link)
        with held_up(tmp_path, BACKUP) as shown:
            begun(tab)
            shown(tab)
            tab.get_by_role("button", name="Stop after this step").click()
            expect(tab.get_by_role("status").filter(has_text=re.compile(r"\S"))).to_be_visible()
        expect(tab.locator("#live")).to_have_attribute("data-state", re.compile("^(done|stopped)$"), timeout=LONGEST)
    settled(lab)
    files = [host.run("cat /etc/keepalived/keepalived.conf").stdout for host in lab.servers]
    assert all("virtual_router_id 102" in text for text in files)
    assert ["priority 150" in text for text in files] == [True, False]
