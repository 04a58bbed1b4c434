"""Servers that are not as one hopes, in Chromium: each is told where it shows, with what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from floatip import inventory
from lab.names import FLOATING
from lab.place import Place
from tests.browser.chromium import Wizard
from tests.lab.conftest import Labs
from tests.lab.test_wizard_browser import go, heading


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
    heading(page, "Which servers shall share the address?")
    return page


def as_admin(page: Page, *, sudo: bool) -> None:
    """d1 is reached as a user who is not root."""
    page.get_by_label("User", exact=True).first.fill("admin")
    if sudo:
        page.get_by_label("Use sudo").first.check()
    go(page)
    heading(page, "Where are they connected?")


def test_a_user_without_sudo(lab: Place, servers: Page) -> None:
    rights = "/etc/sudoers.d/admin"
    lab.host("d1").run(f"mv {rights} /root/")
    try:
        as_admin(servers, sudo=True)
        expect(servers.get_by_role("group", name="d1")).to_contain_text("The user may log in but not use sudo.")
        expect(servers.get_by_role("group", name="d2")).to_contain_text("Debian 12, root")
    finally:
        lab.host("d1").run(f"mv /root/admin {rights}")
    servers.get_by_role("button", name="look again").click()
    expect(servers.get_by_role("group", name="d1")).to_contain_text("Debian 12, root")


def test_a_user_who_does_not_become_root(servers: Page) -> None:
    as_admin(servers, sudo=False)
    told = servers.get_by_role("group", name="d1")
    expect(told).to_contain_text("d1: the SSH user is not root.")
    expect(told).to_contain_text("Use sudo")


def test_a_server_that_is_off(lab: Place, servers: Page) -> None:
    lab.host("d2").power_off()
    try:
        go(servers)
        heading(servers, "Where are they connected?")
        expect(servers.get_by_role("group", name="d2")).to_contain_text("Nothing answers there. Is it on")
        expect(servers.get_by_role("group", name="d1")).to_contain_text("Debian 12, root")
    finally:
        lab.host("d2").power_on()
        lab.wait_ready()


def test_a_changed_host_key(lab: Place, wizard: Wizard, page: Page) -> None:
    lab.host("d1").run("cp -a /etc/ssh /root/ssh; rm /etc/ssh/ssh_host_*; ssh-keygen -qA; systemctl restart ssh")
    try:
        page.goto(wizard.link)
        page.get_by_role("button", name="Practise on the lab").click()
        go(page)
        heading(page, "Where are they connected?")
        told = page.get_by_role("group", name="d1")
        expect(told).to_contain_text("Its host key is another than it was.")
        expect(told).to_contain_text("ssh-keygen -f .lab/known_hosts -R '[127.0.0.1]:2216'")
    finally:
        lab.host("d1").run("rm -r /etc/ssh; mv /root/ssh /etc/ssh; systemctl restart ssh")


def test_an_interface_of_another_name(lab: Place, wizard: Wizard, servers: Page) -> None:
    rename = "ip link set {0} down; ip link set {0} name {1}; ip link set {1} up; ip addr replace 10.9.1.61/24 dev {1}"
    lab.host("d2").run(rename.format("eth1", "ens7"))
    try:
        go(servers)
        heading(servers, "Where are they connected?")
        expect(servers.get_by_label("Interface and address").nth(0)).to_have_value("eth1 10.9.1.16/24")
        expect(servers.get_by_label("Interface and address").nth(1)).to_have_value("ens7 10.9.1.61/24")
        go(servers)
        servers.get_by_label("Floating address").fill(FLOATING)
        for _ in range(4):
            go(servers)
        heading(servers, "Check your answers")
        expect(servers.get_by_role("main")).not_to_contain_text("To be mended")
        servers.get_by_role("button", name="Save the inventory").click()
        servers.get_by_role("button", name="Save", exact=True).click()
        heading(servers, "Saved as inventories/lab.py")
    finally:
        lab.host("d2").run(rename.format("ens7", "eth1"))
    (read,) = inventory.read(wizard.inventories / "lab.py")
    assert read.cluster
    assert [member.interface for member in read.cluster.instances[0].members] == ["eth1", "ens7"]
    text = (wizard.inventories / "lab.py").read_text()
    assert re.search(r"'ens7'|\"ens7\"", text)
