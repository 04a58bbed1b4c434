"""A program that a server runs, with its arguments: one of its own, or a file that floatip ships."""

from __future__ import annotations

import hashlib
import re

from floatip.model import fields, targets
from floatip.model.messages import say
from floatip.model.notify import Notify
from floatip.model.paths import SCRIPTS

FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
SIGNS = 12
"""Of the checksum that ends the name of a shipped file: what another text would run is another file."""


def read(raw: object) -> str:
    """A command line that begins with an absolute path, or with the name of a file beside the inventory."""
    value = fields.text(raw)
    program, _, _ = value.partition(" ")
    if program.startswith("/"):
        return targets.command(value)
    if not FILE.fullmatch(program):
        hint = say("Write a program's absolute path, /usr/local/bin/up, or the name of a file beside the inventory.")
        raise fields.Wrong("bad-command", say("is {value}.", value=fields.show(value)), hint)
    targets.command(f"/{value}")
    return value


def command(program: Notify) -> str:
    """The command line that keepalived runs."""
    first, *rest = program.run.split(" ")
    return " ".join([place(program) if program.shipped else first, *rest])


def place(program: Notify) -> str:
    """Where a shipped file stands on the servers."""
    return f"{SCRIPTS}/{program.file}.{hashlib.sha256((program.text or '').encode()).hexdigest()[:SIGNS]}"
