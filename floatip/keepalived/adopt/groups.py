"""`vrrp_sync_group` blocks: which instances move together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from floatip.keepalived.adopt.findings import Code, Notes
from floatip.keepalived.conf import Statement
from floatip.model.messages import say

KEYWORD = "vrrp_sync_group"
WEIGHTS = ("sync_group_tracking_weight", "global_tracking")
UNKNOWN = say("A setting of a sync group that floatip does not know.")


def members(block: Statement, notes: Notes) -> list[Statement]:
    """The names in a group; all else that stands in its block is left out, and noted."""
    found = []
    for statement in block.body or []:
        if statement.keyword == "group" and statement.body is not None:
            found += [deep for deep in statement.body if not deep.comment and len(deep.words) == 1]
        elif statement.keyword not in WEIGHTS and not statement.comment:
            notes.left(statement, UNKNOWN)
    return found


def weighs(block: Statement) -> bool:
    """Whether weights count in a group."""
    return any(statement.keyword in WEIGHTS for statement in block.body or [])


def adopted(
    blocks: Iterable[Statement],
    called: Mapping[str, str],
    tracked: Mapping[str, Iterable[str]],
    scripts: Mapping[str, Mapping[str, Any]],
    notes: Notes,
) -> dict[str, list[str]]:
    """Group → the names that its instances have from now on. `called`: name in the file → that name; `tracked`: name in
    the file → the checks that an instance tracks."""
    made: dict[str, list[str]] = {}
    for block in blocks:
        found = members(block, notes)
        for each in found:
            if each.keyword not in called:
                notes.left(each, say("There is no instance of this name; keepalived ignores it."))
        names = [each.keyword for each in found if each.keyword in called]
        if len(names) < 2:
            notes.left(block, say("A group of fewer than two instances does nothing."))
            continue
        made[block.words[1]] = [called[name] for name in names]
        for check in dict.fromkeys(check for name in names for check in tracked[name]):
            if scripts.get(check, {}).get("weight") and not weighs(block):
                why = say(
                    "keepalived ignores the check {check} here, since it has a weight; now it takes effect.",
                    check=check,
                )
                notes.changed(block.line, block.text, Code.TIMES, why)
    return made
