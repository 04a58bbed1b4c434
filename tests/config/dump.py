"""Reads what `keepalived -d` prints: the configuration as the daemon understood it (2.1.5 to 2.3.3).

That is no keepalived.conf but a report for people, by indents and colons: the product's grammar does not read it, and
must not, since this is what it is measured by.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

STAMP = re.compile(r"^\w{3} \w{3} [ \d]\d [\d:]{8} \d{4}: ?")
LISTS = {
    "Virtual IP": "addresses",
    "Virtual IP Excluded": "excluded",
    "Virtual Routes": "routes",
    "Virtual Rules": "rules",
    "Unicast Peer": "peers",
    "Tracked interfaces": "track_interface",
    "Tracked scripts": "track_script",
    "Tracked files": "track_file",
    "VRRP instances": "",
    "Tracking instances": "",
    "VRRP member instances": "instances",
}


@dataclass
class Dump:
    """Settings by their printed names: global ones, and those of each instance, script, tracked file and sync group."""

    globals: dict[str, str] = field(default_factory=dict)
    instances: dict[str, dict[str, Any]] = field(default_factory=dict)
    scripts: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def read_dump(lines: Iterable[str]) -> Dump:
    """The dump in these lines of log; what comes before it is kept as `faults` where it looks like one."""
    dump = Dump()
    place: dict[str, Any] = {}
    listed: list[str] | None = None
    for raw in lines:
        line = STAMP.sub("", raw)
        indent = len(line) - len(line.lstrip(" "))
        if line.startswith("-----"):
            place, listed = dump.globals, None
        elif indent == 0:
            dump.faults.append(line)
        elif indent == 1 and (found := re.match(r" VRRP (Instance|Script) = (\S+)$", line)):
            place = (dump.instances if found[1] == "Instance" else dump.scripts).setdefault(found[2], {})
            listed = None
        elif indent == 1 and (found := re.match(r" Track file = (\S+)$", line)):
            place, listed = dump.files.setdefault(found[1], {}), None
        elif indent == 1 and (found := re.match(r" VRRP Sync Group = (\S+), ", line)):
            place, listed = dump.groups.setdefault(found[1], {}), None
        elif indent >= 5 and listed is not None:
            listed.append(line.strip())
        else:
            listed = _setting(place, line.strip())
    return dump


def _setting(place: dict[str, Any], line: str) -> list[str] | None:
    title = re.sub(r" ?(\(\d+\))? ?:$", "", line)
    if line.endswith(":") and title in LISTS:
        values: list[str] = place.setdefault(LISTS[title] or title, [])
        return values
    key, _, value = line.replace("uid:gid ", "uid:gid = ", 1).partition(" = ")
    value = value.removeprefix("= ")
    if line.startswith("Use VMAC"):
        key, value = "Use VMAC", line
    place[key] = value
    return None
