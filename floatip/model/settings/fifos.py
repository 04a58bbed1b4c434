"""FIFOs into which keepalived writes every change of state of a server, a line each, and the programs that read them.

A line is `INSTANCE "VI_1" MASTER 150`, or `GROUP "routers" BACKUP 0`. A program is started with the daemon, with the
path of its FIFO behind its arguments, and again after each reload (`fifo_open` in notify.c). By keepalived's umask only
its owner can read a FIFO: the user of its program, where nobody else is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from floatip.model import expected, fields
from floatip.model.cluster import Cluster
from floatip.model.messages import Said, say
from floatip.model.notify import SCRIPT_USER, Notify
from floatip.model.settings.notifying import Running
from floatip.model.settings.row import Place, Scope, Setting
from floatip.model.settings.values import Text

PAIRS: Final = (("notify_fifo", "notify_fifo_script"), ("vrrp_notify_fifo", "vrrp_notify_fifo_script"))
"""(FIFO, the program that reads it)."""


def _read(raw: object) -> str:
    """A path, and perhaps whose it is."""
    path, blank, user = fields.text(raw).partition(" ")
    return f"{expected.file(path)} {fields.script_user(user)}" if blank else expected.file(path)


@dataclass(frozen=True, slots=True)
class Fifo(Text):
    """The path of a FIFO, with the user that it belongs to where that is not who runs scripts."""

    reader: Callable[[object], Any] = _read

    def words(self, value: Any) -> str:
        """keepalived wants the user behind the path."""
        path, blank, user = value.partition(" ")
        return f'"{path}"{blank}{user}'


def owner(cluster: Cluster, fifo: str, program: str) -> str:
    """Whose a FIFO is."""
    own = (getattr(cluster, fifo) or "").partition(" ")[2]
    reader: Notify | None = getattr(cluster, program)
    return own or (reader.user if reader else SCRIPT_USER)


def _owned(fifo: str, program: str) -> Callable[[Cluster], str | None]:
    """What is rendered of a FIFO."""

    def shown(cluster: Cluster) -> str | None:
        value: str | None = getattr(cluster, fifo)
        user = owner(cluster, fifo, program)
        return value if value is None or " " in value or user == SCRIPT_USER else f"{value} {user}"

    return shown


def _fifo(key: str, doc: str, label: Said) -> Setting:
    help = say("a path, like /run/keepalived.fifo; keepalived creates it")
    return replace(_row(key, Fifo(), doc, label, help), shown=_owned(key, f"{key}_script"))


def _program(key: str, doc: str, label: Said) -> Setting:
    help = say('a path on the servers, or a file beside the inventory; as another user: "/usr/local/bin/up" www-data')
    return _row(key, Running(), doc, label, help)


def _row(key: str, value: Fifo | Running, doc: str, label: Said, help: Said) -> Setting:
    return Setting(
        key=key,
        scope=Scope.CLUSTER,
        value=value,
        standard="none",
        place=Place.SCRIPTS,
        managed=True,
        doc=doc,
        label=label,
        help=help,
        page="extras",
    )


FIFOS: tuple[Setting, ...] = (
    _fifo(
        "notify_fifo",
        'a FIFO into which each server writes all changes of its state, in order, as lines like `INSTANCE "VI_1" '
        'MASTER 150`: its path, `"/run/keepalived.fifo"`; a user after it is the only one who can read it, by '
        "default the one who runs its program. "
        "keepalived makes it. It covers the whole daemon, including virtual servers in raw lines",
        say("FIFO for all changes of state of a server (notify_fifo)"),
    ),
    _program(
        "notify_fifo_script",
        "the program that reads it, written and shipped like `notify`. keepalived starts it with the path behind its "
        "arguments, again after each reload, and ends it when it stops",
        say("Program that reads this FIFO (notify_fifo_script)"),
    ),
    _fifo(
        "vrrp_notify_fifo",
        "the same for the instances alone, without the virtual servers",
        say("FIFO for the changes of state of the instances alone (vrrp_notify_fifo)"),
    ),
    _program(
        "vrrp_notify_fifo_script",
        "the program that reads it",
        say("Program that reads that FIFO (vrrp_notify_fifo_script)"),
    ),
)


def readers(cluster: Cluster) -> Iterator[tuple[str, Notify]]:
    """Setting → the program, of the FIFOs that are read by one."""
    for _, key in PAIRS:
        program = getattr(cluster, key)
        if program is not None:
            yield key, program
