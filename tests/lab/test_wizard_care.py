"""Looking after a cluster in the browser: what is wrong, does it really move, and moving it on purpose.

One lab for all stories, each told with JavaScript and without; they leave d1 with the address, as they find it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lab import wait_until
from lab.names import FLOATING, spec
from lab.place import Place
from tests.browser.chromium import Wizard, started
from tests.lab import changes, stories
from tests.lab.changes import CONF, settled
from tests.lab.conftest import Labs, start

LOOKED = 60_000  # milliseconds for a diagnosis, which listens for some seconds
LONGEST = 120_000  # for a deploy, or a drill with the looks before it


@pytest.fixture(scope="module")
def place(labs: Labs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Two servers that share the address, and a client that drills are watched from."""
    lab = labs.up()
    start("pyinfra", "-y", written(tmp_path_factory.mktemp("care")), "deploy.py", check=True, timeout=180)
    yield lab
    labs.down()


@pytest.fixture
def status(place: Place, wizard: Wizard, page: Page) -> Iterator[Page]:
    """The status page of the cluster, which is well; whatever the browser complains about fails the story."""
    settled(place)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    wizard.inventories.mkdir()
    written(wizard.inventories)
    page.goto(wizard.link)
    page.get_by_role("button", name="Edit").click()
    heading(page, "Check your answers")
    url = page.url.replace("/check", "/status")
    page.goto(f"{url}?follow=yes")  # the first look may take its time
    expect(page.locator("section.status")).to_contain_text(f"d1 holds {FLOATING}.", timeout=LOOKED)
    page.goto(url)
    yield page
    refused = "the server responded with a status of 409"  # of the page itself, where a move was refused
    assert [one for one in complaints if refused not in one] == []


def written(directory: Path) -> Path:
    """The lab's inventory, with the client as the one who watches drills."""
    return changes.inventory(directory / "lab.py", group={"client": dict(spec("client").connection)})


def heading(page: Page, text: str, timeout: float = LOOKED) -> None:
    """Wait for the page that is called so."""
    expect(page.get_by_role("heading", level=1)).to_have_text(text, timeout=timeout)


def test_the_diagnosis_names_what_was_edited(place: Place, status: Page) -> None:
    page, main = status, status.get_by_role("main")
    page.get_by_role("link", name="What is wrong?").click(timeout=LOOKED)
    heading(page, "What is wrong?")
    expect(main).to_contain_text("● Nothing:")
    expect(main).to_contain_text("● d1: as the inventory says")
    expect(main).to_contain_text("● d2: as the inventory says")

    host = place.host("d2")
    host.run(f"sed -i.was 's/priority 100/priority 99/' {CONF} && systemctl reload keepalived")
    page.get_by_role("button", name="Look again").click(timeout=LOOKED)
    first = page.locator(".findings li").first
    expect(first).to_contain_text("keepalived.conf on d2 is not what the inventory says: priority.", timeout=LOOKED)
    expect(first.locator(".gone")).to_have_text("-    priority 99")
    expect(first.locator(".added")).to_have_text("+    priority 100")
    expect(main).to_contain_text("● d1: as the inventory says")
    expect(main).to_contain_text("▲ d2: not what the inventory says")
    assert stories.holders(place) == ["d1"]

    host.run(f"mv {CONF}.was {CONF} && systemctl reload keepalived")
    page.get_by_role("button", name="Look again").click(timeout=LOOKED)
    expect(main).to_contain_text("● Nothing:", timeout=LOOKED)
    expect(main).to_contain_text("● d2: as the inventory says")


def test_a_drill_is_watched_and_remembered(place: Place, status: Page) -> None:
    page = status
    page.get_by_role("link", name="Does it really move?").click()
    heading(page, "Does it really move?")
    expect(page.get_by_role("region", name="Earlier drills")).to_have_count(0)
    expect(page.get_by_label("its health checks fail")).to_be_disabled()
    stop = page.get_by_label("keepalived is stopped")
    expect(stop).to_have_accessible_description(re.compile(r"Clients wait at most 0\.9 s\."))
    stop.check()
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_role("status")).to_contain_text("Under way: keepalived is stopped")
    settled(place, "d2", timeout=60)
    expect(page.locator("section.status")).to_contain_text(f"d2 holds {FLOATING}", timeout=10_000)
    expect(page.get_by_role("img", name=re.compile("The pings of the last .* s"))).to_be_visible(timeout=10_000)
    assert "has happened" in page.locator("[aria-current=step]").inner_text()
    expect(page.locator("svg .mark")).to_have_count(1, timeout=10_000)  # what happened, among the pings
    told = page.locator("section.status.good")
    expect(told).to_contain_text("The promise held", timeout=LONGEST)
    expect(told).to_contain_text("d1: keepalived is stopped.")
    expect(told).to_contain_text("d1 has the address again.")
    waited = told.inner_text().split("Clients waited ")[1].split(" ms")[0]
    assert 0 < int(waited) <= 910
    expect(page.get_by_role("img", name="d1: keepalived is stopped")).to_be_visible()
    lanes = page.get_by_role("region", name="What was measured").get_by_role("row")
    expect(lanes.filter(has_text="d1")).to_contain_text(", ")  # before and after
    expect(lanes.filter(has_text="d2")).to_contain_text("–")
    earlier = page.get_by_role("region", name="Earlier drills")
    expect(earlier.get_by_role("row")).to_have_count(2)
    expect(earlier).to_contain_text(f"● {waited} ms")
    earlier.get_by_role("link").click()
    expect(told).to_contain_text(f"Clients waited {waited} ms")
    settled(place)


