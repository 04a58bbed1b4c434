"""Lines of `virtual_routes` and `virtual_rules`: the words of ip-route(8) and ip-rule(8) that keepalived takes.

Each becomes one text, its words always in the same order. What keepalived only complains of, or the kernel refuses
while it runs, is refused here (vrrp_iproute.c and vrrp_iprule.c, 2.1.5 to 2.3.3).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from floatip.model import fields
from floatip.model.fields import Wrong, show
from floatip.model.messages import Said, say

DEFAULT = "default"
TYPES = ("blackhole", "unreachable", "prohibit")
Parts = Mapping[str, str]
"""Word → its value, empty for a word that has none; `to`: the destination, `type`: where there is one."""


def route(raw: object) -> str:
    """`10.9.3.0/24 via 10.9.2.9 dev eth2`."""
    found = _parts(raw, ROUTE, say("Write it like 10.9.3.0/24 via 10.9.2.9 dev eth2."))
    if "to" not in found:
        raise _wrong(raw, say("Write the destination first, like 10.9.3.0/24 or default."))
    if "dev" not in found and "no_track" not in found:
        raise Wrong(
            "route-dev",
            say("is {value}, without an interface.", value=show(raw)),
            say("keepalived can only track a route with dev: write dev eth2, or no_track."),
        )
    _one_family(raw, found, ("to", "via", "src"))
    return _written(found, ROUTE)


def rule(raw: object) -> str:
    """`from 10.9.3.0/24 table 100 priority 1000`."""
    found = _parts(raw, RULE, say("Write it like from 10.9.3.0/24 table 100 priority 1000."))
    if not {"table", "priority"} <= found.keys():
        raise Wrong(
            "rule-priority",
            say("is {value}, without a table or a priority.", value=show(raw)),
            say("Write both: otherwise keepalived chooses a priority, and a new one after each change."),
        )
    _one_family(raw, found, ("from", "to"))
    return _written(found, RULE)


def parts(line: str) -> Parts:
    """What a line says that one of the two has written."""
    return _read(line.split(), RULE if "priority" in line.split() else ROUTE) or {}


def _network(text: str) -> str:
    return text if text == DEFAULT else str(ip_network(text))


def _address(text: str) -> str:
    return str(ip_address(text))


def _number(low: int, high: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not re.fullmatch(r"[0-9]{1,10}", text, re.ASCII) or not low <= int(text) <= high:
            raise ValueError(text)
        return str(int(text))

    return read


def _table(text: str) -> str:
    return text if text in ("main", DEFAULT) else _number(1, 2**32 - 1)(text)


def _mark(text: str) -> str:
    if not re.fullmatch(r"(0x[0-9a-f]{1,8}|[0-9]{1,9})(/(0x[0-9a-f]{1,8}|[0-9]{1,9}))?", text, re.ASCII):
        raise ValueError(text)
    return text


def _one_of(*value: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in value:
            raise ValueError(text)
        return text

    return read


Words = Mapping[str, Callable[[str], str] | None]
"""Word → the reader of its value; None for a word that has none. In the order in which they are written."""
ROUTE: Words = {
    "type": _one_of(*TYPES),
    "to": _network,
    "via": _address,
    "dev": fields.interface_name,
    "src": _address,
    "table": _table,
    "metric": _number(0, 2**32 - 1),
    "scope": _one_of("global", "site", "link", "host"),
    "mtu": _number(68, 65535),
    "onlink": None,
    "no_track": None,
}
RULE: Words = {
    "from": _network,
    "to": _network,
    "iif": fields.interface_name,
    "oif": fields.interface_name,
    "fwmark": _mark,
    "table": _table,
    "priority": _number(1, 2**32 - 2),
    "no_track": None,
}
SYNONYMS: tuple[Mapping[str, str], Mapping[str, str]] = (
    {"dev": "iif", "preference": "priority", "order": "priority", "lookup": "table"},
    {"oif": "dev", "gw": "via", "priority": "metric", "preference": "metric"},
)
"""Of rules, and of routes."""
BARE = ("type", "to")
"""What a route says without a word for it."""


def _parts(raw: object, words: Words, hint: Said) -> dict[str, str]:
    found = _read(fields.text(raw).split(), words)
    if found is None:
        raise _wrong(raw, hint)
    return found


def _read(given: list[str], words: Words) -> dict[str, str] | None:
    found: dict[str, str] = {}
    rest = list(given)
    while rest:
        word = SYNONYMS[words is ROUTE].get(rest[0], rest[0])
        if word in words:
            rest.pop(0)
        elif words is ROUTE:
            word = "type" if word in TYPES else "to"
        if word not in words or word in found:
            return None
        try:
            read = words[word]
            found[word] = read(rest.pop(0)) if read else ""
        except (ValueError, IndexError):
            return None
    return found


def _written(found: Mapping[str, str], words: Words) -> str:
    parts = [part for word in words if word in found for part in (word, found[word]) if part]
    return " ".join(word for word in parts if words is RULE or word not in BARE)


def _one_family(raw: object, found: Mapping[str, str], words: tuple[str, ...]) -> None:
    given = [found[word] for word in words if found.get(word, DEFAULT) != DEFAULT]
    if len({":" in text for text in given}) > 1:
        raise Wrong(
            "mixed-families",
            say("is {value}, with IPv4 and IPv6.", value=show(raw)),
            say("Each line is about one of the two."),
        )


def _wrong(raw: object, hint: Said) -> Wrong:
    return Wrong("bad-route", say("is {value}.", value=show(raw)), hint)


def network(text: str) -> IPv4Network | IPv6Network | None:
    """The destination of a line, or the one that the kernel tells; None for the default route."""
    return None if text == DEFAULT else ip_network(text)
