"""Single values: raw Python or typed text in, a checked value out, or `Wrong` with words for a person.

Strict on purpose: `int()` takes digits of every script and `'1_0'`, `ip_address()` takes scope ids and IPv4-mapped
addresses, `re.match('^…$')` lets a newline through, and `True` is an int. None of that is meant here.
"""

from __future__ import annotations

import math
import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_interface

from floatip.cluster import Interface

Address = IPv4Address | IPv6Address

NODE_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62})")
OBJECT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,30}")
CLUSTER_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
INTERFACE_NAME = re.compile(r"[A-Za-z0-9._-]{1,15}")
USER_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,31}")
HOST_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9_])?")
DIGITS = re.compile(r"-?[0-9]{1,9}")
DECIMAL = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,6})?")
RESERVED_CLUSTER_NAMES = ("all", "config", "deploy", "group_data")
SHOWN = 60


class Wrong(ValueError):
    """One value that cannot be used. `text` continues a sentence that starts with the setting's name."""

    def __init__(self, code: str, text: str, hint: str = "") -> None:
        self.code, self.text, self.hint = code, text, hint
        super().__init__(text)


def show(raw: object) -> str:
    """The value as a person may see it: escaped, one line, not longer than a line."""
    try:
        text = ascii(raw) if not isinstance(raw, str) or not raw.isprintable() else repr(raw)
    except (ValueError, RecursionError):  # an int of too many digits, or a value nested too deeply
        text = f"a {type(raw).__name__}"
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def text(raw: object) -> str:
    """Printable, non-empty text without blanks around it."""
    if not isinstance(raw, str):
        raise Wrong("not-text", f"must be text, not {show(raw)}.", "Put it in quotes.")
    if not raw:
        raise Wrong("empty", "is empty.", "Write a value or take the line out.")
    if not raw.isprintable():
        raise Wrong("control-character", f"holds a character that cannot be printed: {show(raw)}.", "Type it again.")
    if raw != raw.strip():
        raise Wrong("blank", f"has blanks around it: {show(raw)}.", "Take the blanks out.")
    return raw


def matching(raw: object, pattern: re.Pattern[str], code: str, must: str) -> str:
    """Text that the whole of `pattern` matches."""
    value = text(raw)
    if not pattern.fullmatch(value):
        raise Wrong(code, f"is {show(value)}.", must)
    return value


def node_name(raw: object) -> str:
    """A server's name. A leading `@` would pick another of pyinfra's connectors: refused with the rest."""
    value = matching(raw, NODE_NAME, "bad-node-name", "Use a-z, 0-9 and -, starting with a letter or digit.")
    if value == "all":
        raise Wrong("bad-node-name", "is 'all', which means every server to pyinfra.", "Choose another name.")
    return value


def object_name(raw: object) -> str:
    """The name of a VRRP instance or a script."""
    must = "Use letters A-Z a-z, digits, _ and -, starting with a letter, at most 31 characters."
    return matching(raw, OBJECT_NAME, "bad-name", must)


def cluster_name(raw: object) -> str:
    """The name of a cluster, which is also its file's name and a group of pyinfra's."""
    must = "Use a-z, 0-9, _ and -, starting with a letter or digit, at most 40 characters."
    value = matching(raw, CLUSTER_NAME, "bad-cluster-name", must)
    if value in RESERVED_CLUSTER_NAMES:
        raise Wrong("bad-cluster-name", f"is {show(value)}, which has a meaning to pyinfra.", "Choose another name.")
    return value


def interface_name(raw: object) -> str:
    """A network interface. Linux allows `$(id)`; what a shell or keepalived could read as more is refused."""
    if isinstance(raw, str) and re.fullmatch(r"[A-Za-z0-9._-]+[:@].*", raw):
        base = re.split("[:@]", raw)[0]
        raise Wrong("bad-interface", f"is {show(raw)}, not the interface's own name.", f"Write {base}.")
    must = "Use the name that `ip -br link` shows: letters, digits, . _ and -, at most 15 characters."
    value = matching(raw, INTERFACE_NAME, "bad-interface", must)
    if value in (".", "..") or value.startswith("-"):
        raise Wrong("bad-interface", f"is {show(value)}.", must)
    if value == "lo":
        raise Wrong("loopback-interface", "is lo, which no other server can hear.", "Use the interface of the network.")
    return value


def whole(raw: object, low: int, high: int, code: str = "out-of-range", hint: str = "") -> int:
    """A whole number from `low` to `high`; text of ASCII digits will do, as forms send it."""
    hint = hint or f"Choose one between {low} and {high}."
    if isinstance(raw, str) and DIGITS.fullmatch(raw):
        raw = int(raw)
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise Wrong("not-a-number", f"must be a whole number from {low} to {high}, not {show(raw)}.", hint)
    if not low <= raw <= high:
        raise Wrong(code, f"must be from {low} to {high}, not {show(raw)}.", hint)
    return raw


