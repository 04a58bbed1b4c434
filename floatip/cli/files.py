"""An inventory, before and without a deploy; the wizard."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from floatip.change import differences
from floatip.cli import waiting
from floatip.cli.shared import FILE, JSON, print_json, print_problems, refuse, usable
from floatip.hosts import preflight, probe, ssh_errors
from floatip.hosts.host_state import HostState
from floatip.hosts.ssh_errors import visible
from floatip.keepalived import forecast, render
from floatip.model import inventory
from floatip.model.cluster import Cluster
from floatip.model.inventory import directory
from floatip.model.problems import errors
from floatip.runs import storage


@click.command()
@FILE
@click.option("--explain", is_flag=True, help="Tell what happens if a server dies, returns, …")
@click.option("--live", is_flag=True, help="Compare each server's file with it, too. Code 1: one differs.")
@JSON
def check(file: Path, explain: bool, live: bool, as_json: bool) -> None:
    """Check an inventory: every problem at once, each with the way to mend it."""
    if live:
        raise SystemExit(_live(usable(file, as_json), file, explain=explain, as_json=as_json))
    parsed = inventory.attempt(file)
    problems = [problem for one in parsed for problem in one.problems]
    clusters = [one.cluster for one in parsed if one.cluster]
    problems += directory.claims(clusters, file)
    wrong = bool(errors(problems))
    if as_json:
        shown = [problem.as_dict() for problem in problems]
        print_json({"file": str(file), "ok": not wrong, "problems": shown, **_events(clusters, explain)})
    else:
        print_problems(problems)
        if not wrong:
            for cluster in clusters:
                click.echo(f"{click.style('●', fg='green')} {file}: {_summary(cluster)}")
                if explain:
                    _print_events(cluster)
    raise SystemExit(2 if wrong else 0)


@click.command("render")
@FILE
@click.option("--node", help="Only the configuration of this node.")
@JSON
def render_(file: Path, node: str | None, as_json: bool) -> None:
    """Print the keepalived.conf of each node, byte for byte as it will be written."""
    texts = {
        one.name: render.keepalived_conf(cluster, one.name)
        for cluster in usable(file, as_json)
        for one in cluster.nodes
        if node in (None, one.name)
    }
    if node is not None and not texts:
        refuse(f"{file} has no node {node!r}.")
    if as_json:
        print_json(texts)
    elif node is not None:
        click.echo(texts[node], nl=False)
    else:
        for name, text in texts.items():
            click.echo(click.style(f"──── {name}", bold=True))
            click.echo(text)


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port on 127.0.0.1; a free one without it.")
@click.option("--no-browser", is_flag=True, help="Only print the link.")
@click.option(
    "--inventories",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where finished clusters are written; without it, ./inventories or the directory of your data.",
)
def wizard(port: int, no_browser: bool, inventories: Path | None) -> None:
    """Describe a cluster in the browser. The first line of the output is the link that opens it, once."""
    from wizard.serve import serve  # Flask is for those who ask for it

    try:
        serve(port, inventories or storage.inventories(), browser=not no_browser)
    except OSError as error:
        refuse(f"127.0.0.1:{port} cannot be used: {(error.strerror or str(error)).lower()}.")


def _live(clusters: list[Cluster], file: Path, *, explain: bool, as_json: bool) -> int:
    """A row a server, with the diff. 0 where all agree, 1 where one does not, 3 where one cannot be asked."""
    rows: dict[str, list[str] | str] = {}
    with waiting.asking(node.name for one in clusters for node in one.nodes):
        answers = probe.states(clusters)
    for cluster in clusters:
        states = {node.name: answers[node.name] for node in cluster.nodes}
        diffs = differences.of(cluster, {name: state for name, state in states.items() if not isinstance(state, str)})
        rows |= {name: state if isinstance(state, str) else diffs[name] for name, state in states.items()}
    found = {name: state for name, state in answers.items() if isinstance(state, HostState)}
    obstacles = [problem for name, state in found.items() for problem in preflight.obstacles(name, state)]
    reasons = {name: ssh_errors.code(answer) for name, answer in answers.items() if isinstance(answer, str)}
    code = 3 if reasons else 1 if obstacles or any(rows.values()) else 0
    if as_json:
        problems = [problem.as_dict() for problem in obstacles]
        shown = {"file": str(file), "ok": code == 0, "servers": rows, "reasons": reasons, "problems": problems}
        print_json({**shown, **_events(clusters, explain)})
        return code
    for name, row in rows.items():
        _print_live(name, row)
    print_problems(obstacles)
    if explain:
        for cluster in clusters:
            _print_events(cluster)
    return code


def _print_live(name: str, row: object) -> None:
    if isinstance(row, str):
        click.echo(f"{click.style('?', fg='bright_black')} {name}: {visible(row)}")
    elif not row:
        click.echo(f"{click.style('●', fg='green')} {name}: as the inventory says")
    elif isinstance(row, list):
        click.echo(f"{click.style('▲', fg='red')} {name}: not what the inventory says")
        for line in row:
            click.echo(click.style(f"    {visible(line)}", fg={"+": "green", "-": "red"}.get(line[:1])))


def _events(clusters: list[Cluster], wanted: bool) -> dict[str, object]:
    return {"events": [asdict(event) for cluster in clusters for event in forecast.foresee(cluster)]} if wanted else {}


def _print_events(cluster: Cluster) -> None:
    for event in forecast.foresee(cluster):
        click.echo(f"  {click.style(event.what, bold=True)} {event.outcome}")


def _summary(cluster: Cluster) -> str:
    parts = [
        f"{', '.join(str(address.ip) for address in instance.virtual_ipaddress)} on {instance.leader.node} first "
        f"(VRID {instance.virtual_router_id})"
        for instance in cluster.instances
    ]
    return f"{len(cluster.nodes)} nodes, {'; '.join(parts)}"


COMMANDS = (check, render_, wizard)
