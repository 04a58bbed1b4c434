"""Looking at a cluster that runs: status, doctor."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from floatip.cli import waiting
from floatip.cli.running import running_of, told_of
from floatip.cli.shared import FILE, FILES, JSON, alone, expanded, print_json, usable
from floatip.hosts import monitor
from floatip.hosts.ssh_errors import visible

EVERY = 2.0  # seconds between two looks
NOBODY = monitor.Snapshot(0.0, {}, {})  # where nothing is deployed, nobody is asked


@click.command()
@FILE
@JSON
def doctor(file: Path, as_json: bool) -> None:
    """Why is it not well? Looks at every server and its network for some seconds, and changes nothing.

    Every cause that can be seen, the likeliest first, with the lines that show it. Code 1: there is one.
    """
    from floatip.operate.doctor import diagnose, examining  # for those who want it

    clusters = usable(file, as_json)
    found = running_of(file, clusters, as_json)
    names = [node.name for cluster in clusters for node in cluster.nodes]
    with waiting.asking(names, "Listening to the network of"):
        # where nothing was ever deployed, what is missing there is the finding
        cases = examining.examine([running.cluster or asked for running, asked in zip(found, clusters, strict=True)])
    findings = [finding for case in cases for finding in diagnose(case)]
    if as_json:
        document = {"deployed": told_of(found), "findings": [asdict(finding) for finding in findings]}
        print_json({"file": str(file), "ok": not findings, **document})
    for number, finding in enumerate(() if as_json else findings, 1):
        click.echo(f"{click.style(f'{number}.', bold=True)} {click.style(visible(finding.what), fg='red', bold=True)}")
        for line in finding.evidence:
            click.echo(f"      {click.style(visible(line), dim=True)}")
        if finding.mend:
            click.echo(f"   {visible(finding.mend)}")
    if not findings and not as_json:
        click.echo(f"{click.style('●', fg='green')} {file}: nothing is wrong.")
    raise SystemExit(1 if findings else 0)


@click.command("status")
@FILES
@click.option("--watch", is_flag=True, help="Look again every two seconds, until Ctrl-C.")
@JSON
def status_(files: tuple[Path, ...], watch: bool, as_json: bool) -> None:
    """Who holds each address now, since when, and why that is not well. Code 1: it is not; 3: it cannot be known.

    It speaks of what the servers run: where that is not what the file says, it says so, with the difference. Several
    files, or a directory of them, give a table: one row for each address. The exit code is then the worst of all.
    """
    try:
        code = _one(files[0], watch, as_json) if alone(files) else _several(files, watch, as_json)
    except KeyboardInterrupt:
        code = 0
    raise SystemExit(code)


def _several(given: tuple[Path, ...], watch: bool, as_json: bool) -> int:
    from floatip.cli import several

    return several.show_all(expanded(given, as_json), EVERY, watch=watch, as_json=as_json)


def _one(file: Path, watch: bool, as_json: bool) -> int:
    from floatip.cli import show  # rich is for those who look

    found = running_of(file, usable(file, as_json), as_json)
    clusters = [running.cluster for running in found if running.cluster]
    hosts = {node.name: dict(node.connection) for cluster in clusters for node in cluster.nodes}
    seen = monitor.snapshots(list(hosts.items()), EVERY, None if watch else 1) if hosts else iter([NOBODY])
    seen = waiting.first(hosts, seen)
    return show.print_json(clusters, seen, told_of(found)) if as_json else show.follow(clusters, seen)


COMMANDS = (status_, doctor)
