"""What the servers of a file run, for the commands that are about that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from floatip.cli import waiting
from floatip.cli.shared import compared, only, refuse, shown
from floatip.model.cluster import Cluster
from floatip.operate import refusals, running
from floatip.operate.running import Running
from floatip.runs import detached
from floatip.runs.events import Failed, Failure


def running_of(file: Path, clusters: Sequence[Cluster], as_json: bool) -> list[Running]:
    """What the servers of a file run; people are told where that is not what the file says."""
    with waiting.asking(node.name for cluster in clusters for node in cluster.nodes):
        found = running.of(clusters)
    for entry in found if not as_json else ():
        if entry.notice:
            click.echo(f"{click.style('▲', fg='yellow')} {file}: {shown(entry.notice)}", err=True)
        for line in entry.changes:
            click.echo(click.style(f"    {compared(line)}", fg={"+": "green", "-": "red"}.get(line[:1])), err=True)
    return found


def only_running(file: Path, as_json: bool) -> tuple[Cluster, Path]:
    """The one cluster that runs, and its inventory. It ends with code 1 where there is none."""
    (found,) = running_of(file, [only(file, as_json)], as_json)
    try:
        if found.cluster is None:
            raise running.not_deployed()
        return found.cluster, running.file(found, file)
    except refusals.Unfit as unfit:
        refuse_unfit(unfit, as_json)


def deployed_documents(found: Iterable[Running]) -> list[dict[str, Any]]:
    """For a program: where it is known from what runs, and what of the file is not deployed yet."""
    return [{"source": entry.source, "not_deployed": list(entry.changes)} for entry in found]


def refuse_unfit(unfit: refusals.Unfit, as_json: bool) -> NoReturn:
    """End the command because something cannot be done to the cluster."""
    detached.tell(Failed(Failure.UNFIT, unfit.reason, unfit.node))
    code = 2 if unfit.code in refusals.MISNAMED else 1
    refuse(unfit.reason, code=code, error=unfit.code if as_json else "", node=unfit.node)
