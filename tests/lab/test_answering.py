"""Whose answer it is: another machine that has a floating address is told before the address is given to a server, and
is not taken for the holder afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from floatip.change.plan import Kind
from floatip.runs.events import Proved, Remark
from lab.host import Host
from lab.names import FLOATING
from lab.place import Place
from tests.lab import stories
from tests.lab.changes import FAST, INVENTORY, inventory, settled
from tests.lab.conftest import Runs
from tests.lab.ran import Ran

SECOND = "10.9.1.7"
BOTH = {**FAST, "virtual_ipaddress": [f"{FLOATING}/24", f"{SECOND}/24"]}

pytestmark = pytest.mark.skipif("config.getoption('--lab') != 'nspawn'", reason="VirtualBox drops foreign MACs")


def proved(ran: Ran) -> dict[str, Proved]:
    """Address → what was seen of it at the end."""
    return {proof.address: proof for proof in ran.all(Proved)}


def taken(ran: Ran) -> list[str]:
    """Who saw that an address is taken."""
    return [remark.path for remark in ran.all(Remark) if remark.code == "address-taken"]


def test_another_machine_has_the_address(place: Place, deploy: Runs, floatip: Runs, tmp_path: Path) -> None:
    client: Host = place.client
    both = inventory(tmp_path, instance=BOTH)
    client.run(f"ip addr add {SECOND}/24 dev eth1")
    try:
        assert taken(deploy(both, "--dry")) == ["nodes.d1"]
        ran = deploy(both)
        doctor = floatip("doctor", both, "--json", check=False).document["findings"]
    finally:
        client.run(f"ip addr del {SECOND}/24 dev eth1")
    assert taken(ran) == ["nodes.d1"]
    seen = proved(ran)
    assert seen[FLOATING] == Proved(FLOATING, "d1", True, "VI_1")
    assert seen[SECOND] == Proved(SECOND, "d1", True, "VI_1", (client.mac(),))
    assert [finding["code"] for finding in doctor] == ["address-taken"]

    again = deploy(both)
    assert (again.planned.kind, taken(again)) == (Kind.NOTHING, [])
    assert [proof.answers for proof in again.all(Proved)] == [None, None], "nobody was asked"
    back = deploy(INVENTORY)
    assert proved(back) == {FLOATING: Proved(FLOATING, "d1", True, "VI_1")}
    settled(place)


def test_a_virtual_hardware_address_counts(place: Place, deploy: Runs, tmp_path: Path) -> None:
    virtual = deploy(inventory(tmp_path, instance={**FAST, "use_vmac": True}))
    assert proved(virtual) == {FLOATING: Proved(FLOATING, "d1", True, "VI_1")}
    stories.reaches(place, "00:00:5e:00:01:65")
    back = deploy(INVENTORY)
    assert proved(back) == {FLOATING: Proved(FLOATING, "d1", True, "VI_1")}
    settled(place)
    stories.reaches(place, place.host("d1").mac())
