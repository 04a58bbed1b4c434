"""One server's file: its blocks as raw settings, in the shape of an inventory."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from floatip.keepalived.adopt import fifos, groups, processes, track_files
from floatip.keepalived.adopt.findings import Code, Notes
from floatip.keepalived.adopt.readers import COMMENT, READERS, Group, place, taken
from floatip.keepalived.conf import Statement, read
from floatip.keepalived.conf.defaults import DEFAULTS, FALSE, OWNER
from floatip.model import targets
from floatip.model.fields import OBJECT_NAME, Wrong
from floatip.model.messages import Said, say
from floatip.model.paths import MARKER
from floatip.model.settings import CHECKS, GLOBAL, NODE, Scope, Setting, notifying, setting
from floatip.model.settings.announcing import REPEAT, WITH_VMAC
from floatip.model.settings.kinds import adopted
from floatip.model.settings.mailing import MailServer
from floatip.model.settings.notifying import NOTIFY
from floatip.model.settings.values import Many

OURS = frozenset({"vrrp_higher_prio_send_advert", "enable_script_security", "script_user"})
OF_ALL = {row.key: row for row in (*GLOBAL, *NODE)}
ALERTS = ("smtp_alert", "smtp_alert_vrrp")  # for all instances that do not say it themselves
OF_NOTIFY = {row.key: row for row in NOTIFY}
OF_CHECKS = {row.key: row for row in CHECKS if row.key in DEFAULTS["vrrp_script"]}  # the user: `changes`
SILENT_CHECK = {key: row.value.adopted(DEFAULTS["vrrp_script"][key]) for key, row in OF_CHECKS.items()}
"""What a check means whose block says nothing; floatip's defaults are others."""


@dataclass(slots=True)
class File:
    """One server's file. `settings`: those in `global_defs`; `alerts`: mail from all; `user`: its `script_user`;
    `checks`: the block of each script; `raw`: statements that go on as raw lines; `sync`: the blocks of sync
    groups; `files`: those that are tracked."""

    groups: list[Group] = field(default_factory=list)
    scripts: dict[str, dict[str, Any]] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    global_lines: list[str] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)
    alerts: bool = False
    version: object = None
    ours: bool = False
    user: str = ""
    checks: dict[str, Statement] = field(default_factory=dict)
    raw: list[Statement] = field(default_factory=list)
    sync: list[Statement] = field(default_factory=list)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)


def file(text: str, notes: Notes) -> File:
    """Read it; whatever is no setting goes into the notes."""
    made = File(ours=text.removeprefix("\ufeff").startswith(MARKER))
    of_all: list[Statement] = []
    of_files: dict[str, Statement] = {}
    for statement in read(text).statements:
        if statement.comment:
            if not (made.ours and statement.line <= 2):
                made.lines += _comment(made, statement, notes)
        elif statement.keyword == "global_defs" and statement.body is not None:
            of_all += statement.body
            _globals(made, statement.body, notes)
        elif statement.keyword == "vrrp_instance" and statement.body is not None and len(statement.words) == 2:
            _instance(made, statement, notes)
        elif statement.keyword == "vrrp_script" and statement.body is not None and len(statement.words) == 2:
            _check_block(made, statement, notes)
        elif statement.keyword == groups.KEYWORD and statement.body is not None and len(statement.words) == 2:
            made.sync.append(statement)
        elif statement.keyword in track_files.KEYWORDS and statement.body is not None and len(statement.words) == 2:
            _file_block(made, of_files, statement, notes)
        elif statement.keyword == processes.KEYWORD and statement.body is not None and len(statement.words) == 2:
            _check_block(made, statement, notes)
        elif statement.keyword in ("vrrp_instance", "vrrp_script", "global_defs"):
            notes.left(statement, say("keepalived expects a name and braces here, and ignores this line."))
        else:
            made.lines += _raw(made, statement, notes)
    fifos.settle(made.settings, of_all, notes)
    for each in (each for group in made.groups for each in group.files if naming(each.keyword) not in made.files):
        notes.left(each, track_files.UNDEFINED)
    track_files.settle(made.files, [group.cluster for group in made.groups], of_files, notes)
    for group in made.groups if made.alerts else ():
        group.cluster.setdefault("smtp_alert", True)
    if any(group.cluster.get("use_vmac") for group in made.groups):  # then these are what floatip writes anyway
        silent = {
            key: value for key, value in WITH_VMAC.items() if key != REPEAT or "vrrp_min_garp" not in made.settings
        }
        made.settings = {key: value for key, value in made.settings.items() if silent.get(key) != value}
    return made


def named(block: Statement, notes: Notes) -> str:
    """The name of an instance or a check, in the letters that a name may have."""
    name = naming(block.words[1])
    if name != block.words[1]:
        why = say("It will be called {name}: a name may contain letters, digits, - and _ only.", name=name)
        notes.changed(block.line, block.text, Code.NAME, why)
    return name


def naming(word: str) -> str:
    """A name of at most 31 letters, digits, _ and -, that begins with a letter."""
    made = re.sub(r"[^A-Za-z0-9_-]", "_", word)[:31]
    return made if OBJECT_NAME.fullmatch(made) else f"x{made}"[:31]


def _raw(made: File, statement: Statement, notes: Notes, block: str = "") -> list[str]:
    lines = notes.raw(statement, block)
    if lines:
        made.raw.append(statement)
    return lines


