"""The command line: `floatip --help`, also as `python -m floatip`.

Exit codes: 0 good, 1 it failed on a host, 2 the input is wrong, 3 it cannot be known, 141 nobody reads the output.
`--json` prints one document on standard output; where a server is not fit for what was asked, that is
{"ok": false, "error": {"code": …, "node": …, "message": …}}.

    files        an inventory, before and without a deploy; taking floatip off; the wizard
    adopt        an inventory from what servers run already
    status       a cluster that runs: status, doctor
    drill        a failover test
    maintenance  moving addresses, and reboots
    unlock       who is changing it now
    running      what the servers of a file run
    shared       reading what is named, and refusing it
"""

from __future__ import annotations

import os
from typing import Any

import click

from floatip.cli import adopt, drill, files, maintenance, shared, status, unlock
from floatip.runs import storage


class Program(click.Group):
    """All commands, for any terminal."""

    def main(self, *given: Any, **more: Any) -> Any:
        """Also its own help and mistakes are printed so that the terminal can show them."""
        storage.readable()
        try:
            return super().main(*given, **more)
        except OSError as error:  # the output or the state directory cannot be written
            raise SystemExit(shared.unwritten(error)) from None

    def invoke(self, ctx: click.Context) -> Any:
        """Where nobody reads the output, click would end as if something had failed."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise SystemExit(shared.unwritten(error)) from None


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="floatip")
@click.pass_context
def main(context: click.Context) -> None:
    """One floating IP address for two or more Debian servers, kept alive by keepalived (VRRP)."""
    if os.environ.get("NO_COLOR"):
        context.color = False


for _module in (files, adopt, status, drill, maintenance, unlock):
    for _command in _module.COMMANDS:
        main.add_command(_command)
