"""Putting a cluster on its servers, and taking it off: `deploy.py` of the repository, wherever floatip is installed."""

from __future__ import annotations

import fnmatch
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import NoReturn

import click

from floatip.cli.shared import FILE, JSON, confirm, mark, print_json, refuse, usable
from floatip.model.messages import say
from floatip.operate.refusals import Code
from floatip.runs import pyinfra_run, recorded
from floatip.server_side.lease.model import What

UNCONFIRMED = "unconfirmed"
"""What a program is told where a deploy would have to ask."""


@click.command()
@FILE
@click.option("--dry", is_flag=True, help="Show the plan only: what would change, and what clients would notice.")
@click.option("--diff", is_flag=True, help="Show the lines of files that change.")
@click.option("--limit", multiple=True, metavar="SERVER", help="Only this server; can be repeated.")
@click.option(
    "--replace",
    is_flag=True,
    help="Replace a keepalived.conf that floatip did not write, or of another cluster; a copy is kept.",
)
@click.option(
    "--dismiss",
    metavar="SERVER,...",
    help="Servers that leave the cluster: move their addresses, then remove floatip there.",
)
@click.option("--forget", metavar="SERVER,...", help="Servers that will not come back.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@JSON
def deploy(
    file: Path,
    dry: bool,
    diff: bool,
    limit: tuple[str, ...],
    replace: bool,
    dismiss: str | None,
    forget: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Deploy a cluster to its servers.

    Shows the plan and asks before it changes anything; proves at the end that exactly one server holds each address.
    The exit code is that of `pyinfra FILE deploy.py`.
    """
    given = {pyinfra_run.REPLACE: replace, pyinfra_run.DISMISS: dismiss, pyinfra_run.FORGET: forget}
    put_on(file, as_json, dry=dry, yes=yes, data=given, limit=limit, options=["--diff"] if diff else [])


def put_on(
    file: Path,
    as_json: bool,
    *,
    dry: bool,
    yes: bool,
    data: Mapping[str, bool | str | None] | None = None,
    limit: Sequence[str] = (),
    options: Sequence[str] = (),
) -> NoReturn:
    """Deploy a file, whatever command asks for it; ends with the exit code of that. `data`: for deploy.py."""
    clusters = usable(file, as_json)  # pyinfra would run a file that is no plain data
    known = {name for cluster in clusters for name in (cluster.name, *(node.name for node in cluster.nodes))}
    for pattern in limit:  # pyinfra would deploy to nobody, and call that a success
        if not fnmatch.filter(known, pattern):
            message = say("{file} has no server {node}.", file=file, node=repr(pattern))
            refuse(message, error=Code.NO_SUCH_SERVER if as_json else "", node=pattern)
    if not (yes or dry) and (as_json or not sys.stdin.isatty()):
        message = say("Nothing was done: there is no terminal to ask in. Use --dry to see the plan, --yes to continue.")
        refuse(message, error=UNCONFIRMED if as_json else "")
    switches = [name for name, on in {"-y": yes, "--dry": dry}.items() if on]
    switches += [word for pattern in limit for word in ("--limit", pattern)]
    given = {name: value for name, value in (data or {}).items() if value}
    with nullcontext() if dry else recorded.begun(file, What.DEPLOY):
        result = pyinfra_run.run(file, data=given, json_output=as_json, options=[*switches, *options])
        if as_json:
            print_json({"ok": result.code == 0, "pyinfra": result.document})
        raise SystemExit(result.code)


@click.command()
@FILE
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@JSON
def remove(file: Path, yes: bool, as_json: bool) -> None:
    """Remove floatip from the servers of a cluster.

    Releases the addresses. Files that floatip did not write stay.
    """
    clusters = usable(file, as_json)
    names = ", ".join(node.name for cluster in clusters for node in cluster.nodes)
    held = ", ".join(str(address.ip) for c in clusters for i in c.instances for address in i.addresses)
    if not yes and not as_json:
        question = say(
            "This releases {addresses} and removes floatip from {names}. Continue?", addresses=held, names=names
        )
        confirm(question)
    with recorded.begun(file, What.REMOVE):
        result = pyinfra_run.run(file, data={pyinfra_run.REMOVE: True}, json_output=as_json)
        if as_json:
            print_json({"ok": result.code == 0, "pyinfra": result.document})
        elif result.code == 0:
            mark("●", "green", say("{names}: nothing of floatip is left.", names=names))
        raise SystemExit(1 if result.code else 0)


COMMANDS = (deploy, remove)
