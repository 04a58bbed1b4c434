"""The list of answers on the check page: each stands once, under a short name, beside the way to change it."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping

import pytest
from flask import Flask

from tests.web.conftest import Person
from wizard import context
from wizard.drafts import Draft

SHORT = 20  # letters; the names have a narrow column, and a telephone's whole width


@pytest.fixture
def pair(app: Flask, planted_drafts: Mapping[str, Draft]) -> Draft:
    """Two groups, of which the second has several addresses; settings that most people leave alone."""
    hosts, data = copy.deepcopy((planted_drafts["looked"].hosts, planted_drafts["looked"].data))
    first = data["vrrp_instances"]["VI_1"]
    data["vrrp_instances"]["VI_2"] = {**first, "virtual_router_id": 102, "virtual_ipaddress": ["10.9.1.7", "10.9.1.8"]}
    first["garp_master_delay"] = 3
    for _, settings in hosts:
        settings["vrrp"]["VI_2"] = dict(settings["vrrp"]["VI_1"])
    hosts[1][1].update(ssh_user="admin", ssh_port=2222, _sudo=True)
    return context.of(app).drafts.new(hosts=hosts, data=data)


def rows(person: Person, draft: Draft) -> list[tuple[str, str, str]]:
    """What each row is called, what it says, and where it is changed."""
    person.open(f"/cluster/{draft.key}/check")
    table = person.page.text.partition("<table")[2].partition("</table>")[0]
    found = re.findall(r'<th scope="row">(.*?)</th>\s*<td>(.*?)</td>\s*<td><a href="(.*?)"', table, re.S)
    return [(name, " ".join(re.sub(r"<[^>]*>", " ", said).split()), where) for name, said, where in found]


def test_each_answer_stands_once_under_a_short_name(person: Person, pair: Draft) -> None:
    found = rows(person, pair)
    assert [name for name, *_ in found[:9]] == [
        *("Servers", "Network", "Floating address", "VRID", "Preferred server", "When it returns", "Priorities"),
        *("Health checks", "Other devices"),
    ]
    asked = [(name, "VI_2" in where) for name, _, where in found]
    assert len(set(asked)) == len(asked)
    (long,) = [name for name, *_ in found if len(name) > SHORT]
    assert "garp_master_delay" in long, "one of those under Advanced, which are called there what they are here"


def test_a_server_is_told_as_ssh_is_and_addresses_are_all_there(person: Person, pair: Draft) -> None:
    said = {(name, "VI_2" in where): value for name, value, where in rows(person, pair)}
    assert said["Servers", False] == "d1 root@127.0.0.1, port 1 d2 admin@127.0.0.1, port 2222, with sudo"
    assert said["Network", False] == "d1 eth1, 10.9.1.16/24 d2 eth1, 10.9.1.61/24"
    assert (said["Floating address", False], said["Floating address", True]) == ("10.9.1.6/24", "10.9.1.7, 10.9.1.8")
    assert said["Priorities", True] == "d1 150 d2 100"


def test_what_groups_have_in_common_is_told_once_and_what_nobody_set_not_at_all(person: Person, pair: Draft) -> None:
    found = rows(person, pair)
    names = [name for name, *_ in found]
    assert (names.count("Firewall"), names.count("Log file"), names.count("Failover")) == (1, 1, 2)
    rest = [(name, value) for name, value, where in found if "/extras?" in where and "VI_1" in where][3:]
    assert [value for _, value in rest] == ["3"], "the one setting that was typed"
