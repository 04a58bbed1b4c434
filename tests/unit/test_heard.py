"""What a network says: read strictly, whatever a host prints; and what is free."""

from __future__ import annotations

from ipaddress import ip_interface

import pytest

from floatip.hosts import network_scan, network_script
from floatip.model import fields

V2 = "2165960100013d890a0901060000000000000000"
V3 = "31076401006433ec0a090106"
LINES = ["floatip-network=1", "listened=eth1", "deaf=eth9 no such interface"]
GOOD = [
    (f"heard=eth1 10.9.1.16 {V2}", network_scan.Advert("eth1", "10.9.1.16", 101, 2, 150, ("10.9.1.6",))),
    (f"heard=eth1 10.9.1.16 {V3}", network_scan.Advert("eth1", "10.9.1.16", 7, 3, 100, ("10.9.1.6",))),
    (
        "heard=br-0.7 fe80::1 3107640100640000fe800000000000000000000000000007",
        network_scan.Advert("br-0.7", "fe80::1", 7, 3, 100, ("fe80::7",)),
    ),
    ("heard=eth1 10.9.1.16 2165960900013d890a09", network_scan.Advert("eth1", "10.9.1.16", 101, 2, 150, ())),
]
CARP = "2165000700000133" + "00" * 28  # version 2, type 1, VHID 101, advskew 0, 7 words of authentication
V2_SEVEN = "21650a0700013d89" + "".join(f"0a0901{number:02x}" for number in range(7)) + "00" * 8
V3_SEVEN = "31650a0700643d89" + "".join(f"0a0901{number:02x}" for number in range(7))
KINDS = [
    (CARP, network_scan.Protocol.CARP, 0),
    (V2_SEVEN, network_scan.Protocol.VRRP, 7),
    (V3_SEVEN, network_scan.Protocol.VRRP, 7),
]


@pytest.mark.parametrize(("payload", "protocol", "addresses"), KINDS)
def test_carp_is_no_vrrp(payload: str, protocol: network_scan.Protocol, addresses: int) -> None:
    """All three say version, type 1, number 101 and seven of something."""
    (advert,) = network_scan.parse([*LINES, f"heard=eth1 10.9.1.9 {payload}"]).adverts
    assert (advert.virtual_router_id, advert.protocol, len(advert.addresses)) == (101, protocol, addresses)


NONSENSE = [
    "heard=eth1 10.9.1.16 21",
    "heard=$(id) 10.9.1.16 " + V2,
    "heard=eth1 999.9.9.9 " + V2,
    "heard=eth1 10.9.1.16 " + "zz" * 20,
    "heard=eth1 10.9.1.16 11" + V2[2:],
    "heard=eth1 10.9.1.16 " + "21" * 300,
    "heard",
    "neigh=eth1 10.9.1.6 ",
    "neigh=eth1 10.9.1.6 10.9.1.6 FAILED",
    "neigh=eth1 10.9.1.6 10.9.1.6 lladdr <script>alert(1)</script> REACHABLE",
]


@pytest.mark.parametrize(("line", "advert"), GOOD)
def test_an_advert(line: str, advert: network_scan.Advert) -> None:
    found = network_scan.parse([*LINES, line, line])
    assert found == network_scan.NetworkScan((advert,), ("eth1",), (("eth9", "no such interface"),))


@pytest.mark.parametrize("line", NONSENSE)
def test_nonsense_is_nothing(line: str) -> None:
    found = network_scan.parse([*LINES, line])
    assert (found.adverts, found.answered) == ((), ())


def test_a_neighbour() -> None:
    line = "neigh=eth1 10.9.1.6 10.9.1.6 dev eth1 lladdr 02:00:5e:00:01:65 REACHABLE"
    assert network_scan.parse([*LINES, line]).answered == (("eth1", "10.9.1.6", "02:00:5e:00:01:65"),)


def test_no_answer_at_all() -> None:
    with pytest.raises(ValueError, match="did not run"):
        network_scan.parse(["sh: 1: oops"])


@pytest.mark.parametrize("name", ["$(id)", "a;id", "eth0!x", "lo", ""])
def test_only_interfaces_get_into_the_script(name: str) -> None:
    with pytest.raises(fields.Wrong):
        network_script.script([name], [])
    with pytest.raises(fields.Wrong):
        network_script.script([], [(name, "10.9.1.6")])


def test_only_addresses_get_into_the_script() -> None:
    with pytest.raises(ValueError, match="address"):
        network_script.script([], [("eth1", "10.9.1.6;id")])


def test_what_is_free() -> None:
    assert network_scan.free_vrid([]) == 101
    assert network_scan.free_vrid([101, 102, 104]) == 103
    assert network_scan.free_vrid(range(101, 256)) == 1
    with pytest.raises(ValueError, match="255"):
        network_scan.free_vrid(range(1, 256))


@pytest.mark.parametrize(
    ("own", "first", "last"),
    [
        (["10.9.1.16/24", "10.9.1.61/24"], "10.9.1.17/24", "10.9.1.24/24"),
        (["10.9.1.254/24", "10.9.1.253/24"], "10.9.1.2/24", "10.9.1.9/24"),
        (["10.9.1.1/30", "10.9.1.2/30"], None, None),
        (["fd00:9:1::16/64", "fd00:9:1::61/64"], "fd00:9:1::17/64", "fd00:9:1::1e/64"),
        ([], None, None),
    ],
)
def test_candidates(own: list[str], first: str | None, last: str | None) -> None:
    found = network_scan.candidates([ip_interface(address) for address in own])
    assert ((found[0], found[-1]) if found else (None, None)) == (first, last)
    assert not set(found) & set(own)