def _check_block(made: File, statement: Statement, notes: Notes) -> None:
    name = named(statement, notes)
    if name in made.scripts:
        notes.left(statement, say("{name} is defined a second time; the first definition is used.", name=name))
        return
    if statement.keyword != processes.KEYWORD:
        made.scripts[name] = _script(made, statement.body or [], notes)
    elif (process := processes.adopted(statement, notes)) is not None:
        made.scripts[name] = process
    else:
        return
    made.checks[name] = statement


def _file_block(made: File, blocks: dict[str, Statement], statement: Statement, notes: Notes) -> None:
    name = named(statement, notes)
    if name in made.files:
        notes.left(statement, say("{name} is defined a second time; the first definition is used.", name=name))
    elif (settings := track_files.adopted(statement, notes)) is not None:
        made.files[name], blocks[name] = settings, statement


def _comment(made: File, statement: Statement, notes: Notes) -> list[str]:
    """In a file of ours a comment is a raw line of its inventory."""
    if made.ours:
        return notes.raw(statement)
    notes.left(statement, COMMENT)
    return []


def _globals(made: File, body: list[Statement], notes: Notes) -> None:
    for statement in body:
        if statement.comment:
            made.global_lines += _comment(made, statement, notes)
        elif statement.keyword == "vrrp_version" and len(statement.words) == 2:
            made.version = setting(Scope.INSTANCE, "version").value.adopted(statement.words[1])
        elif statement.keyword == "script_user":
            made.user = " ".join(statement.words[1:])
        elif row := OF_ALL.get(statement.keyword):
            if (why := _taken(made, row, statement)) is not None:
                notes.left(statement, why)
        elif statement.keyword in ALERTS:
            made.alerts = " ".join(statement.words[1:]) not in FALSE
        elif statement.keyword not in OURS:
            made.global_lines += _raw(made, statement, notes, "global_defs")


def _shell(statement: Statement) -> bool:
    """Whether a notify line has words that are no plain command: it stays a raw line."""
    if statement.keyword not in OF_NOTIFY or len(statement.words) < 2:
        return False
    try:
        OF_NOTIFY[statement.keyword].value.read(notifying.adopted(statement.words[1:]))
    except Wrong:
        return True
    return False


def _taken(made: File, row: Setting, statement: Statement) -> Said | None:
    """A global setting, where its value is one that floatip takes; why it is left out, where it is."""
    said: dict[str, Any] = {}
    why = None
    if isinstance(row.value, Many):
        said[row.key] = [" ".join(child.words) for child in statement.body or [] if not child.comment]
    elif isinstance(row.value, MailServer) and len(statement.words) == 3:
        said[row.key] = targets.joined(*statement.words[1:])
    else:
        why = taken(row, said, statement)
    if why is None:
        try:
            for value in said[row.key] if isinstance(row.value, Many) else [said[row.key]]:
                row.value.read(value)
        except Wrong as wrong:
            return say("{key} {why}", key=row.key, why=wrong.text)
        made.settings |= said
    return why


def _instance(made: File, block: Statement, notes: Notes) -> None:
    group = Group(named(block, notes), block)
    if any(group.name == other.name for other in made.groups):
        notes.left(block, say("{name} is defined a second time: keepalived refuses that.", name=group.name))
        return
    made.groups.append(group)
    for statement in block.body or []:
        if statement.comment:
            group.cluster.setdefault("extra_lines", []).extend(_comment(made, statement, notes))
            continue
        reader = READERS.get(statement.keyword) if not _shell(statement) else None
        if reader is None:
            lines = _raw(made, statement, notes)
            group.cluster.setdefault("extra_lines", []).extend(lines)
        elif (why := reader(group, statement, notes)) is not None:
            notes.left(statement, why)
    place(group, notes)
    for key, called in (("track_script", "script"), ("track_file", "file")):
        if tracked := group.cluster.get(key):
            group.cluster[key] = [
                {**item, called: naming(item[called])} if isinstance(item, dict) else naming(item) for item in tracked
            ]
    owner, leads = OWNER
    group.member.setdefault("priority", int(leads if group.state == owner else DEFAULTS["vrrp_instance"]["priority"]))
    if not group.cluster.get("extra_lines"):
        group.cluster.pop("extra_lines", None)


def _script(file: File, body: list[Statement], notes: Notes) -> dict[str, Any]:
    made: dict[str, Any] = {}
    lines: list[str] = []
    for statement in body:
        if statement.comment:
            lines += _comment(file, statement, notes)
        elif statement.keyword == "script" and len(statement.words) > 1:
            made.update(_check(_command(statement.words[1:])))
        elif statement.keyword in OF_CHECKS and len(statement.words) == 2:
            made[statement.keyword] = OF_CHECKS[statement.keyword].value.adopted(statement.words[1])
        elif statement.keyword != "user" or len(statement.words) < 2:
            lines += _raw(file, statement, notes, "vrrp_script")
    if lines:
        made["extra_lines"] = lines
    said = {**SILENT_CHECK, **made}
    made |= {key: said[key] for key, row in OF_CHECKS.items() if said[key] != row.default}
    if made.get("timeout", 0) == 0:  # keepalived waits for as long as the interval then
        made["timeout"] = made["interval"]
    return made


def _command(arguments: list[str]) -> str:
    """A command line; words that hold blanks of their own keep their quotes, which floatip refuses."""
    if len(arguments) == 1:
        return arguments[0]
    return " ".join(word if word.split() == [word] else f'"{word}"' for word in arguments)


def _check(command: str) -> dict[str, Any]:
    """The kind of check that runs this command, and what it looks at."""
    return adopted(tuple(command.split(" ")))
