"""What was begun for a cluster on this computer; an earlier inventory, deployed again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from floatip.cli import waiting
from floatip.cli.deploy import put_on
from floatip.cli.shared import FILE, JSON, mark, only, print_json, refuse, shown
from floatip.hosts import monitor
from floatip.model import inventory
from floatip.model.cluster import Cluster
from floatip.model.messages import Said, say
from floatip.operate import fleet, handover, running
from floatip.operate.drill import reports
from floatip.runs import jobs, recorded, results
from floatip.runs.jobs import Run
from floatip.runs.results import State
from floatip.server_side.lease.model import What

SIGNS: dict[State, Said] = {
    "going": say("… in progress"),
    "done": say("● done"),
    "stopped": say("○ stopped"),
    "failed": say("▲ failed"),
}
NAMES: dict[What, Said] = {
    What.DEPLOY: say("deploy"),
    What.MOVE: say("move"),
    What.DRILL: say("failover test"),
    What.REBOOT: say("reboot"),
    What.REMOVE: say("removal"),
    What.CHECK: say("check"),
}
COLOURS: dict[State, str] = {"going": "cyan", "done": "green", "stopped": "yellow", "failed": "red"}


@click.command("history")
@FILE
@click.option("--deploy", "again", type=int, metavar="NUMBER", help="Deploy the inventory of this line again.")
@click.option(
    "--diff", "compared", type=int, metavar="NUMBER", help="Show how FILE differs from the inventory of this line."
)
@click.option("--dry", is_flag=True, help="With --deploy: show the plan only.")
@click.option("--yes", "-y", is_flag=True, help="With --deploy: do not ask.")
@JSON
def history_(file: Path, again: int | None, compared: int | None, dry: bool, yes: bool, as_json: bool) -> None:
    """Show what was done to a cluster.

    Deploys, moves, reboots, removals and failover tests that were started on this computer, in a terminal or in the
    browser: when, by whom, and the result. Oldest first, so that a line keeps its number. --deploy deploys the
    inventory of a line again, with the same plan and question as any deploy; FILE stays unchanged. --diff only shows
    what has changed since.
    """
    cluster = only(file, as_json)
    runs = [*jobs.of(recorded.directory(), file)][::-1]  # the oldest first
    if compared is not None:
        _compare(runs, compared, cluster, as_json)
    elif again is not None:
        _again(runs, again, as_json, dry=dry, yes=yes)
    elif as_json:
        tests = [_test(entry) for entry in reports.kept(cluster.name)]
        document = [_document(*run, cluster) for run in _numbered(runs)]
        print_json({"file": str(file), "elsewhere": _elsewhere(cluster), "runs": document, "tests": tests})
    else:
        _print(runs, cluster)


def _test(entry: reports.Kept) -> dict[str, object]:
    """A failover test, for a program."""
    report = entry.report
    measured = {"at": report.at, "fault": report.fault, "node": report.node, "outage_ms": report.outage_ms}
    return {**measured, "held": report.held(), "who": entry.who}


LOOKS = (What.CHECK, What.DRILL)
"""What has changed nothing, and has no number: the oldest of these are forgotten, and a line keeps its number."""


def _numbered(runs: Sequence[Run]) -> list[tuple[int | None, Run]]:
    deeds = [run.key for run in runs if run.what not in LOOKS]
    return [(deeds.index(run.key) + 1 if run.key in deeds else None, run) for run in runs]


def _was(run: Run) -> Cluster | None:
    return jobs.was(recorded.directory(), run) if run.what is What.DEPLOY else None


def _print(runs: Sequence[Run], cluster: Cluster) -> None:
    lines = [
        (run.key, f"{number or ''}", _what(run.what, run.node), run.who, results.state(run), _same(run, cluster))
        for number, run in _numbered(runs)
    ]
    for entry in reports.kept(cluster.name):
        state: State = "done" if entry.report.held() else "failed"
        lines.append((entry.key, "", _what(What.DRILL, entry.report.node), entry.who, state, ""))
    for key, number, what, who, state, note in sorted(lines):
        result = click.style(shown(SIGNS[state]), fg=COLOURS[state])
        click.echo(f"{number:>4}  {when(key)}  {shown(what):<28}  {shown(who or '-'):<24}  {result}{note}")
    if not lines:
        click.echo(shown(say("Nothing was started for it on this computer.")), err=True)
    if elsewhere := _elsewhere(cluster):
        mark("▲", "yellow", elsewhere)


def _what(what: What, node: str) -> str:
    return f"{shown(NAMES[what])} {node}".strip()


def _elsewhere(cluster: Cluster) -> Said:
    """Whether somebody else has deployed another inventory since, as far as the servers answer."""
    (found,) = running.of([cluster])
    names = [node.name for node in cluster.nodes]
    with waiting.asking(names):
        seen = next(monitor.snapshots(handover.connections(cluster), 1.0, 1), None)
    return fleet.elsewhere(found, seen)


def _same(run: Run, cluster: Cluster) -> str:
    was = _was(run)
    if was is None:
        return ""
    same = say(", same as the file now")
    return "" if running.difference(was, cluster) else shown(same)


def _document(number: int | None, run: Run, cluster: Cluster) -> dict[str, Any]:
    was = _was(run)
    document = {"number": number, "at": when(run.key), "what": run.what, "node": run.node, "who": run.who}
    differs = list(running.difference(was, cluster)) if was else None
    return {**document, "state": results.state(run), "key": run.key, "terminal": run.terminal, "differs": differs}


def _deployed(runs: Sequence[Run], number: int, as_json: bool) -> tuple[Run, Cluster]:
    """The deploy of a line, and the inventory as it was then; ends with code 2 where there is none."""
    run = next((run for known, run in _numbered(runs) if known == number), None)
    was = _was(run) if run else None
    if run is None or was is None:
        message = say("Line {number} is not a deploy with a kept inventory.", number=number)
        refuse(message, error="no-such-deploy" if as_json else "")
    return run, was


def _again(runs: Sequence[Run], number: int, as_json: bool, *, dry: bool, yes: bool) -> None:
    run, was = _deployed(runs, number, as_json)
    file = inventory.save(was, recorded.directory() / run.key / "again")
    put_on(file, as_json, dry=dry, yes=yes)


def _compare(runs: Sequence[Run], number: int, cluster: Cluster, as_json: bool) -> None:
    _, was = _deployed(runs, number, as_json)
    differs = running.difference(was, cluster)
    if as_json:
        print_json({"number": number, "differs": list(differs)})
    for line in differs[2:] if not as_json else ():
        click.echo(click.style(shown(line), fg={"+": "green", "-": "red"}.get(line[:1])))
    if not differs and not as_json:
        mark("●", "green", say("Line {number} says the same as the file now.", number=number))


def when(key: str) -> str:
    """The day and the time that a key begins with."""
    return f"{key[:4]}-{key[4:6]}-{key[6:8]} {key[9:11]}:{key[11:13]}:{key[13:15]}"


COMMANDS = (history_,)
