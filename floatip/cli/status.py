"""Looking at a cluster that runs: status, doctor."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from floatip.cli import waiting
from floatip.cli.running import deployed_documents, running_of
from floatip.cli.shared import FILE, FILES, JSON, compared, expanded, mark, print_json, shown, single_file, usable
from floatip.hosts import monitor
from floatip.model.messages import say

EVERY = 2.0  # seconds between two looks
NOBODY = monitor.Snapshot(0.0, {}, {})  # where nothing is deployed, nobody is asked


@click.command()
@FILE
@JSON
def doctor(file: Path, as_json: bool) -> None:
    """Find out why a cluster is not healthy.

    Checks every server and listens on its network for a few seconds. Changes nothing. Lists every cause that it finds,
    most likely first, with the lines that show it. Exit code 1: there is one.
    """
    from floatip.operate.doctor import diagnose, examining  # for those who want it

    clusters = usable(file, as_json)
    found = running_of(file, clusters, as_json)
    names = [node.name for cluster in clusters for node in cluster.nodes]
    with waiting.asking(names, say("Listening on the network of {names} …", names="")):
        # where nothing was ever deployed, what is missing there is the finding
        cases = examining.examine([running.cluster or asked for running, asked in zip(found, clusters, strict=True)])
    findings = [finding for case in cases for finding in diagnose(case)]
    if as_json:
        document = {"deployed": deployed_documents(found), "findings": [asdict(finding) for finding in findings]}
        print_json({"file": str(file), "ok": not findings, **document})
    for number, finding in enumerate(() if as_json else findings, 1):
        click.echo(f"{click.style(f'{number}.', bold=True)} {click.style(shown(finding.what), fg='red', bold=True)}")
        for line in finding.evidence:
            click.echo(f"      {click.style(compared(line), dim=True)}")
        if finding.mend:
            click.echo(f"   {shown(finding.mend)}")
    if not findings and not as_json:
        mark("●", "green", say("{file}: nothing is wrong.", file=file))
    raise SystemExit(1 if findings else 0)


@click.command("status")
@FILES
@click.option("--watch", is_flag=True, help="Repeat every two seconds, until Ctrl-C.")
@JSON
def status_(files: tuple[Path, ...], watch: bool, as_json: bool) -> None:
    """Show who holds each address.

    Also since when, and what is wrong. Exit code 1: something is wrong; 3: the state is unknown.

    This is about what the servers run: if the file differs from that, the difference is shown. Several files, or a
    directory of them, give a table with one row per address. The exit code is then the worst of all.
    """
    try:
        code = _one(files[0], watch, as_json) if single_file(files) else _several(files, watch, as_json)
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
    return show.print_json(clusters, seen, deployed_documents(found)) if as_json else show.follow(clusters, seen)


COMMANDS = (status_, doctor)
