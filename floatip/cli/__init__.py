"""The command line: `floatip --help`, also as `python -m floatip`.

Exit codes: 0 good, 1 it failed on a host, 2 the input is wrong, 3 it cannot be known, 141 nobody reads the output.
`--json` prints one document on standard output; where a server is not fit for what was asked, that is
{"ok": false, "error": {"code": …, "node": …, "message": …}}.

    deploy       putting a cluster on its servers, and taking it off
    check        an inventory or several, before and without a deploy; what the servers have of it
    files        what an inventory becomes; the wizard
    adopt        an inventory from what servers run already
    status       a cluster that runs: status, doctor
    drill        a failover test
    maintenance  moving addresses, and reboots
    unlock       who is changing it now
    history      what was begun for a cluster; an earlier inventory, deployed again
    rename       a cluster under another name
    completion   for shells
    running      what the servers of a file run
    show         a status as a table or as JSON
    several      the status of several clusters, as one table
    drilling     a failover test under way
    waiting      who has not answered yet
    helping      the help of a command, in the language that is spoken
    shared       reading what is named, and refusing it

A command's module is imported when the command is given; the child process that it will ask is started before that.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any

import click

import floatip
from floatip.cli import helping
from floatip.hosts import workers
from floatip.language import telling
from floatip.runs import storage

MODULES = {
    **dict.fromkeys(("deploy", "remove"), "deploy"),
    **dict.fromkeys(("render", "wizard"), "files"),
    **dict.fromkeys(("doctor", "status"), "status"),
    **dict.fromkeys(("move", "reboot"), "maintenance"),
    **{name: name for name in ("adopt", "check", "completion", "drill", "history", "rename", "unlock")},
}
"""Command → the module that has it."""
ASKS = {
    **dict.fromkeys(("drill", "history", "move", "reboot", "status"), workers.MONITOR),
    **dict.fromkeys(("check", "doctor", "unlock"), workers.PROBE),
}
"""Command → the child process that it asks first."""


class Program(click.Group):
    """All commands, for any terminal."""

    def main(self, *given: Any, **more: Any) -> Any:
        """Also its own help and mistakes are printed so that the terminal can show them, and in its language."""
        storage.readable()
        try:
            with telling.speaking():
                return super().main(*given, **more)
        except OSError as error:  # the output or the state directory cannot be written
            raise SystemExit(_unwritten(error)) from None
        finally:
            workers.dismiss()

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Also what is wrong beside `--language` is said in that language: click stops at the first unknown option."""
        parser = self.make_parser(ctx)
        parser.ignore_unknown_options = True
        with suppress(click.UsageError):  # told below, by the parsing that counts
            language = parser.parse_args([*args])[0].get("language")
            if language in telling.offered():
                telling.use(language)
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in MODULES:
            return None
        commands: tuple[click.Command, ...] = import_module(f"floatip.cli.{MODULES[cmd_name]}").COMMANDS
        return helping.spoken(next(command for command in commands if command.name == cmd_name))

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return click.Group.collect_usage_pieces(helping.spoken(self), ctx)

    def get_help(self, ctx: click.Context) -> str:
        return click.Group.get_help(helping.spoken(self), ctx)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Start what the command will ask, and only then import the command."""
        if _asks(args):
            workers.begin(ASKS[args[0]])
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Where nobody reads the output, click would end as if something had failed."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise SystemExit(_unwritten(error)) from None


def _speak(context: click.Context, parameter: click.Parameter, language: str | None) -> None:
    if language:
        telling.use(language)


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--language",
    type=click.Choice(list(telling.offered())),
    is_eager=True,
    expose_value=False,
    callback=_speak,
    help="Language of messages and help; without it, the one that LANG names.",
)
@click.version_option(floatip.__version__, prog_name="floatip", help="Show the version and exit.")
@click.pass_context
def main(context: click.Context) -> None:
    """One floating IP address for two or more Debian servers, kept alive by keepalived (VRRP)."""
    if os.environ.get("NO_COLOR"):
        context.color = False


def _asks(args: Sequence[str]) -> bool:
    """Whether servers will be asked, unless an argument is wrong."""
    name, *more = args
    return name in ASKS and not {"-h", "--help"} & {*more} and (name != "check" or "--live" in more)


def _unwritten(error: OSError) -> int:
    from floatip.cli import shared

    return shared.unwritten(error)