def seconds(raw: object) -> float:
    """A positive time in seconds; text of ASCII digits with a point will do."""
    if isinstance(raw, str) and DECIMAL.fullmatch(raw):
        raw = float(raw)
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise Wrong("not-a-number", f"must be a number of seconds, not {show(raw)}.", "Write 1, or 0.1 for 100 ms.")
    if not math.isfinite(raw) or not 0 < raw <= 255:
        raise Wrong(
            "out-of-range", f"must be from 0.01 to 255 seconds, not {show(raw)}.", "Write 1, or 0.1 for 100 ms."
        )
    return float(raw)


def flag(raw: object) -> bool:
    """True or False, nothing that merely looks like it."""
    if not isinstance(raw, bool):
        raise Wrong("not-a-flag", f"must be True or False, not {show(raw)}.", "Write True or False without quotes.")
    return raw


def choice(raw: object, allowed: tuple[str, ...]) -> str:
    """One of `allowed`."""
    if not isinstance(raw, str) or raw not in allowed:
        raise Wrong("not-a-choice", f"is {show(raw)}.", f"Write {' or '.join(allowed)}.")
    return raw


def _plain_ip(raw: str) -> Address:
    if "%" in raw:
        raise Wrong("scope-id", f"names an interface after %: {show(raw)}.", "Leave the % and what follows out.")
    try:
        if not raw.isascii():
            raise ValueError
        value = ip_address(raw)
    except ValueError:
        raise Wrong("bad-address", f"is {show(raw)}, which is no IP address.", "Write it like 10.9.1.6/24.") from None
    if isinstance(value, IPv6Address) and value.ipv4_mapped is not None:
        hint = f"Write {value.ipv4_mapped}."
        raise Wrong("mapped-address", f"is {show(raw)}, an IPv4 address in IPv6 clothing.", hint)
    return value


def _prefix(raw: str, bits: int) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", raw):
        raise Wrong("bad-prefix", f"has /{raw[:20]} for a prefix.".replace("\\", "\\\\"), "Write a number, like /24.")
    if not 1 <= int(raw) <= bits or str(int(raw)) != raw:
        raise Wrong("bad-prefix", f"has the prefix /{raw}.", f"Write a number from 1 to {bits}, like /24.")
    return int(raw)


def address(raw: object) -> Interface:
    """An address that a host can have, with its prefix: `10.9.1.16/24` or `fd00::16/64`."""
    value = text(raw)
    head, slash, tail = value.partition("/")
    ip = _plain_ip(head)
    if not slash:
        example = 24 if ip.version == 4 else 64
        raise Wrong("no-prefix", f"is {show(value)}, without its prefix.", f"Write the subnet too: {ip}/{example}.")
    _refuse_special(ip)
    prefix = _prefix(tail, ip.max_prefixlen)
    return ip_interface(f"{ip}/{prefix}")


def _refuse_special(ip: Address) -> None:
    special = (
        (ip.is_unspecified, "unspecified", "the address that means 'none'"),
        (ip.is_loopback, "loopback", "a loopback address, which no other machine can reach"),
        (ip.is_multicast, "multicast", "a multicast address"),
        (ip.version == 4 and int(ip) >> 24 in {0, *range(240, 256)}, "reserved-address", "in a reserved range"),
    )
    for hit, code, what in special:
        if hit:
            raise Wrong(code, f"is {ip}, {what}.", "Use a free address of the servers' own network.")


def subnet_role(value: Interface) -> str:
    """`network address` or `broadcast address` where the address is one of its own subnet, else ''."""
    if value.network.prefixlen >= value.max_prefixlen - 1:
        return ""
    if value.ip == value.network.network_address:
        return "network address"
    if value.version == 4 and value.ip == value.network.broadcast_address:
        return "broadcast address"
    return ""


def host(raw: object) -> str:
    """A host to connect to: a name or an address, nothing that a command line could read as an option."""
    value = text(raw)
    if ":" in value:
        return str(_plain_ip(value))
    if not HOST_NAME.fullmatch(value) or ".." in value:
        raise Wrong("bad-host", f"is {show(value)}.", "Write a host name or an IP address, nothing else.")
    if re.fullmatch(r"[0-9.]+", value):
        return str(_plain_ip(value))
    return value


def user_name(raw: object) -> str:
    """A Unix user name."""
    return matching(raw, USER_NAME, "bad-user", "Write a user name: letters, digits, _ . and -.")


def path(raw: object) -> str:
    """A file name on this machine, relative or absolute; any printable text."""
    value = text(raw)
    if value.startswith("-"):
        raise Wrong("bad-path", f"is {show(value)}, which looks like an option.", "Start it with ./")
    return value
