"""What belongs to the cluster itself: an address that floats is no server's own, its adverts are no stranger's."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from floatip.hosts.network_scan import Advert, NetworkScan
from tests.web.conftest import Person
from tests.web.test_typed import fields, looked
from tests.web.test_way import SERVERS, answer_all
from wizard import context
from wizard.drafts import Draft, Drafts
from wizard.hosts import discovery
from wizard.pages import network_scan
from wizard.pages.network_scan import NetworkScans

CONF = """
vrrp_instance VI_1
{
\tvirtual_ipaddress { # as somebody wrote it
\t\t10.9.1.6/24 dev eth1
\t}
    virtual_ipaddress_excluded {
        10.9.1.7
    }
}
"""
FLOATING = ["10.9.1.6/24", "10.9.1.7/24"]


def found(app: Flask, **lines: list[str]) -> Draft:
    """The only draft, whose servers have said this of themselves."""
    drafts: Drafts = context.of(app).drafts
    (draft,) = drafts.all()
    draft.found = {name: {"lines": said} for name, said in lines.items()} | {"": discovery.connections(draft)}
    return drafts.save(draft, draft.version)


@pytest.mark.parametrize("answered", [False, True])
def test_an_address_that_floats_is_not_offered(app: Flask, person: Person, answered: bool) -> None:
    """As a server's file says, also another's, in any layout; and as was answered, where no file could be read."""
    if answered:
        answer_all(person, until="Which group number (VRID)?")
        person.open(person.at.replace("vrid", "network"))
    else:
        person.send("/new")
        person.send(**SERVERS)
    conf = "" if answered else CONF
    d1, d2 = looked("10.9.1.6/24", "10.9.1.16/24", "10.9.1.7/24"), looked("10.9.1.61/24", conf=conf)
    found(app, d1=d1, d2=d2)
    text = person.open(person.at).text
    assert [f"eth1 {address}" in text for address in FLOATING] == [False, answered]
    assert fields(text)["members-0-choice"] == "eth1 10.9.1.16/24"


def advert(source: str, number: int) -> Advert:
    """As a router says it."""
    return Advert("eth1", source, number, 2, 150, ("10.9.1.6",))


@pytest.mark.parametrize("looked_at", [True, False])
def test_the_cluster_s_own_adverts_are_no_stranger_s(
    app: Flask, person: Person, monkeypatch: pytest.MonkeyPatch, looked_at: bool
) -> None:
    """Also those of a server that could not be looked at: its address was answered."""
    scans = {"d2": NetworkScan((advert("10.9.1.16", 101), advert("10.9.1.99", 7)), ("eth1",))}

    def listened(*_: Any) -> network_scan.Answers:
        return scans

    monkeypatch.setattr(NetworkScans, "answers", listened)
    answer_all(person, until="Which group number (VRID)?")
    found(app, **({"d1": looked("10.9.1.16/24")} if looked_at else {}), d2=looked("10.9.1.61/24"))
    text = person.open(person.at).text
    assert 'data-source="10.9.1.16" data-vrid="101" data-own="d1"' in text
    assert 'data-source="10.9.1.99" data-vrid="7">' in text
    assert fields(text)["virtual_router_id"] == "101"
    assert person.send(virtual_router_id="7").status_code == 422
    assert "10.9.1.99" in person.summary["virtual_router_id"]
    assert person.send(virtual_router_id="101").status_code == 200
    assert person.heading == "Which server is preferred?"
