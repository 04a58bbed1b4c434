"""One server's file: its blocks as raw settings, in the shape of an inventory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from floatip.keepalived.adopt.findings import Notes
from floatip.keepalived.adopt.readers import COMMENT, READERS, Group, devices
from floatip.keepalived.conf import Statement, read
from floatip.keepalived.conf.defaults import DEFAULTS
from floatip.model.messages import say
from floatip.model.paths import MARKER
from floatip.model.settings import CHECKS, KINDS, Scope, setting

OURS = frozenset({"router_id", "vrrp_higher_prio_send_advert", "vrrp_garp_master_refresh", "vrrp_garp_master_repeat"})
OURS |= {"vrrp_garp_interval", "enable_script_security", "script_user"}
OF_CHECKS = {row.key: row for row in CHECKS}
SILENT_CHECK = {row.key: row.value.adopted(DEFAULTS["vrrp_script"][row.key]) for row in CHECKS}
"""What a check means whose block says nothing; floatip's defaults are others."""


@dataclass(slots=True)
class File:
    """One server's file. `user`: what its `script_user` says; `checks`: the block of each script; `raw`: statements
    that go on as raw lines."""

    groups: list[Group] = field(default_factory=list)
    scripts: dict[str, dict[str, Any]] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    version: object = None
    ours: bool = False
    user: str = ""
    checks: dict[str, Statement] = field(default_factory=dict)
    raw: list[Statement] = field(default_factory=list)


def file(text: str, notes: Notes) -> File:
    """Read it; whatever is no setting goes into the notes."""
    made = File(ours=text.removeprefix("\ufeff").startswith(MARKER))
    for one in read(text).statements:
        if one.comment:
            if not (made.ours and one.line <= 2):
                made.lines += _comment(made, one, notes)
        elif one.keyword == "global_defs" and one.body is not None:
            _globals(made, one.body, notes)
        elif one.keyword == "vrrp_instance" and one.body is not None and len(one.words) == 2:
            _instance(made, one, notes)
        elif one.keyword == "vrrp_script" and one.body is not None and len(one.words) == 2:
            _check_block(made, one, notes)
        else:
            made.lines += _raw(made, one, notes)
    return made


def _raw(made: File, one: Statement, notes: Notes) -> list[str]:
    lines = notes.raw(one)
    if lines:
        made.raw.append(one)
    return lines


def _check_block(made: File, one: Statement, notes: Notes) -> None:
    name = one.words[1]
    if name in made.scripts:
        notes.left(one, say("{name} is there a second time; the first one is taken.", name=name))
        return
    made.checks[name] = one
    made.scripts[name] = _script(one.body or [], notes)


def _comment(made: File, one: Statement, notes: Notes) -> list[str]:
    """In a file of ours a comment is a raw line of its inventory."""
    if made.ours:
        return notes.raw(one)
    notes.left(one, COMMENT)
    return []


def _globals(made: File, body: list[Statement], notes: Notes) -> None:
    for one in body:
        if one.comment:
            notes.left(one, COMMENT)
        elif one.keyword == "vrrp_version" and len(one.words) == 2:
            made.version = setting(Scope.INSTANCE, "version").value.adopted(one.words[1])
        elif one.keyword == "script_user":
            made.user = " ".join(one.words[1:])
        elif one.keyword not in OURS:
            notes.left(one, say("A global setting that floatip does not know; it would be the daemon's default again."))


def _instance(made: File, block: Statement, notes: Notes) -> None:
    group = Group(block.words[1], block)
    if any(group.name == other.name for other in made.groups):
        notes.left(block, say("{name} is there a second time: keepalived refuses that.", name=group.name))
        return
    made.groups.append(group)
    for one in block.body or []:
        if one.comment:
            group.cluster.setdefault("extra_lines", []).extend(_comment(made, one, notes))
            continue
        reader = READERS.get(one.keyword)
        if reader is None:
            lines = _raw(made, one, notes)
            group.cluster.setdefault("extra_lines", []).extend(lines)
        elif (why := reader(group, one, notes)) is not None:
            notes.left(one, why)
    devices(group, notes)
    if not group.cluster.get("extra_lines"):
        group.cluster.pop("extra_lines", None)


def _script(body: list[Statement], notes: Notes) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for one in body:
        if one.comment:
            notes.left(one, COMMENT)
        elif one.keyword == "script" and len(one.words) > 1:
            made.update(_check(_command(one.words[1:])))
        elif one.keyword in OF_CHECKS and len(one.words) == 2:
            made[one.keyword] = OF_CHECKS[one.keyword].value.adopted(one.words[1])
        elif one.keyword != "user" or len(one.words) < 2:
            notes.left(one, say("A setting of a health check that floatip does not know."))
    said = {**SILENT_CHECK, **made}
    made |= {row.key: said[row.key] for row in CHECKS if said[row.key] != row.default}
    if made.get("timeout", 0) == 0:  # keepalived waits for as long as the interval then
        made["timeout"] = made["interval"]
    return made


def _command(words: list[str]) -> str:
    """A command line; words that hold blanks of their own keep their quotes, which floatip refuses."""
    if len(words) == 1:
        return words[0]
    return " ".join(word if word.split() == [word] else f'"{word}"' for word in words)


def _check(command: str) -> dict[str, Any]:
    """The kind of check that runs this command, and what it looks at."""
    words = tuple(command.split(" "))
    found = ((kind, one.adopted(words)) for kind, one in KINDS.items())
    return dict([next((kind, target) for kind, target in found if target is not None)])
