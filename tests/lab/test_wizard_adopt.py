"""Servers that run keepalived by somebody's hand are taken over in the browser, and nobody notices."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from floatip.change.plan import Kind
from lab import Probe
from lab.layers import State
from lab.names import FLOATING
from lab.place import Place
from tests.browser.chromium import LATER, Wizard
from tests.lab.changes import settled
from tests.lab.conftest import Runs
from tests.lab.measuring import answered_within
from tests.lab.pages import arrived, go, ran

HAND_MADE = """! by hand
global_defs {{
   router_id {name}
   smtp_server 127.0.0.1
}}
vrrp_instance VI_1
{{
   state {state}   # so they say
   interface eth1
   virtual_router_id 101
   priority {priority}
   advert_int 1
   virtual_ipaddress {{
      10.9.1.6/24 dev eth1
   }}
   garp_master_delay 2
}}
"""


@LATER
@pytest.mark.hosts(State.READY)
def test_a_pair_made_by_hand(lab: Place, wizard: Wizard, page: Page, deploy: Runs) -> None:
    """Hosts: ready."""
    for host, state, priority in zip(lab.servers, ("MASTER", "BACKUP"), (120, 90), strict=True):
        host.run("apt-get -qq update; DEBIAN_FRONTEND=noninteractive apt-get -qq -y install keepalived")
        text = HAND_MADE.format(name=host.name, state=state, priority=priority)
        host.run("cat >/etc/keepalived/keepalived.conf; systemctl restart keepalived", stdin=text)
    settled(lab)

    page.goto(wizard.link)
    page.get_by_role("button", name="Practise on the lab").click()
    arrived(page, "servers")
    go(page, "network")
    page.get_by_role("link", name="Import it").click()
    arrived(page, "adopt")
    expect(page.get_by_label("keepalived.conf of d2")).to_have_value(
        lab.host("d2").run("cat /etc/keepalived/keepalived.conf").stdout
    )
    page.get_by_role("button", name="Import").click()
    button = page.get_by_role("button", name="Check the answers")
    expect(button).to_be_visible()
    for setting in ("smtp_server 127.0.0.1", "garp_master_delay 2"):
        expect(page.get_by_role("row", name=setting)).to_have_count(0)  # a setting, and no raw line
    button.click()
    arrived(page, "check")
    expect(page.locator("[data-code=foreign-configuration]")).to_have_count(2)
    page.get_by_role("button", name="Save the inventory").click()
    page.get_by_role("button", name="Save", exact=True).click()
    arrived(page, "saved")

    with Probe(lab.client, FLOATING) as probe:
        page.get_by_role("button", name="Deploy it now").click()
        ran(page, "failed")
        expect(page.get_by_role("alert")).to_contain_text("/etc/keepalived/keepalived.conf")
        page.go_back()
        page.get_by_label("Replace the keepalived.conf").check()
        page.get_by_role("button", name="Deploy it now").click()
        ran(page, "done")
        settled(lab)
    answered_within(probe.pings, 0.5, "taken over")
    for host, priority in zip(lab.servers, (120, 90), strict=True):
        text = host.run("cat /etc/keepalived/keepalived.conf").stdout
        assert f"priority {priority}" in text
        assert "garp_master_delay 2" in text and "smtp_server 127.0.0.1" in text
        assert "by hand" in host.run("cat /etc/keepalived/keepalived.conf.before-floatip").stdout
    assert deploy(wizard.inventories / "practice.py").planned.kind is Kind.NOTHING
