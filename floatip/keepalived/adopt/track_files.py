"""Files with a number that instances track: `track_file` blocks, or `vrrp_track_file`, as 2.0.20 still called them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from floatip.keepalived.adopt.findings import Code, Notes
from floatip.keepalived.conf import Statement
from floatip.model.fields import Wrong
from floatip.model.messages import Said, say
from floatip.model.settings.track_files import FILES

KEYWORDS = ("track_file", "vrrp_track_file")
WEIGHT = re.compile(r"-?[0-9]{1,3}")
MOST = 253
ROWS = {row.key: row for row in FILES}
UNUSED = say("No instance tracks this file, so keepalived ignores it.")
UNDEFINED = say("No track_file of this name is defined, so keepalived ignores it.")
OVERWRITE = say("keepalived also overwrote an existing file when it started. Now it only creates a missing one.")


def adopted(block: Statement, notes: Notes) -> dict[str, Any] | None:
    """The raw settings of a block; None, and a note, where it cannot be had."""
    made: dict[str, Any] = {}
    for statement in block.body or []:
        if statement.comment:
            continue
        why = _taken(made, statement, notes)
        if why is not None:
            notes.left(statement, why)
    if "file" not in made:
        notes.left(block, say("It has no path that floatip accepts."))
        return None
    if made.get("weight") == 1:
        del made["weight"]
    return made


def weight(words: Sequence[str]) -> int | None:
    """`-2`, or `2 reverse`, which is the same; None for another one."""
    if not words or not WEIGHT.fullmatch(words[0]) or (words[1:] not in ([], ["noreverse"], ["reverse"])):
        return None
    number = max(-MOST, min(MOST, int(words[0])))
    if words[1:] == ["reverse"]:
        return -number or None  # nothing else says that 0 is bad, and any other number good
    return number


def _taken(made: dict[str, Any], statement: Statement, notes: Notes) -> Said | None:
    key, words = statement.keyword, statement.words[1:]
    if key == "weight":
        made["weight"] = weight(words)
        if made["weight"] is None:
            del made["weight"]
            return say("floatip does not accept this value of {key}.", key=key)
        return None
    if key == "init_file":
        numbers = [word for word in words if WEIGHT.fullmatch(word)]
        made["init_file"] = int(numbers[-1]) if numbers else 0
        if "overwrite" in words:
            notes.changed(statement.line, statement.text, Code.TIMES, OVERWRITE)
        return None
    if key != "file" or len(words) != 1:
        return say("floatip has no such setting of a tracked file.")
    try:
        made["file"] = ROWS["file"].value.read(words[0])
    except Wrong as wrong:
        return say("{key} {why}", key=key, why=wrong.text)
    return None


def settle(
    files: dict[str, dict[str, Any]],
    groups: Sequence[dict[str, Any]],
    blocks: Mapping[str, Statement],
    notes: Notes,
) -> None:
    """Take out what keepalived passes over: names without a file, and files that nobody tracks. `groups`: the raw
    settings of the instances; `blocks`: name → its block."""
    for group in groups:
        kept = [item for item in group.pop("track_file", []) if named(item) in files]
        group.update({"track_file": kept} if kept else {})
    used = {named(item) for group in groups for item in group.get("track_file", [])}
    for name in [name for name in files if name not in used]:
        del files[name]
        notes.left(blocks[name], UNUSED)


def named(item: object) -> str:
    """What is tracked, with a weight or without."""
    return str(item.get("file") if isinstance(item, dict) else item)
