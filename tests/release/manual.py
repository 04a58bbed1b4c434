"""The manual page floatip(1), made of what the command line says of itself."""

from __future__ import annotations

from collections.abc import Iterator

import click

import floatip
from floatip.cli import main
from floatip.language import telling

FILES = (
    ("./inventories", "where the wizard keeps inventories, where this directory is there"),
    ("~/.local/share/floatip/inventories", "else; XDG_DATA_HOME moves it"),
    ("~/.local/state/floatip", "drafts, runs and reports; XDG_STATE_HOME moves it"),
)


def commands() -> dict[str, click.Command]:
    """All of them, by name."""
    context = click.Context(main, info_name="floatip")
    found = {name: main.get_command(context, name) for name in main.list_commands(context)}
    return {name: command for name, command in found.items() if command}


def page() -> str:
    """The page, in man's own macros, in English wherever it is made."""
    with telling.speaking("en"):
        return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    context = click.Context(main, info_name="floatip")
    yield f'.TH FLOATIP 1 "" "floatip {floatip.__version__}" "User Commands"'
    yield from (".SH NAME", "floatip \\- one floating IP address for two or more Debian servers")
    yield from (".SH SYNOPSIS", ".B floatip", "COMMAND [OPTIONS] [ARGUMENTS]")
    yield from (".SH DESCRIPTION", _text(main.help or ""), ".SH COMMANDS")
    for name, command in commands().items():
        yield from _command(command, click.Context(command, context, name))
    yield ".SH EXIT STATUS"
    yield "0 good, 1 it failed on a host, 2 the input is wrong, 3 it cannot be known, 141 nobody reads the output."
    yield ".SH FILES"
    for path, what in FILES:
        yield from (".TP", f".I {_text(path)}", _text(what))


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    arguments = " ".join(command.collect_usage_pieces(context))
    yield f'.SS "floatip {context.info_name} {_text(arguments)}"'
    for paragraph in (command.help or "").split("\n\n"):
        yield from (".PP", _text(" ".join(paragraph.split())))
    for parameter in command.get_params(context):
        if record := parameter.get_help_record(context):
            yield from (".TP", f".B {_text(record[0])}", _text(record[1]))


def _text(given: str) -> str:
    """Safe for man: no line that begins with a macro, no escape."""
    escaped = given.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped[:1] in (".", "'") else escaped
