"""Looking after a cluster in the browser: what is wrong, does it really move, and moving it on purpose.

One lab for all stories; in `make test` one of them is told without JavaScript. Hosts: deployed, and left as they were
found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from floatip.operate import refusals
from floatip.operate.status import Code
from lab import wait_until
from lab.names import FLOATING
from lab.place import Place
from tests.browser.chromium import LATER, Wizard, profile, started
from tests.lab import stories
from tests.lab.changes import CONF, INVENTORY, settled
from tests.lab.pages import LONGEST, arrived, held, ran, server


@pytest.fixture
def status(place: Place, wizard: Wizard, page: Page) -> Iterator[Page]:
    """The status page of the cluster, which is well; whatever the browser complains about fails the story."""
    settled(place)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    wizard.inventories.mkdir()
    written(wizard.inventories)
    edited(page, wizard)
    url = page.url.replace("/check", "/status")
    page.goto(f"{url}?follow=yes")  # the first look may take its time
    held(page, "d1")
    page.goto(url)
    yield page
    refused = "the server responded with a status of 409"  # of the page itself, where a move was refused
    assert [complaint for complaint in complaints if refused not in complaint] == []


def written(directory: Path) -> None:
    """The lab's inventory, which names the client as the one who watches drills."""
    (directory / "lab.py").write_text(INVENTORY.read_text())


def edited(page: Page, wizard: Wizard) -> None:
    """From the start link to the check of that inventory."""
    page.goto(wizard.link)
    page.get_by_role("button", name="Edit").click()
    arrived(page, "check")


def measured(page: Page) -> int:
    """Wait until a drill of d1 has ended as promised; for how many milliseconds clients waited."""
    expect(page.locator("#live")).to_have_attribute("data-state", "held", timeout=LONGEST)
    row = page.locator("section.status.good[data-server=d1][data-fault=stop][data-back=d1]")
    return int(row.get_attribute("data-ms") or "")


@LATER
def test_the_diagnosis_names_what_was_edited(place: Place, status: Page) -> None:
    page, host = status, place.host("d2")
    host.run(f"sed -i.was 's/priority 100/priority 99/' {CONF} && systemctl reload keepalived")
    page.get_by_role("link", name="What is wrong?").click()
    arrived(page, "doctor")
    first = page.locator(".findings li").first
    expect(first).to_have_attribute("data-code", "drift")
    expect(first).to_have_attribute("data-server", "d2")
    expect(first.locator(".gone")).to_have_text("-    priority 99")
    expect(first.locator(".added")).to_have_text("+    priority 100")
    expect(page.locator("[data-server=d1][data-file=same]")).to_have_count(1)
    expect(page.locator("[data-server=d2][data-file=differs]")).to_have_count(1)
    assert stories.holders(place) == ["d1"]

    host.run(f"mv {CONF}.was {CONF} && systemctl reload keepalived")
    page.get_by_role("button", name="Check again").click()
    expect(page.locator("section.status.good")).to_have_count(1)
    expect(page.locator(".findings")).to_have_count(0)
    expect(page.locator("[data-file=same]")).to_have_count(2)


@LATER
def test_a_drill_is_watched_and_remembered(place: Place, status: Page) -> None:
    page, live, earlier = status, status.locator("#live"), status.locator("[aria-labelledby=earlier]")
    page.get_by_role("link", name="Failover test", exact=True).click()
    arrived(page, "drill")
    expect(earlier).to_have_count(0)
    expect(page.locator("#fault-check")).to_be_disabled()
    expect(page.locator("#fault-stop")).to_have_accessible_description(re.compile(r"\b0\.9\b"))
    page.locator("#fault-stop").check()
    page.get_by_role("button", name="Try it").click()
    expect(live).to_have_attribute("data-state", "going")
    settled(place, "d2", timeout=60)
    expect(page.locator("section.status[data-holders=d2]")).to_have_count(1)
    expect(page.locator(".stages")).to_have_attribute("data-phase", re.compile("^(fault|undone)$"))
    expect(live.locator("svg .mark").first).to_be_attached()  # what happened, among the pings
    waited = measured(page)
    assert 0 < waited <= 910
    expect(live.locator("svg")).to_be_visible()
    rows = live.locator("tbody tr")
    expect(rows.filter(has_text="d1").first).to_contain_text(", ")  # before and after
    expect(rows.filter(has_text="d2").first).to_contain_text("–")
    expect(earlier.locator("[data-test][data-held=yes]")).to_have_count(1)
    expect(earlier).to_contain_text(f"● {waited} ms")
    earlier.get_by_role("link").click()
    page.wait_for_url("**/drill?of=*")
    assert measured(page) == waited
    settled(place)


