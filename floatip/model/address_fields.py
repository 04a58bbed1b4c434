"""Single addresses and host names: typed text in, an address out, or `Wrong` with words for a person."""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address, ip_interface

from floatip.model.cluster import Interface
from floatip.model.fields import Address, Wrong, show, text
from floatip.model.messages import NO_MESSAGE, Said, say

HOST_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9_])?")


def _plain_ip(raw: str) -> Address:
    if "%" in raw:
        raise Wrong(
            "scope-id",
            say("names an interface after %: {value}.", value=show(raw)),
            say("Remove the % and what follows it."),
        )
    try:
        if not raw.isascii():
            raise ValueError
        value = ip_address(raw)
    except ValueError:
        raise Wrong(
            "bad-address",
            say("is {value}, which is no IP address.", value=show(raw)),
            say("Write it like 10.9.1.6/24."),
        ) from None
    if isinstance(value, IPv6Address) and value.ipv4_mapped is not None:
        hint = say("Write {ipv4_mapped}.", ipv4_mapped=value.ipv4_mapped)
        raise Wrong("mapped-address", say("is {value}, an IPv4-mapped IPv6 address.", value=show(raw)), hint)
    return value


def _prefix(raw: str, bits: int) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", raw):
        raise Wrong(
            "bad-prefix",
            say("has {value} for a prefix.", value=show(raw[:20])),
            say("Write a number, like /24."),
        )
    if not 1 <= int(raw) <= bits or str(int(raw)) != raw:
        raise Wrong(
            "bad-prefix",
            say("has the prefix /{raw}.", raw=raw),
            say("Write a number from 1 to {bits}, like /24.", bits=bits),
        )
    return int(raw)


def address(raw: object) -> Interface:
    """An address that a host can have, with its prefix: `10.9.1.16/24` or `fd00::16/64`."""
    value = text(raw)
    head, slash, tail = value.partition("/")
    ip = _plain_ip(head)
    if not slash:
        example = 24 if ip.version == 4 else 64
        raise Wrong(
            "no-prefix",
            say("is {value}, without its prefix.", value=show(value)),
            say("Write the subnet too: {ip}/{example}.", ip=ip, example=example),
        )
    _refuse_special(ip)
    prefix = _prefix(tail, ip.max_prefixlen)
    return ip_interface(f"{ip}/{prefix}")


def ip(raw: object) -> Address:
    """An address that a host can have, without a prefix: `10.9.1.16`."""
    value = text(raw)
    if "/" in value:
        head = value.partition("/")[0]
        raise Wrong("bad-address", say("is {value}, with a prefix.", value=show(value)), say("Write {ip}.", ip=head))
    found = _plain_ip(value)
    _refuse_special(found)
    return found


def _refuse_special(ip: Address) -> None:
    special = (
        (ip.is_unspecified, "unspecified", say("the address that means 'none'")),
        (ip.is_loopback, "loopback", say("a loopback address, which no other machine can reach")),
        (ip.is_multicast, "multicast", say("a multicast address")),
        (ip.version == 4 and int(ip) >> 24 in {0, *range(240, 256)}, "reserved-address", say("in a reserved range")),
    )
    for hit, code, what in special:
        if hit:
            raise Wrong(
                code, say("is {ip}, {what}.", ip=ip, what=what), say("Use a free address of the servers' own network.")
            )


def subnet_role(value: Interface) -> Said:
    """`network address` or `broadcast address` where the address is one of its own subnet, else ''."""
    if value.network.prefixlen >= value.max_prefixlen - 1:
        return NO_MESSAGE
    if value.ip == value.network.network_address:
        return say("network address")
    if value.version == 4 and value.ip == value.network.broadcast_address:
        return say("broadcast address")
    return NO_MESSAGE


def host(raw: object) -> str:
    """A host to connect to: a name or an address, nothing that a command line could read as an option."""
    value = text(raw)
    nothing_else = say("Write a host name or an IP address, nothing else.")
    if value.startswith("["):
        raise Wrong("bad-host", say("is {value}.", value=show(value)), say("Write the IPv6 address without brackets."))
    if ":" in value:
        try:
            return str(_plain_ip(value))
        except Wrong as wrong:
            raise Wrong(wrong.code, wrong.text, nothing_else) from None
    if not HOST_NAME.fullmatch(value) or ".." in value:
        raise Wrong("bad-host", say("is {value}.", value=show(value)), nothing_else)
    if re.fullmatch(r"[0-9.]+", value):
        return str(_plain_ip(value))
    return value
