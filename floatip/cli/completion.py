"""What a shell needs to complete floatip's commands, options and files."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

SHELLS: dict[str, type[ShellComplete]] = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


@click.command()
@click.argument("shell", type=click.Choice(list(SHELLS)))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script for a shell.

    For bash, put `eval "$(floatip completion bash)"` into ~/.bashrc.
    """
    click.echo(SHELLS[shell](context.find_root().command, {}, "floatip", "_FLOATIP_COMPLETE").source())


COMMANDS = (completion,)
