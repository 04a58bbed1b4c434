"""What an instance tracks: names with their weights."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from floatip.keepalived.adopt import track_files
from floatip.keepalived.adopt.findings import Code, Notes
from floatip.keepalived.conf import Statement
from floatip.model.messages import say
from floatip.model.settings.tracking import MOST

CALLED = {"track_script": "script", "track_interface": "interface", "track_file": "file"}
OWN_WEIGHT = say("The weight here is dropped: floatip uses the one in the health check itself.")
NO_WEIGHT = say("The weight here is dropped: while this interface is down, the server gives the address up.")


HIGHEST = 254


def tracked(keyword: str, each: Statement, notes: Notes) -> object:
    """One line of a list."""
    name, *rest = each.words
    if not rest:
        return name
    if keyword == "track_file" and rest[0] == "weight" and (own := track_files.weight(rest[1:])) is not None:
        return {"file": name, "weight": own}
    if len(rest) == 2 and rest[0] == "weight" and re.fullmatch(r"-?[0-9]{1,3}", rest[1]):
        return {CALLED[keyword]: name, "weight": max(-MOST, min(MOST, int(rest[1])))}  # 254 is 253 to keepalived
    notes.changed(each.line, each.text, Code.TIMES, NO_WEIGHT if keyword == "track_interface" else OWN_WEIGHT)
    return name


def interfaces(member: dict[str, Any], line: int, notes: Notes) -> None:
    """Those of a server, once all else is known of it. More while one is up is the same as less of a higher priority
    while it is down."""
    found = member.get("track_interface", [])
    for number, entry in enumerate(found):
        if not isinstance(entry, dict):
            continue
        name, weight, priority = entry["interface"], entry["weight"], member.get("priority", 100)
        if name == member.get("interface"):
            notes.changed(line, f"track_interface {name} weight {weight}", Code.TIMES, NO_WEIGHT)
            found[number] = name
        elif weight > 0 and isinstance(priority, int) and priority + weight <= HIGHEST:
            member["priority"], found[number] = priority + weight, {**entry, "weight": -weight}
            values = {"priority": priority + weight, "weight": weight, "name": name}
            why = say("The same effect: priority {priority}, and {weight} less while {name} is down.", **values)
            notes.changed(line, f"track_interface {name} weight {weight}", Code.ELECTION, why)
        elif weight == 0:
            found[number] = name


def fold(instances: Collection[Mapping[str, Any]], scripts: Mapping[str, dict[str, Any]]) -> None:
    """A weight that a check has wherever it is tracked becomes the check's own."""
    for name, script in scripts.items():
        lists = [
            instance["track_script"] for instance in instances if name in map(named, instance.get("track_script", ()))
        ]
        own = script.get("weight", 0)
        here = {
            entry["weight"] if isinstance(entry, dict) else own
            for some in lists
            for entry in some
            if named(entry) == name
        }
        if len(here) == 1:
            script["weight"] = here.pop()
            if not script["weight"]:
                del script["weight"]
            for some in lists:
                some[:] = [name if named(entry) == name else entry for entry in some]


def named(entry: object) -> str:
    """What is tracked, with a weight or without."""
    return str((entry.get("script") or entry.get("interface")) if isinstance(entry, dict) else entry)
