"""pyinfra's own words in the language of this process. Its log is Python's, which hands each line to a filter.

Only whole phrases of pyinfra's are told anew: whatever a server, ssh or a step says stays as it is.
"""

from __future__ import annotations

import logging
import re
import sys
import textwrap
from types import SimpleNamespace
from typing import Any

import click
from pyinfra import logger

from floatip.language.telling import current, tell
from floatip.model.messages import Said, say

WORDS = (
    say("--> Loading config..."),
    say("--> Loading inventory..."),
    say("--> Connecting to hosts..."),
    say("Connected"),
    say("--> Preparing operation files..."),
    *(say("Loading:"), say("Ready:")),
    say("--> Skipping change detection"),
    say("--> Detected changes:"),
    say(
        "Detected changes may not include every change pyinfra will execute. Hidden side effects of operations may "
        "alter behaviour of future operations, this will be shown in the results. The remote state will always be "
        "updated to reflect the state defined by the input operations."
    ),
    say("Detected changes displayed above, skip this step with -y"),
    say("Press enter to execute..."),
    say("One of more hosts failed to connect, continue?"),
    say("One of more hosts failed, continue?"),
    say("--> Beginning operation run..."),
    say("--> Starting operation:"),
    *(say("Success"), say("No changes"), say("Skipped")),
    say("--> Results:"),
    say("Grand total"),
    say("--> Disconnecting from hosts..."),
)
HEADS = (say("Operation | Change | Conditional Change"), say("Operation | Hosts | Success | Error | No Change"))
"""Of tables: the same word may be another one elsewhere."""
TROUBLE = (
    *(say("Error:"), say("pyinfra error"), say("No hosts remaining!")),
    say("WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!"),
    say("Someone could be eavesdropping on you right now (man-in-the-middle attack)!"),
    say("If this is expected, you can remove the bad key using:"),
)
VALUES = {"number": "([0-9]+)"}
"""What a placeholder stands for, where that is not any text."""
FILLED = tuple(
    (re.compile(re.sub(r"\\{(\w+)\\}", lambda name: VALUES.get(name[1], "(.+?)"), re.escape(words.template))), words)
    for words in (
        say("executed {number} commands", number=0),
        say("Command timed out after {number}s", number=0),
        say("{number} warnings shown during change detection, see above", number=0),
        say("Over {number}% of hosts failed ({part}%)", number=0, part=""),
        say("Could not connect ({error})", error=""),
        say("Could not resolve hostname ({error})", error=""),
        say("Authentication error ({login}) ({error})", login="", error=""),
        say("SSH host key error ({error})", error=""),
        say("SSH error ({error})", error=""),
        say("Failed to load host keys from {path}: {error}", path="", error=""),
        say("No host key for {host} found in known_hosts, accepting & adding to host keys file", host=""),
        say("No host key for {host} found in known_hosts", host=""),
    )
)
STYLE = re.compile(r"(\x1b\[[0-9;]*m)")
CELL = re.compile(r"(\S+(?: \S+)*)(\s*)")
"""A phrase, and what holds the next column apart."""


class Speaking(logging.Filter):
    """Puts each line that pyinfra logs into the language of this process."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every line. What a server said is an error of pyinfra's, or none of its lines."""
        if isinstance(record.msg, str):
            known = WORDS if record.levelno < logging.WARNING else TROUBLE
            record.msg, record.args = spoken(record.getMessage(), known), ()
        return True


def speak() -> None:
    """From now on, in this process; where English is spoken, nothing is touched. The question whether to go on does not
    go through the log: its module gets an `echo` of ours, if it is there; its import would patch Python."""
    if current() != "en" and not any(isinstance(known, Speaking) for known in logger.filters):
        logger.addFilter(Speaking())
        if asking := sys.modules.get("pyinfra_cli.cli"):
            vars(asking)["click"] = SimpleNamespace(**{**vars(click), "echo": _echo, "secho": _secho})


def spoken(text: str, words: tuple[Said, ...] = WORDS) -> str:
    """A line with the phrases of it that are pyinfra's own; styles and columns stay where they are."""
    known = {str(phrase): tell(phrase) for phrase in words} | _head(text)
    whole = known.get(" ".join(text.split()))
    if whole and "\n" in text:
        return "\n" + textwrap.indent(textwrap.fill(whole, 76), "    ")
    parts = STYLE.split(text)
    return "".join(part if STYLE.match(part) else CELL.sub(lambda cell: _cell(cell, known), part) for part in parts)


def _head(text: str) -> dict[str, str]:
    """The words of a table's head, where this line is one."""
    cells = re.split(" {2,}", text.strip())
    (head,) = [head for head in HEADS if head.split(" | ") == cells] or [Said()]
    return dict(zip(cells, tell(head).split(" | "), strict=True)) if head else {}


def _cell(cell: re.Match[str], known: dict[str, str]) -> str:
    phrase, space = cell.groups()
    before, phrase = (": ", phrase[2:]) if phrase.startswith(": ") else ("", phrase)
    translated = before + (known.get(phrase) or tell(_filled(phrase)))
    return translated.ljust(len(cell[0])) if len(space) > 1 else translated + space


def _filled(phrase: str) -> Said:
    for pattern, words in FILLED:
        if found := pattern.fullmatch(phrase):
            return say(words.template, **dict(zip(words.values, found.groups(), strict=True)))
    return Said(phrase)


def _echo(message: Any = None, **more: Any) -> None:
    click.echo(spoken(message) if isinstance(message, str) else message, **more)


def _secho(message: Any = None, **more: Any) -> None:
    _echo(click.style(message, more.pop("fg", None)), **more)
