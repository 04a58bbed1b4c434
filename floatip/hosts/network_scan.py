"""What a network says before it is trusted: VRRP adverts that arrive at a host, and who answers for an address.

A host is not trusted: what it prints is read strictly, and bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Interface, IPv6Interface, ip_address

from floatip.hosts.network_script import MARK
from floatip.model import fields
from floatip.model.messages import say

MOST = 500  # lines that are believed of one host
CARP_SIZE, CARP_WORDS = 36, 7


class Protocol(StrEnum):
    """What has IP protocol number 112."""

    VRRP = "VRRP"
    CARP = "CARP"  # BSD's, ucarp's, OPNsense's: its packets have version 2 and type 1 as well


@dataclass(frozen=True, slots=True)
class Advert:
    """One router as it was heard on an interface (RFC 9568 section 5). CARP's `virtual_router_id` is a VHID, its
    `priority` an advskew, for which less is more; its addresses are secret."""

    interface: str
    source: str
    virtual_router_id: int
    version: int
    priority: int
    addresses: tuple[str, ...]
    protocol: Protocol = Protocol.VRRP


@dataclass(frozen=True, slots=True)
class NetworkScan:
    """What one host heard. `not_listened`: (interface, why); `answered`: (interface, address, MAC)."""

    adverts: tuple[Advert, ...] = ()
    listened: tuple[str, ...] = ()
    not_listened: tuple[tuple[str, str], ...] = ()
    answered: tuple[tuple[str, str, str], ...] = ()


def parse(lines: Iterable[str]) -> NetworkScan:
    """What the script printed; ValueError where it is anything else."""
    values: dict[str, list[str]] = {}
    for line in list(lines)[:MOST]:
        key, _, value = line.partition("=")
        values.setdefault(key, []).append(value)
    if MARK not in values:
        raise ValueError(say("the listening script did not run"))
    adverts = tuple(advert for value in values.get("heard", []) if (advert := _advert(value)))
    return NetworkScan(
        tuple(dict.fromkeys(adverts)),
        tuple(name for name in values.get("listened", []) if fields.INTERFACE_NAME.fullmatch(name)),
        tuple(_pair(value) for value in values.get("deaf", [])),
        tuple(found for value in values.get("neigh", []) if (found := neighbour(value))),
    )


def free_vrid(taken: Iterable[int], first: int = 101) -> int:
    """A group number that nobody uses, `first` where that is free; ValueError where all are taken."""
    used = set(taken)
    return next((vrid for vrid in [*range(first, 256), *range(1, first)] if vrid not in used), 0) or _none_left()


def candidates(own: Sequence[IPv4Interface | IPv6Interface], most: int = 8) -> tuple[str, ...]:
    """Addresses near the servers' own that could be free: `most` of them, with the prefix of their network."""
    if not own:
        return ()
    network = own[0].network
    used = {address.ip for address in own}
    first = int(network.network_address) + 2  # the first one is the gateway's more often than not
    last = min(int(network.network_address) + network.num_addresses - 2, first + 4096)
    begin = max(first, min(int(ip) for ip in used) + 1) if int(min(used)) < last else first
    numbers = [*range(begin, last + 1), *range(first, begin)]
    kind = type(own[0].ip)
    free = (kind(number) for number in numbers if kind(number) not in used)
    return tuple(f"{address}/{network.prefixlen}" for address, _ in zip(free, range(most), strict=False))


def _none_left() -> int:
    raise ValueError(say("all 255 VRIDs are in use here"))


def _advert(value: str) -> Advert | None:
    found = re.fullmatch(r"([A-Za-z0-9._-]{1,15}) ([0-9a-f.:]{2,45}) ([0-9a-f]{16,400})", value)
    if not found:
        return None
    payload = bytes.fromhex(found[3][: len(found[3]) // 2 * 2])
    version, kind, size = payload[0] >> 4, payload[0] & 15, 16 if ":" in found[2] else 4
    if kind != 1 or version not in (2, 3):
        return None
    if is_carp(payload):
        return _checked(found[1], found[2], payload, (), Protocol.CARP)
    rest = payload[8:]
    count = min(payload[3], len(rest) // size)
    addresses = tuple(str(ip_address(rest[size * number : size * (number + 1)])) for number in range(count))
    return _checked(found[1], found[2], payload, addresses, Protocol.VRRP)


def _checked(
    interface: str, source: str, payload: bytes, addresses: tuple[str, ...], protocol: Protocol
) -> Advert | None:
    try:
        known = str(ip_address(source))
    except ValueError:
        return None
    return Advert(interface, known, payload[1], payload[0] >> 4, payload[2], addresses, protocol)


def is_carp(payload: bytes) -> bool:
    """Whether it is CARP: 36 bytes, 7 words of authentication, where VRRP of version 2 would have seven addresses and
    44 bytes."""
    return payload[0] >> 4 == 2 and payload[3] == CARP_WORDS and len(payload) == CARP_SIZE


def _pair(value: str) -> tuple[str, str]:
    name, _, why = value.partition(" ")
    return name[:15], "".join(sign for sign in why if sign.isprintable())[:100]


def neighbour(value: str) -> tuple[str, str, str] | None:
    """(interface, address, MAC) of a line `neigh=`."""
    found = re.fullmatch(r"(\S{1,15}) (\S{2,45}) \S+ (?:dev \S+ )?lladdr ([0-9a-f:]{17})\b.*", value)
    return (found[1], found[2], found[3]) if found else None
