"""Three-valued comparison of a flow with what a rule asks for: yes, no, or maybe."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from typing import Literal

from floatip.firewall.model import Address, Network

Match = Literal["yes", "no", "maybe"]


def negate(match: Match) -> Match:
    """Yes for no and no for yes; maybe stays."""
    return {"yes": "no", "no": "yes", "maybe": "maybe"}[match]  # type: ignore[return-value]


def every(matches: Iterable[Match]) -> Match:
    """All must match: the conditions of one rule."""
    found = set(matches)
    return "no" if "no" in found else "maybe" if "maybe" in found else "yes"


def some(matches: Iterable[Match]) -> Match:
    """One must match: the elements of a set."""
    found = set(matches)
    return "yes" if "yes" in found else "maybe" if "maybe" in found else "no"


def inside(value: Network | None, first: str, last: str | None = None) -> Match:
    """Whether `value` lies in the network `first`, or in the range from `first` to `last`."""
    if value is None:
        return "maybe"
    try:
        low, high = _bounds(first, last)
    except ValueError:
        return "maybe"
    if low.version != value.version:
        return "no"
    ends = int(value[0]), int(value[-1])
    if ends[1] < int(low) or int(high) < ends[0]:
        return "no"
    return "yes" if int(low) <= ends[0] and ends[1] <= int(high) else "maybe"


def _bounds(first: str, last: str | None) -> tuple[Address, Address]:
    if last is not None:
        return ip_address(first), ip_address(last)
    network = ip_network(first, strict=False)
    return network[0], network[-1]


def named(interface: str | None, pattern: str, wildcard: str) -> Match:
    """Whether the interface fits a name that may end in `*` (nft) or `+` (iptables)."""
    if interface is None:
        return "maybe"
    if pattern.endswith(wildcard):
        return "yes" if interface.startswith(pattern[:-1]) else "no"
    return "yes" if interface == pattern else "no"


def is_vrrp(value: object) -> bool:
    """Whether a protocol, by name or number, is VRRP."""
    return str(value).lower() in ("vrrp", "112", "carp")


def is_name(text: str) -> bool:
    """Whether a table's or chain's name may go into a command."""
    return bool(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_./-]{0,63}", text))
