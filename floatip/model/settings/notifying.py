"""What a server runs when its part in an instance changes: programs of its own, or files that floatip ships.

keepalived appends to `notify` the kind INSTANCE, the name, the new state and the priority; to the others nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from floatip.model import fields
from floatip.model.cluster import Instance, SyncGroup
from floatip.model.messages import Said, say
from floatip.model.notify import SCRIPT_USER, Notify
from floatip.model.settings import programs
from floatip.model.settings.row import Scope, Setting
from floatip.model.settings.values import Value

QUOTED = re.compile(r'"([^"]*)"(?: ([^"]*))?')


@dataclass(frozen=True, slots=True)
class Running(Value):
    """A program or a file with its arguments, and who runs it: text, or a dict where that is not `SCRIPT_USER`. Typed
    text may have keepalived's own words, too: `"/usr/local/bin/up now" www-data`."""

    def read(self, raw: object) -> Notify:
        """A checked one."""
        if isinstance(raw, str) and (found := QUOTED.fullmatch(raw)):
            raw = {"run": found[1], **({"user": found[2]} if found[2] else {})}
        if isinstance(raw, dict):
            if "run" not in raw or set(raw) - {"run", "user"}:
                raise fields.Wrong(
                    "bad-notify",
                    say("is {value}.", value=fields.show(raw)),
                    say('Write {{"run": "/usr/local/bin/up", "user": "www-data"}}.'),
                )
            return Notify(programs.read(raw["run"]), fields.script_user(raw.get("user", SCRIPT_USER)))
        return Notify(programs.read(raw))

    def plain(self, value: Any) -> object:
        """As an inventory has it."""
        if not isinstance(value, Notify):
            return value
        return value.run if value.user == SCRIPT_USER else {"run": value.run, "user": value.user}

    def words(self, value: Any) -> str:
        """What stands behind the keyword."""
        return f'"{programs.command(value)}"' + (f" {value.user}" if value.user != SCRIPT_USER else "")

    def shown(self, raw: object) -> str:
        """A raw one as it stands in a text field."""
        if isinstance(raw, dict) and "user" in raw:
            return f'"{raw.get("run", "")}" {raw["user"]}'
        return str(raw.get("run", "") if isinstance(raw, dict) else raw or "")


def adopted(words: list[str]) -> object:
    """The raw value of a statement's words: the command, and perhaps a user and a group."""
    return {"run": words[0], "user": " ".join(words[1:])} if words[1:] else words[0]


def _row(key: str, doc: str, label: Said) -> Setting:
    help = say('a path on the servers, or a file beside the inventory; as another user: "/usr/local/bin/up" www-data')
    return Setting(
        key=key, scope=Scope.INSTANCE, value=Running(), standard="none", doc=doc, label=label, help=help, page="extras"
    )


NOTIFY: tuple[Setting, ...] = (
    _row(
        "notify",
        "what a server runs on every change of its state. After its own arguments come INSTANCE, the name, MASTER, "
        "BACKUP, FAULT or STOP, and the priority. An absolute path is a program on the servers; a name without `/` "
        'is a file beside the inventory, which floatip ships and takes away again. It runs as nobody; `{"run": '
        '"/usr/local/bin/up", "user": "www-data"}` names another user, root with a warning',
        say("Program for every change of state (notify)"),
    ),
    _row("notify_master", "the same once it is MASTER", say("Program once it is MASTER (notify_master)")),
    _row("notify_backup", "the same once it is BACKUP", say("Program once it is BACKUP (notify_backup)")),
    _row(
        "notify_fault",
        "the same once it is in FAULT: a check fails, an interface is down",
        say("Program once it is in FAULT (notify_fault)"),
    ),
    _row("notify_stop", "the same when keepalived stops", say("Program when keepalived stops (notify_stop)")),
)


def notifies(owner: Instance | SyncGroup) -> Iterator[tuple[str, Notify]]:
    """Setting → what runs, of those that an instance or a group has."""
    for row in NOTIFY:
        notify = row.of(owner)
        if notify is not None:
            yield row.key, notify
