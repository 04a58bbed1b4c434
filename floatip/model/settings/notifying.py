"""What a server runs when its part in an instance changes: programs of its own, or files that floatip ships.

keepalived appends to `notify` the kind INSTANCE, the name, the new state and the priority; to the others nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from floatip.model import fields, targets
from floatip.model.cluster import Cluster, Instance
from floatip.model.messages import Said, say
from floatip.model.notify import SCRIPT_USER, Notify
from floatip.model.paths import SCRIPTS
from floatip.model.settings.row import Scope, Setting
from floatip.model.settings.values import Value

FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
QUOTED = re.compile(r'"([^"]*)"(?: ([^"]*))?')
SIGNS = 12
"""Of the checksum that ends the name of a shipped file: what another text would run is another file."""


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
            return Notify(_command(raw["run"]), fields.script_user(raw.get("user", SCRIPT_USER)))
        return Notify(_command(raw))

    def plain(self, value: Any) -> object:
        """As an inventory has it."""
        if not isinstance(value, Notify):
            return value
        return value.run if value.user == SCRIPT_USER else {"run": value.run, "user": value.user}

    def words(self, value: Any) -> str:
        """What stands behind the keyword."""
        return f'"{command(value)}"' + (f" {value.user}" if value.user != SCRIPT_USER else "")

    def shown(self, raw: object) -> str:
        """A raw one as it stands in a text field."""
        if isinstance(raw, dict) and "user" in raw:
            return f'"{raw.get("run", "")}" {raw["user"]}'
        return str(raw.get("run", "") if isinstance(raw, dict) else raw or "")


def adopted(words: list[str]) -> object:
    """The raw value of a statement's words: the command, and perhaps a user and a group."""
    return {"run": words[0], "user": " ".join(words[1:])} if words[1:] else words[0]


def command(notify: Notify) -> str:
    """The command line that keepalived runs."""
    program, *rest = notify.run.split(" ")
    return " ".join([place(notify) if notify.shipped else program, *rest])


def place(notify: Notify) -> str:
    """Where a shipped file stands on the servers."""
    return f"{SCRIPTS}/{notify.file}.{hashlib.sha256((notify.text or '').encode()).hexdigest()[:SIGNS]}"


def _command(raw: object) -> str:
    value = fields.text(raw)
    program, _, _ = value.partition(" ")
    if program.startswith("/"):
        return targets.command(value)
    if not FILE.fullmatch(program):
        hint = say("Write a program's absolute path, /usr/local/bin/up, or the name of a file beside the inventory.")
        raise fields.Wrong("bad-command", say("is {value}.", value=fields.show(value)), hint)
    targets.command(f"/{value}")
    return value


def _row(key: str, doc: str, label: Said) -> Setting:
    help = say('a path on the servers, or a file beside the inventory; as another user: "/usr/local/bin/up" www-data')
    return Setting(
        key=key, scope=Scope.INSTANCE, value=Running(), standard="none", doc=doc, label=label, help=help, page="extras"
    )


NOTIFY: tuple[Setting, ...] = (
    _row(
        "notify",
        "what a server runs on every change of its state, with the words INSTANCE, the name, MASTER, BACKUP, FAULT or "
        "STOP, and the priority behind its arguments. An absolute path is a program on the servers; a name without `/` "
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


def notifies(instance: Instance) -> Iterator[tuple[str, Notify]]:
    """Setting → what runs, of those that an instance has."""
    for row in NOTIFY:
        notify = row.of(instance)
        if notify is not None:
            yield row.key, notify


def shipped(cluster: Cluster, node: str) -> dict[str, str]:
    """Path → text of the files that floatip puts on a server."""
    every = (notify for instance in cluster.instances_of(node) for _, notify in notifies(instance))
    return {place(notify): notify.text or "" for notify in every if notify.shipped}


def named(cluster: Cluster, node: str) -> set[str]:
    """The paths of all programs that a server's file names."""
    return {
        command(notify).split(" ")[0] for instance in cluster.instances_of(node) for _, notify in notifies(instance)
    }


def with_texts(instance: Instance, texts: dict[str, str]) -> Instance:
    """The instance with the texts of its files: name → text."""
    found = {
        key: replace(notify, text=texts[notify.file]) for key, notify in notifies(instance) if notify.file in texts
    }
    return replace(instance, **found)  # type: ignore[arg-type]  # of the fields that NOTIFY names