def test_a_drill_needs_neither_the_wizard_nor_the_tab(place: Place, chromium: Browser, tmp_path: Path) -> None:
    """Nor JavaScript: without it the drill is watched, and the status followed until the address is back."""
    settled(place)
    (tmp_path / "inventories").mkdir()
    written(tmp_path / "inventories")
    with started(tmp_path) as first, profile(chromium, java_script_enabled=False) as context:
        tab = context.new_page()
        edited(tab, first)
        tab.goto(tab.url.replace("/check", "/drill"))
        tab.get_by_role("button", name="Try it").click()
        expect(tab.locator("#live")).to_have_attribute("data-state", "going")
        settled(place, "d2", timeout=60)
        context.close()
        first.process.kill()
    with started(tmp_path) as second, profile(chromium, java_script_enabled=False) as context:
        tab = context.new_page()
        tab.goto(second.link)
        tab.get_by_role("link", name="Status lab").click()
        url = tab.url.partition("?")[0]
        tab.goto(f"{url}?follow=yes")
        held(tab, "d1")
        tab.goto(url)
        tab.get_by_role("link", name="Failover test", exact=True).click()
        measured(tab)
        expect(tab.locator("[aria-labelledby=earlier] [data-test]")).to_have_count(1)
    settled(place)


@LATER
def test_what_would_do_harm_is_refused(place: Place, status: Page) -> None:
    """A drill, a move and a reboot, while nobody is fit to stand in."""
    page, url, sick, boot = status, status.url, place.host("d2"), place.host("d1").boot_id()

    def refused(what: Locator) -> None:
        expect(what).to_contain_text("d2")
        assert (stories.holders(place), place.client.answers(FLOATING)) == (["d1"], True)
        assert (stories.runs(place.host("d1")), place.host("d1").boot_id()) == (True, boot)

    page.goto(url.replace("/status", "/maintain"))
    move, again = page.get_by_role("button", name="Move it to d2"), re.compile("/maintain$")
    expect(move).to_be_visible()
    page.route(again, lambda _: None)  # no answer: the page stays as it was right when it was opened
    sick.run("systemctl stop keepalived")
    move.click()
    refused(page.locator("[role=alert][data-code=unfit]"))
    page.unroute(again)
    page.goto(url.replace("/status", "/maintain"))
    expect(page.locator("#move-d2")).to_contain_text("keepalived")
    expect(page.locator("#move-d2 button, #reboot a")).to_have_count(0)
    kept = page.locator(f"[data-kept=d1][data-code={refusals.Code.NOT_RUNNING}]")

    def shown() -> bool:
        page.goto(url.replace("/status", "/reboot"))
        return kept.count() == 1

    wait_until("d1 is kept", shown)  # a look may be some seconds old
    refused(kept)
    expect(page.get_by_role("button", name="Reboot it")).to_have_count(0)
    page.goto(url.replace("/status", "/drill"))
    page.get_by_role("button", name="Try it").click()
    expect(page.locator("#live")).to_have_attribute("data-state", "refused")
    refused(page.get_by_role("alert"))
    sick.run("systemctl start keepalived")
    wait_until("d2 takes part again", lambda: stories.runs(sick))
    settled(place)


@LATER
def test_the_address_is_moved_and_moved_back(place: Place, status: Page) -> None:
    page, url = status, status.url
    for name, other in (("d2", "d1"), ("d1", "d2")):
        page.goto(url.replace("/status", "/maintain"))
        page.get_by_role("button", name=f"Move it to {name}").click()
        ran(page, "done")
        expect(page.locator(".proof")).to_contain_text(re.compile(rf"{name}.*{re.escape(FLOATING)}"))
        settled(place, name)
        page.get_by_role("link", name="Who holds the address?").click()
        arrived(page, "status")
        page.goto(f"{url}?follow=yes")  # a look may be some seconds old
        held(page, name)
        code = Code.MOVED if name == "d2" else Code.HELD
        expect(page.locator("section.status")).to_have_attribute("data-code", code)
        expect(server(page, other)).to_have_attribute("data-state", "backup")


@LATER
@pytest.mark.soak
def test_a_server_is_rebooted(place: Place, status: Page) -> None:
    page, boot = status, place.host("d1").boot_id()
    page.get_by_role("link", name="Maintain").click()
    arrived(page, "maintain")
    page.get_by_role("link", name="Reboot a server").click()
    arrived(page, "reboot")
    page.get_by_label("Which server").select_option("d1")
    page.get_by_role("button", name="Reboot it").click()
    ran(page, "going")
    settled(place, "d2", timeout=60)
    ran(page, "done")
    expect(page.locator(".proof").last).to_have_text(re.compile(rf"d1.*{re.escape(FLOATING)}"))
    expect(page.get_by_role("row", name=re.compile("^Reboot d1"))).to_contain_text("●")
    assert place.host("d1").boot_id() != boot
    settled(place)
