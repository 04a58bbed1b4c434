"""The status of several clusters: a row an address, or JSON."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from floatip.cli import show, waiting
from floatip.cli.running import deployed_documents
from floatip.cli.shared import print_problems, shown, worst
from floatip.hosts import monitor, ssh_errors
from floatip.hosts.monitor import Snapshot
from floatip.model.cluster import Cluster
from floatip.model.messages import all_of, any_of, say
from floatip.operate import fleet, running, status
from floatip.operate.drill import reports
from floatip.operate.fleet import File, FleetServers, Standing
from floatip.operate.running import Running
from floatip.operate.status import Row

WRONG = 2
WIDE = 1000
TITLES = (
    *(say("cluster"), say("address"), say("state"), say("since"), say("servers")),
    *(say("last failover test"), say("what to look at")),
)


@dataclass(frozen=True, slots=True)
class Described:
    """A cluster of a file, and what its servers run."""

    file: Path
    name: str
    running: Running


class Look:
    """One look at all of them. `standings`: one for each; `snapshots`: what was seen of its servers."""

    def __init__(self, described: Sequence[Described], servers: FleetServers, seen: Snapshot) -> None:
        self.described, self.at = described, seen.at
        self.snapshots = [servers.of(number, seen) for number in range(len(described))]
        self.standings = [
            fleet.of(entry.running, look, reports.newest(entry.name))
            for entry, look in zip(described, self.snapshots, strict=True)
        ]

    def code(self, *, wrong: bool) -> int:
        """The worst of all. `wrong`: whether a file is."""
        codes = [show.exit_code(standing.rows) for standing in self.standings]
        return worst([*codes, *([WRONG] if wrong else [])])


def show_all(paths: Sequence[Path], every: float, *, watch: bool, as_json: bool) -> int:
    """Draw or print it; the exit code of the last look."""
    files = fleet.read(paths)
    for file in files if not as_json else ():
        if file.problems:
            click.echo(click.style(f"{shown(str(file.path))}:", bold=True), err=True)
            print_problems(file.problems)
    looks = _looks(_described(files), every, watch=watch)
    return _print(files, looks) if as_json else _draw(files, looks)


def _described(files: Sequence[File]) -> list[Described]:
    names = dict.fromkeys(node.name for file in files for cluster in file.clusters for node in cluster.nodes)
    with waiting.asking(names):
        found = running.of_files([file.clusters for file in files])
    return [
        Described(file.path, cluster.name, running)
        for file, ones in zip(files, found, strict=True)
        for cluster, running in zip(file.clusters, ones, strict=True)
    ]


def _looks(described: Sequence[Described], every: float, *, watch: bool) -> Iterator[Look]:
    servers = FleetServers([entry.running.cluster or Cluster(entry.name, (), ()) for entry in described])
    nobody = Snapshot(time.time(), {}, {})  # where nothing is deployed, nobody is asked
    hosts = list(servers.hosts.items())
    seen = monitor.snapshots(hosts, every, None if watch else 1) if hosts else iter([nobody])
    return (Look(described, servers, answered) for answered in waiting.first(servers.hosts, seen))


def _draw(files: Sequence[File], looks: Iterator[Look]) -> int:
    code, console = show.CODES["unknown"], show.Output()
    if not console.is_terminal:
        console.width = WIDE  # a line stays one for whatever reads it
    wrong = [file for file in files if file.problems]
    with Live(console=console, auto_refresh=False) if console.is_terminal else nullcontext() as live:
        for look in looks:
            clock = Text(time.strftime("%H:%M:%S", time.localtime(look.at)), style="dim")
            picture = Group(_table(look, wrong, console.is_terminal), clock)
            if live:
                live.update(picture, refresh=True)
            else:
                console.print(picture)
            code = look.code(wrong=bool(wrong))
    return code


def _table(look: Look, wrong: Sequence[File], folded: bool) -> RenderableType:
    table = Table(box=None, pad_edge=False, show_edge=False)
    for title in TITLES:
        table.add_column(shown(title), header_style="dim", overflow="fold")
    for described, standing in zip(look.described, look.standings, strict=True):
        for cells in _cells(described.name, standing, "\n" if folded else " "):
            table.add_row(*cells)
    for file in wrong:
        problem = Text(shown(file.problems[0].message), style="red")
        unusable = Text(shown(say("▲ cannot be used")), style="red")
        table.add_row(Text(shown(str(file.path))), "", unusable, "", "", "", problem)
    return table


def _cells(name: str, standing: Standing, between: str) -> list[list[RenderableType]]:
    """A row an address; what belongs to the cluster stands in the first."""
    well = "" if standing.well is None else f"{standing.well}/{standing.servers}"
    notes = Text(between.join(shown(note.message) for note in standing.notes), style="yellow")
    first: list[RenderableType] = [name, well, _tested(standing), notes]
    rows: list[Row | None] = [*standing.rows] or [None]
    below: list[RenderableType] = ["", "", "", ""]
    heads = [first, *([below] * (len(rows) - 1))]
    return [[head[0], *_address(row), *head[1:]] for head, row in zip(heads, rows, strict=True)]


def _address(row: Row | None) -> list[RenderableType]:
    if row is None:
        return ["", Text(shown(say("? nothing is deployed")), style="bright_black"), ""]
    holders = [node for node in row.nodes if node.state == "master"]
    since = holders[0].since if len(holders) == 1 else None
    nobody = say("no server") if row.verdict == "bad" else say("not known")
    names = [node.name for node in holders]
    who = all_of(names) if names else any_of(row.devices) if row.devices else nobody
    state = Text(f"{row.sign} {shown(who)}", style=show.COLOURS[row.level])
    return [row.address, state, "" if since is None else shown(status.age(since))]


def _tested(standing: Standing) -> str:
    if standing.tested is None:
        return shown(say("never"))
    day = time.strftime("%Y-%m-%d", time.localtime(standing.tested.at))
    sign, outage = "●" if standing.tested.held else "▲", f"{standing.tested.outage_ms:.0f}"
    milliseconds = say("{number} ms", number=outage)
    return f"{sign} {day}, {shown(milliseconds)}"


def _print(files: Sequence[File], looks: Iterator[Look]) -> int:
    code = show.CODES["unknown"]
    problems = {str(file.path): [problem.as_dict() for problem in file.problems] for file in files if file.problems}
    for look in looks:
        code = look.code(wrong=bool(problems))
        clusters = [
            _document(described, standing, seen)
            for described, standing, seen in zip(look.described, look.standings, look.snapshots, strict=True)
        ]
        document = {"at": round(look.at, 3), "ok": code == 0, "clusters": clusters, "problems": problems}
        print(ssh_errors.document(document), flush=True)
    return code


def _document(described: Described, standing: Standing, seen: Snapshot) -> dict[str, Any]:
    """What the status of one file says, and the line that stands for it in the table."""
    last = asdict(standing.tested) if standing.tested else None
    return {
        "file": str(described.file),
        "cluster": described.name,
        **show.document(standing.rows, seen),
        "deployed": deployed_documents([described.running])[0],
        "servers": standing.servers,
        "well": standing.well,
        "notes": [{"code": note.code, "message": note.message} for note in standing.notes],
        "tested": last,
    }
