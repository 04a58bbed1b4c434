"""Servers that are not as one hopes, in Chromium: each is told where it shows, with what to do.

Hosts: bare, and left as they were found."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from floatip.hosts.ssh_errors import Why
from floatip.model import inventory
from lab.names import FLOATING
from lab.place import Place
from tests.browser.chromium import LATER, Wizard
from tests.lab.conftest import Labs
from tests.lab.pages import arrived, go, looked_at, server


@pytest.fixture(scope="module")
def lab(labs: Labs) -> Iterator[Place]:
    """One lab for the stories of this module; each mends what it spoilt."""
    yield labs.up()
    labs.down()


@pytest.fixture
def servers(lab: Place, wizard: Wizard, page: Page) -> Page:
    """On the page that asks for the servers, with those of the lab filled in."""
    page.goto(wizard.link)
    page.get_by_role("button", name="Practise on the lab").click()
    arrived(page, "servers")
    return page


def as_admin(page: Page, *, sudo: bool) -> None:
    """d1 is reached as a user who is not root."""
    page.get_by_label("User", exact=True).first.fill("admin")
    if sudo:
        page.get_by_label("Use sudo").first.check()
    go(page, "network")


def failed(page: Page, name: str, why: Why) -> None:
    """A server could not be looked at."""
    expect(server(page, name)).to_have_attribute("data-state", "failed")
    expect(server(page, name).locator(f"[data-code={why}]")).to_be_visible()


@LATER
def test_a_user_without_sudo(lab: Place, servers: Page) -> None:
    rights = "/etc/sudoers.d/admin"
    lab.host("d1").run(f"mv {rights} /root/")
    try:
        as_admin(servers, sudo=True)
        failed(servers, "d1", Why.SUDO_PASSWORD)
        looked_at(servers, "d2")
    finally:
        lab.host("d1").run(f"mv /root/admin {rights}")
    servers.get_by_role("button", name="retry").click()
    looked_at(servers, "d1")


@LATER
def test_a_user_who_does_not_become_root(servers: Page) -> None:
    as_admin(servers, sudo=False)
    expect(server(servers, "d1").locator("[data-code=not-root]")).to_be_visible()


@LATER
def test_a_server_that_is_off(lab: Place, servers: Page) -> None:
    lab.host("d2").power_off()
    try:
        go(servers, "network")
        failed(servers, "d2", Why.NO_ANSWER)
        looked_at(servers, "d1")
    finally:
        lab.host("d2").power_on()
        lab.wait_ready()


@LATER
def test_a_changed_host_key(lab: Place, wizard: Wizard, page: Page) -> None:
    lab.host("d1").run("cp -a /etc/ssh /root/ssh; rm /etc/ssh/ssh_host_*; ssh-keygen -qA; systemctl restart ssh")
    try:
        page.goto(wizard.link)
        page.get_by_role("button", name="Practise on the lab").click()
        arrived(page, "servers")
        go(page, "network")
        failed(page, "d1", Why.OTHER_KEY)
        expect(server(page, "d1")).to_contain_text("ssh-keygen -f .lab/known_hosts -R '[127.0.0.1]:2216'")
    finally:
        lab.host("d1").run("rm -r /etc/ssh; mv /root/ssh /etc/ssh; systemctl restart ssh")


@LATER
def test_an_interface_of_another_name(lab: Place, wizard: Wizard, servers: Page) -> None:
    rename = "ip link set {0} down; ip link set {0} name {1}; ip link set {1} up; ip addr replace 10.9.1.61/24 dev {1}"
    lab.host("d2").run(rename.format("eth1", "ens7"))
    try:
        go(servers, "network")
        expect(servers.get_by_label("Interface and address").nth(0)).to_have_value("eth1 10.9.1.16/24")
        expect(servers.get_by_label("Interface and address").nth(1)).to_have_value("ens7 10.9.1.61/24")
        go(servers, "address")
        servers.get_by_label("Floating address").fill(FLOATING)
        for question in ("vrid", "leader", "extras", "check"):
            go(servers, question)
        expect(servers.locator("[data-level=error]")).to_have_count(0)
        servers.get_by_role("button", name="Save the inventory").click()
        servers.get_by_role("button", name="Save", exact=True).click()
        arrived(servers, "saved")
    finally:
        lab.host("d2").run(rename.format("ens7", "eth1"))
    (read,) = inventory.read(wizard.inventories / "practice.py")
    assert read.cluster
    assert [member.interface for member in read.cluster.instances[0].members] == ["eth1", "ens7"]
    text = (wizard.inventories / "practice.py").read_text()
    assert re.search(r"'ens7'|\"ens7\"", text)
