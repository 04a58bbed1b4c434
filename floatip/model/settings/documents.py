"""The tables of docs/inventory.md, made of the rows: what stands between two marks is written here, and only here."""

from __future__ import annotations

import re
from collections.abc import Iterable

from floatip.model.settings.addresses import ADDRESS
from floatip.model.settings.checks import CHECKS
from floatip.model.settings.clusters import CLUSTER
from floatip.model.settings.foreign import DEVICE
from floatip.model.settings.kinds import KINDS
from floatip.model.settings.row import Scope, Setting, dotted
from floatip.model.settings.rows import INSTANCE, MEMBER
from floatip.model.settings.servers import NODE, SERVER
from floatip.model.settings.track_files import FILES

OF = {
    Scope.MEMBER: MEMBER,
    Scope.INSTANCE: INSTANCE,
    Scope.ADDRESS: ADDRESS,
    Scope.DEVICE: DEVICE,
    Scope.CHECK: CHECKS,
    Scope.FILE: FILES,
    Scope.CLUSTER: CLUSTER,
    Scope.NODE: NODE,
    Scope.SERVER: SERVER,
}
MARKED = re.compile(r"(<!-- settings of (?:an? |the )(\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def documented(text: str) -> str:
    """The text with its tables made anew."""
    return MARKED.sub(lambda found: f"{found[1]}{_table(found[2])}{found[3]}", text)


def _table(name: str) -> str:
    if name == "kind":
        return _lines(("key", "meaning"), ((f"`{kind}`", check.doc) for kind, check in KINDS.items()))
    rows = ((f"`{row.key}`", default_of(row), _meaning(row)) for row in OF[Scope(name)])
    return _lines(("key", "default", "meaning"), rows)


def _lines(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    every = (head, ("---",) * len(head), *rows)
    return "".join(f"| {' | '.join(row)} |\n".replace("|  |", "| |") for row in every)


def default_of(row: Setting) -> str:
    """Its default as the table shows it."""
    if row.required or row.standard:
        return row.standard
    plain = row.value.plain(row.default)
    return f'`"{plain}"`' if isinstance(plain, str) else str(plain)


def _meaning(row: Setting) -> str:
    return f"{row.doc}. keepalived {dotted(row.since)} and later know it" if row.since else row.doc
