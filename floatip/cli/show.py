"""A status in the terminal: a table, or JSON."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict
from typing import Any

import click
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from floatip.change.landmarks import landmark
from floatip.cli.shared import shown
from floatip.hosts import ssh_errors
from floatip.hosts.monitor import Snapshot
from floatip.model.cluster import Cluster
from floatip.model.messages import NO_MESSAGE, Said, say
from floatip.operate import status
from floatip.operate.status import Row
from floatip.runs import detached, events
from floatip.server_side.lease import model
from floatip.server_side.pending import change

COLOURS = {"good": "green", "warning": "yellow", "bad": "red", "unknown": "bright_black"}
NODE_COLOURS = {"master": "green", "fault": "red", "stopped": "red", "absent": "red", "unknown": "bright_black"}
TITLES = (NO_MESSAGE, say("state"), say("since"), say("priority"), say("health checks"))
CODES = {"good": 0, "bad": 1, "unknown": 3}


def follow(clusters: Sequence[Cluster], seen: Iterable[Snapshot]) -> int:
    """Draw every round in the place of the one before; the exit code of the last."""
    code, console = CODES["unknown"], Output()
    with Live(console=console, auto_refresh=False) if console.is_terminal else nullcontext() as live:
        for look in seen:
            rows = _rows(clusters, look)
            if live:
                live.update(picture(rows, look), refresh=True)
            else:
                console.print(picture(rows, look), soft_wrap=True)  # a line stays one for whatever reads it
            code = exit_code(rows)
    console.print()
    return code


class Output(Console):
    """Standard output."""

    def on_broken_pipe(self) -> None:
        """Nobody reads it any more: rich would say that something is not well."""
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def busy(message: str) -> AbstractContextManager[object]:
    """Something that moves while one waits, where there is a terminal."""
    return Console(stderr=True).status(message)


@contextmanager
def step(name: Said, node: str) -> Iterator[None]:
    """Something that we do between two deploys, told as pyinfra tells its own steps."""
    click.echo(" ".join((shown(say("--> Starting operation:")), shown(name))), err=True)
    detached.tell(events.Begin(time.time(), 1, name, landmark(name)))
    with busy(f"{shown(name)} …"):
        yield
    detached.tell(events.Done(node, events.Outcome.CHANGED))
    detached.tell(events.End(time.time()))
    click.echo(f"    [{node}] " + shown(say("Success")), err=True)


def print_json(
    clusters: Sequence[Cluster], seen: Iterable[Snapshot], deployed: Sequence[Mapping[str, Any]] = ()
) -> int:
    """One document a line; the exit code of the last round. `deployed`: what is known of each cluster's deploy."""
    code = CODES["unknown"]
    for look in seen:
        rows = _rows(clusters, look)
        print(ssh_errors.document({**document(rows, look), "deployed": list(deployed)}), flush=True)
        code = exit_code(rows)
    return code


def exit_code(rows: Sequence[Row]) -> int:
    """0 all is well, 1 something is not, 3 that cannot be known."""
    verdicts = {row.verdict for row in rows}
    return CODES["bad" if "bad" in verdicts else "unknown" if "unknown" in verdicts or not rows else "good"]


def document(rows: Sequence[Row], seen: Snapshot) -> dict[str, Any]:
    """JSON-ready values; times in seconds."""
    addresses = [{**asdict(row), "nodes": [_node(node) for node in row.nodes]} for row in rows]
    leases = {name: model.as_dict(found.lease) for name, found in seen.found.items() if found.lease}
    changes = {name: change.as_dict(found.change) for name, found in seen.found.items() if found.change}
    reachability = {
        "failures": dict(seen.failures),
        "reasons": {name: ssh_errors.code(why) for name, why in seen.failures.items()},
        "full": {name: found.full for name, found in seen.found.items() if found.full},
        "readonly": {name: found.readonly for name, found in seen.found.items() if found.readonly},
        "leases": leases,
        "changes": changes,
    }
    return {"at": round(seen.at, 3), "addresses": addresses, **reachability}


def picture(rows: Sequence[Row], seen: Snapshot) -> RenderableType:
    """A table an address, who could not be asked, and who is being changed."""
    parts: list[RenderableType] = [_table(row) for row in rows]
    parts += [Text(f"{name}: {shown(why)}", style="bright_black") for name, why in seen.failures.items()]
    parts += [Text(shown(line), style="yellow") for line in [*status.full(seen.found), *status.at_work(seen.found)]]
    parts.append(Text(time.strftime("%H:%M:%S", time.localtime(seen.at)), style="dim"))
    return Group(*parts)


def _table(row: Row) -> RenderableType:
    table = Table(box=None, pad_edge=False, show_edge=False)
    for title in TITLES:
        table.add_column(shown(title), style=None, header_style="dim")
    for node in row.nodes:
        state = Text(f"{node.sign} {shown(node.label)}", style=NODE_COLOURS.get(node.state, ""))
        since = "" if node.since is None else shown(status.age(node.since))
        priority = "" if node.priority is None else str(node.priority)
        table.add_row(node.name, state, since, priority, _checks(node.checks or {}))
    head = Text(f"{row.sign} {shown(row.sentence)} {shown(row.cause)}".rstrip(), style=f"bold {COLOURS[row.level]}")
    return Group(head, table, Text(""))


def _checks(checks: Mapping[str, bool]) -> Text:
    parts = [
        Text(shown(f"{'●' if well else '▲'} {name}  "), style="" if well else "red") for name, well in checks.items()
    ]
    return Text.assemble(*parts)


def _node(row: status.NodeRow) -> dict[str, Any]:
    since = None if row.since is None else round(row.since, 1)
    return {"name": row.name, "state": row.state, "since": since, "priority": row.priority, "checks": row.checks}


def _rows(clusters: Sequence[Cluster], seen: Snapshot) -> list[Row]:
    return [row for cluster in clusters for row in status.read(cluster, seen.found)]
