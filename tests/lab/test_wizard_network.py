"""The network is asked before it is trusted: somebody else's group number, somebody else's address, in Chromium."""

from __future__ import annotations

import re
from ipaddress import ip_interface

import pytest
from playwright.sync_api import Page, expect

from floatip.hosts import network_scan, network_script
from lab import wait_until
from lab.layers import State
from lab.names import FLOATING, SUITES
from lab.place import Place
from tests.browser.chromium import LATER, Wizard
from tests.lab.pages import arrived, go, refused, server

STRANGER = """vrrp_instance OTHER {
    interface eth1
    virtual_router_id 101
    priority 50
    virtual_ipaddress {
        10.9.1.200/24
    }
}
"""


@LATER
@pytest.mark.hosts(State.READY, whole=True)
def test_what_others_use_already(lab: Place, wizard: Wizard, page: Page) -> None:
    """Hosts: ready."""
    client = lab.client
    client.run("apt-get -qq update; DEBIAN_FRONTEND=noninteractive apt-get -qq -y install keepalived")
    client.run("cat >/etc/keepalived/keepalived.conf; systemctl restart keepalived", stdin=STRANGER)
    client.run(f"ip address add {FLOATING}/24 dev eth1")
    wait_until("the stranger leads its own group", lambda: client.holds("10.9.1.200"))
    mac = client.run("cat /sys/class/net/eth1/address").stdout.strip()

    page.goto(wizard.link)
    page.get_by_role("button", name="Practise on the lab").click()
    arrived(page, "servers")
    go(page, "network")
    go(page, "address")
    page.get_by_label("Floating address").fill(FLOATING)
    go(page, "address")
    refused(page, "address-taken")
    expect(page.get_by_role("alert")).to_contain_text(mac)
    page.get_by_role("button", name="Suggest a free one").click()
    address, suggested = page.get_by_label("Floating address"), page.locator("[data-free]").get_attribute("data-free")
    expect(address).to_have_value(re.compile(re.escape(FLOATING)))  # what was typed stays
    free = ip_interface(suggested or "")
    assert free.network == ip_interface("10.9.1.16/24").network
    assert not any(str(free.ip) == address.split("/")[0] for address in everybody(lab))
    address.fill(str(free))
    go(page, "vrid")
    for name in ("d1", "d2"):
        expect(server(page, name)).to_have_attribute("data-source", "10.9.1.99")
        expect(server(page, name)).to_have_attribute("data-vrid", "101")
    number = page.get_by_label("Group number (VRID)")
    expect(number).to_have_value("102")
    number.fill("101")
    for _ in range(2):  # only who says so goes on
        with page.expect_navigation():
            page.locator("button[value=go]").click()
        refused(page, "vrid-heard")
    page.get_by_label("Use it anyway").check()
    for question in ("leader", "extras", "check"):
        go(page, question)
    expect(page.locator("[data-code=vrid-heard]")).to_contain_text("10.9.1.99")


@pytest.mark.hosts(State.DEPLOYED)
@pytest.mark.parametrize("suite", SUITES)
def test_every_release_hears_and_sees(lab: Place) -> None:
    asked = [("eth1", FLOATING), ("eth1", "10.9.1.16"), ("eth1", "10.9.1.77"), ("eth1", "fd00:9:1::16")]
    script = network_script.script(["eth1", "eth7"], asked)
    seen = {name: network_scan.parse(lab.host(name).run(script).stdout.splitlines()) for name in ("d1", "d2", "client")}
    mac = lab.host("d1").run("cat /sys/class/net/eth1/address").stdout.strip()
    advert = network_scan.Advert("eth1", "10.9.1.16", 101, 2, 150, (FLOATING,))
    for name, monitor in seen.items():
        assert monitor.listened == ("eth1",)
        assert monitor.not_listened == (("eth7", "no such interface"),)
        assert monitor.adverts == (() if name == "d1" else (advert,))
    answers = [("eth1", address, mac) for address in (FLOATING, "10.9.1.16", "fd00:9:1::16")]
    assert sorted(seen["client"].answered) == sorted(answers)
    assert seen["d1"].answered == ()


def everybody(lab: Place) -> list[str]:
    """All addresses that are in use."""
    return [address for host in lab.hosts.values() for address in host.run("ip -br address").stdout.split()]
