"""The routes and rules that a server's kernel has, and whether they are those of an instance."""

from __future__ import annotations

import json
from collections.abc import Mapping

from floatip.model import routes

SCRIPT = """\
for floatip_what in 'route show table all proto 18' rule; do
    for floatip_family in -4 -6; do echo "$(ip $floatip_family -j $floatip_what | tr -d '\\n')"; done
done
"""
"""Four lines: routes of IPv4 and IPv6 that keepalived has added (its protocol is 18), all rules of both."""
KEEPALIVED = ("keepalived", "18")
KINDS = ("virtual_routes", "virtual_rules")
WORDS = {"to": "dst", "via": "gateway", "dev": "dev", "type": "type"}
Entry = Mapping[str, object]


def parse(text: str) -> dict[str, list[Entry]]:
    """The kernel's routes and rules, as `ip -j` prints them; what is none is left out."""
    found: list[list[Entry]] = []
    for line in text.split("\n")[: 2 * len(KINDS)]:
        try:
            read = json.loads(line or "[]")
        except ValueError:
            read = []
        found.append([route for route in read if isinstance(route, dict)] if isinstance(read, list) else [])
    found += [[]] * (2 * len(KINDS) - len(found))
    return {"virtual_routes": found[0] + found[1], "virtual_rules": found[2] + found[3]}


def matches(kind: str, line: str, entry: Entry) -> bool:
    """Whether this is the route or the rule of a line."""
    said = routes.parts(line)
    if str(entry.get("table", "main")) != said.get("table", "main"):
        return False
    if kind == "virtual_rules":
        return str(entry.get("priority")) == said["priority"]
    return all(_same(said[word], entry.get(key)) for word, key in WORDS.items() if word in said)


def _same(wanted: str, there: object) -> bool:
    """Whether the kernel means the same: it leaves the prefix of a single address out."""
    try:
        return routes.network(wanted) == routes.network(str(there))
    except ValueError:
        return wanted == there