def test_a_drill_needs_neither_the_wizard_nor_the_tab(place: Place, chromium: Browser, tmp_path: Path) -> None:
    settled(place)
    (tmp_path / "inventories").mkdir()
    written(tmp_path / "inventories")
    with started(tmp_path) as first:
        tab = chromium.new_page()
        tab.goto(first.link)
        tab.get_by_role("button", name="Edit").click()
        heading(tab, "Check your answers")
        tab.goto(tab.url.replace("/check", "/drill"))
        tab.get_by_role("button", name="Try it").click()
        expect(tab.get_by_role("status")).to_contain_text("Under way")
        settled(place, "d2", timeout=60)
        tab.close()
        first.process.kill()
    with started(tmp_path) as second:
        tab = chromium.new_page()
        tab.goto(second.link)
        tab.get_by_role("link", name="Status lab").click()
        tab.get_by_role("link", name="Does it really move?").click(timeout=LOOKED)
        told = tab.locator("section.status.good")
        expect(told).to_contain_text("The promise held", timeout=LONGEST)
        expect(tab.get_by_role("region", name="Earlier drills").get_by_role("row")).to_have_count(2)
        tab.close()
    settled(place)


def test_a_drill_that_would_do_harm_is_refused(place: Place, status: Page) -> None:
    page, sick = status, place.host("d2")
    sick.run("systemctl stop keepalived")
    page.get_by_role("link", name="Does it really move?").click()
    page.get_by_role("button", name="Try it").click()
    refusal = page.get_by_role("alert")
    expect(refusal).to_contain_text("Nothing was done", timeout=LOOKED)
    expect(refusal).to_contain_text("d2 is not fit: keepalived does not run.")
    assert (stories.holders(place), stories.runs(place.host("d1"))) == (["d1"], True)
    sick.run("systemctl start keepalived")
    settled(place)


def test_the_address_is_moved_and_moved_back(place: Place, status: Page) -> None:
    page, url = status, status.url
    for name, other, told in (("d2", "d1", ": it was moved there on purpose."), ("d1", "d2", ".")):
        page.goto(url)
        page.get_by_role("button", name=f"Move it to {name}").click(timeout=LOOKED)
        heading(page, "Deployed lab.py", LONGEST)
        expect(page.get_by_role("main")).to_contain_text(f"{name} holds {FLOATING}, and it answers")
        settled(place, name)
        page.get_by_role("link", name="Who holds the address?").click()
        heading(page, "Who holds the address?")
        page.goto(f"{url}?follow=yes")  # a look may be some seconds old
        expect(page.locator("section.status")).to_contain_text(f"{name} holds {FLOATING}{told}", timeout=LOOKED)
        expect(page.get_by_role("row").filter(has_text=other)).to_contain_text("BACKUP", timeout=LOOKED)


def test_a_server_is_rebooted(place: Place, status: Page) -> None:
    page, boot = status, place.host("d1").boot_id()
    page.get_by_role("link", name="Reboot a server").click(timeout=LOOKED)
    heading(page, "Reboot a server")
    page.get_by_label("Which server").select_option("d1")
    page.get_by_role("button", name="Reboot it").click()
    heading(page, "Rebooting d1")
    settled(place, "d2", timeout=60)
    heading(page, "Rebooted d1", LONGEST)
    expect(page.locator("section.status.good")).to_contain_text("d1 was rebooted, and everything is where it was.")
    expect(page.locator("section.status.good")).to_contain_text(f"d1 holds {FLOATING}, and it answers")
    expect(page.get_by_role("row", name="Reboot d1 and wait until it is well")).to_contain_text("● done")
    assert place.host("d1").boot_id() != boot
    settled(place)


def test_a_reboot_without_anybody_to_stand_in_is_refused(place: Place, status: Page) -> None:
    page, sick, boot = status, place.host("d2"), place.host("d1").boot_id()
    sick.run("systemctl stop keepalived")
    page.get_by_role("link", name="Reboot a server").click(timeout=LOOKED)
    page.get_by_role("button", name="Reboot it").click()
    heading(page, "Nothing was changed")
    expect(page.get_by_role("alert")).to_contain_text("d2 is not fit: keepalived does not run.")
    assert (stories.holders(place), place.host("d1").boot_id()) == (["d1"], boot)
    sick.run("systemctl start keepalived")
    wait_until("d2 takes part again", lambda: stories.runs(sick))
    settled(place)


def test_a_move_to_who_is_not_well_is_refused(place: Place, status: Page) -> None:
    page, sick = status, place.host("d2")
    sick.run("systemctl stop keepalived")
    page.get_by_role("button", name="Move it to d2").click(timeout=LOOKED)
    heading(page, "Nothing was changed")
    expect(page.get_by_role("alert")).to_contain_text("d2 is not fit: keepalived does not run.")
    assert (stories.holders(place), place.client.answers(FLOATING)) == (["d1"], True)
    sick.run("systemctl start keepalived")
    wait_until("d2 takes part again", lambda: stories.runs(sick))
    settled(place)
