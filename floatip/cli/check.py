"""An inventory or several, before and without a deploy; what the servers have of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from floatip.change import differences
from floatip.cli import waiting
from floatip.cli.shared import FILES, JSON, compared, expanded, print_json, print_problems, shown, single_file, worst
from floatip.hosts import advice, probe, ssh_errors, systems
from floatip.hosts.host_state import HostState
from floatip.keepalived import forecast
from floatip.model import inventory
from floatip.model.cluster import Cluster
from floatip.model.inventory import directory
from floatip.model.messages import say
from floatip.model.problems import LABELS, Level, Problem, errors
from floatip.runs import recorded
from floatip.server_side.lease.model import What


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of one file. `document`: for a program; `rows`: server → the lines that differ, or why it could
    not be asked, where the servers were asked at all."""

    file: Path
    code: int
    document: dict[str, Any]
    problems: Sequence[Problem]
    clusters: Sequence[Cluster]
    rows: dict[str, list[str] | str] | None = None


@click.command()
@FILES
@click.option("--explain", is_flag=True, help="Show what happens if a server fails, comes back, and so on.")
@click.option("--live", is_flag=True, help="Compare the file of each server with it, too. Exit code 1: one differs.")
@JSON
def check(files: tuple[Path, ...], explain: bool, live: bool, as_json: bool) -> None:
    """Check an inventory and list every problem.

    Each comes with the way to fix it. Several files, or a directory of them, are checked one after the other. The exit
    code is then the worst of all.
    """
    found = []
    single = single_file(files)
    for file in files if single else expanded(files, as_json):
        outcome = _live(file, explain=explain) if live else _read(file, explain=explain)
        if outcome.rows is not None:
            recorded.noted(file, What.CHECK, outcome.code, log="".join(f"{text}\n" for text in _log(outcome)))
        found.append(outcome)
        if not as_json:
            _print(outcome, named=not single, explain=explain)
    code = worst(outcome.code for outcome in found)
    if as_json and single:
        print_json(found[0].document)
    elif as_json:
        print_json({"ok": code == 0, "files": [outcome.document for outcome in found]})
    raise SystemExit(code)


def _read(file: Path, *, explain: bool) -> Found:
    """What can be said without asking anybody."""
    parsed = inventory.attempt(file, Level.ERROR)
    clusters = [result.cluster for result in parsed if result.cluster]
    problems = [*(problem for result in parsed for problem in result.problems), *directory.claims(clusters, file)]
    wrong = bool(errors(problems))
    shown = {"file": str(file), "ok": not wrong, "problems": [problem.as_dict() for problem in problems]}
    return Found(file, 2 if wrong else 0, {**shown, **_events(clusters, explain)}, problems, clusters)


def _live(file: Path, *, explain: bool) -> Found:
    """A row a server, with the diff. 0 where all agree, 1 where one does not, 3 where one cannot be asked."""
    parsed = inventory.attempt(file, Level.ERROR)
    wrong = errors(problem for result in parsed for problem in result.problems)
    if wrong:
        return Found(file, 2, {"ok": False, "problems": [problem.as_dict() for problem in wrong]}, wrong, ())
    clusters = [result.cluster for result in parsed if result.cluster]
    rows: dict[str, list[str] | str] = {}
    with waiting.asking(node.name for cluster in clusters for node in cluster.nodes):
        answers = probe.states(clusters)
    for cluster in clusters:
        states = {node.name: answers[node.name] for node in cluster.nodes}
        diffs = differences.of(cluster, {name: state for name, state in states.items() if not isinstance(state, str)})
        rows |= {name: state if isinstance(state, str) else diffs[name] for name, state in states.items()}
    found = {name: state for name, state in answers.items() if isinstance(state, HostState)}
    obstacles = [problem for name, state in found.items() for problem in systems.obstacles(name, state)]
    known = [(cluster, node.name) for cluster in clusters for node in cluster.nodes if node.name in found]
    remarks = [*obstacles, *(problem for cluster, name in known for problem in advice.of(cluster, name, found[name]))]
    reasons = {name: ssh_errors.code(answer) for name, answer in answers.items() if isinstance(answer, str)}
    code = 3 if reasons else 1 if obstacles or any(rows.values()) else 0
    problems = [problem.as_dict() for problem in remarks]
    shown = {"file": str(file), "ok": code == 0, "servers": rows, "reasons": reasons, "problems": problems}
    return Found(file, code, {**shown, **_events(clusters, explain)}, remarks, clusters, rows)


def _print(found: Found, *, named: bool, explain: bool) -> None:
    """For people. `named`: say which file it is about, where there are several."""
    if named and (found.problems or found.rows is not None):
        click.echo(click.style(shown(f"{found.file}:"), bold=True), err=found.rows is None)
    for name, row in (found.rows or {}).items():
        _print_live(name, row)
    print_problems(found.problems)
    if found.code == 2:
        return
    for cluster in found.clusters:
        if found.rows is None:
            click.echo(f"{click.style('●', fg='green')} {found.file}: {_summary(cluster)}")
        if explain:
            _print_events(cluster)


def _print_live(name: str, row: list[str] | str) -> None:
    first, *lines = _lines(name, row)
    colour = {"?": "bright_black", "●": "green", "▲": "red"}[first[0]]
    click.echo(f"{click.style(first[0], fg=colour)}{first[1:]}")
    for line in lines:
        click.echo(click.style(f"    {line}", fg={"+": "green", "-": "red"}.get(line[:1])))


def _lines(name: str, row: list[str] | str) -> list[str]:
    if isinstance(row, str):
        return [f"? {name}: {shown(row)}"]
    if not row:
        as_said = say("{name}: as the inventory says", name=name)
        return [f"● {shown(as_said)}"]
    differs = say("{name}: not what the inventory says", name=name)
    return [f"▲ {shown(differs)}", *map(compared, row)]


def _log(found: Found) -> list[str]:
    """What the history keeps of it."""
    rows = [line for name, row in (found.rows or {}).items() for line in _lines(name, row)]
    return [*rows, *map(_problem_line, found.problems)]


def _problem_line(problem: Problem) -> str:
    return f"{shown(LABELS[problem.level])}: {shown(problem.message)} {shown(problem.hint)}"


def _events(clusters: Sequence[Cluster], wanted: bool) -> dict[str, object]:
    return {"events": [asdict(event) for cluster in clusters for event in forecast.foresee(cluster)]} if wanted else {}


def _print_events(cluster: Cluster) -> None:
    for event in forecast.foresee(cluster):
        click.echo(f"  {click.style(shown(event.what), bold=True)} {shown(event.outcome)}")


def _summary(cluster: Cluster) -> str:
    parts = [
        say("servers: {count}", count=len(cluster.nodes)),
        *(
            say(
                "{addresses} on {node} first (VRID {vrid})",
                addresses=", ".join(str(address.ip) for address in instance.addresses),
                node=instance.leader.node,
                vrid=instance.virtual_router_id,
            )
            for instance in cluster.instances
        ),
    ]
    return "; ".join(map(shown, parts))


COMMANDS = (check,)
