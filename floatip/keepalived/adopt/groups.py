"""`vrrp_sync_group` blocks: which instances move together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from floatip.keepalived.adopt.findings import Code, Notes
from floatip.keepalived.conf import Statement
from floatip.model.fields import Wrong
from floatip.model.messages import say
from floatip.model.settings import notifying
from floatip.model.settings.groups import INSTANCES
from floatip.model.settings.notifying import NOTIFY

KEYWORD = "vrrp_sync_group"
ROWS = {row.key: row for row in NOTIFY}
WEIGHTS = ("sync_group_tracking_weight", "global_tracking")
UNKNOWN = say("A setting of a sync group that floatip does not know.")


def members(block: Statement, notes: Notes) -> list[Statement]:
    """The names in a group; all else that stands in its block is left out, and noted."""
    found = []
    for statement in block.body or []:
        if statement.keyword == "group" and statement.body is not None:
            names = [(deep, word) for deep in statement.body if not deep.comment for word in deep.words]
            found += [replace(deep, words=[word], exact="") for deep, word in names]  # several may stand on one line
        elif statement.keyword not in (*WEIGHTS, *ROWS) and not statement.comment:
            notes.left(statement, UNKNOWN)
    return found


def _runs(block: Statement, user: str, notes: Notes) -> dict[str, object]:
    """What runs when the group has moved. `user`: as whom, where the file does not say."""
    found: dict[str, object] = {}
    for statement in (each for each in block.body or [] if each.keyword in ROWS and len(each.words) > 1):
        raw = notifying.adopted(statement.words[1:])
        if isinstance(raw, str) and user:
            raw = {"run": raw, "user": user}
        try:
            ROWS[statement.keyword].value.read(raw)
            found[statement.keyword] = raw
        except Wrong as wrong:
            notes.left(statement, say("{key} {why}", key=statement.keyword, why=wrong.text))
    return found


def instances(group: object) -> set[str]:
    """The names of the instances of an adopted group."""
    return {*(group[INSTANCES] if isinstance(group, dict) else group)}  # type: ignore[misc]


def of_all(said: Iterable[Mapping[str, object]]) -> dict[str, object]:
    """The groups of all servers. `said`: those of each; of two that have an instance in common, the first one."""
    found: dict[str, object] = {}
    for mine in said:
        for name, group in mine.items():
            if not any(instances(group) & instances(other) for other in found.values()):
                found.setdefault(name, group)
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
    user: str = "",
) -> dict[str, object]:
    """Group → the names that its instances have from now on. `called`: name in the file → that name; `tracked`: name in
    the file → the checks that an instance tracks; `user`: who runs what says nobody, where he is to be named."""
    made: dict[str, object] = {}
    for block in blocks:
        found = members(block, notes)
        for each in found:
            if each.keyword not in called:
                notes.left(each, say("There is no instance of this name; keepalived ignores it."))
        names = [each.keyword for each in found if each.keyword in called]
        if len(names) < 2:
            notes.left(block, say("A group of fewer than two instances does nothing."))
            continue
        instances, runs = [called[name] for name in names], _runs(block, user, notes)
        made[block.words[1]] = {INSTANCES: instances, **runs} if runs else instances
        for check in dict.fromkeys(check for name in names for check in tracked[name]):
            if scripts.get(check, {}).get("weight") and not weighs(block):
                why = say(
                    "keepalived ignores the check {check} here, since it has a weight; now it takes effect.",
                    check=check,
                )
                notes.changed(block.line, block.text, Code.TIMES, why)
    return made
