"""The command line: `floatip adopt|check|render|remove|status|wizard`, also as `python -m floatip`.

Exit codes: 0 good, 1 it failed on a host, 2 the input is wrong. `--json` prints one document on standard output.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

import click

from floatip import adopt as adopting
from floatip import foresight, inventory, parse, pyinfra_run, render, rounds
from floatip.cluster import Cluster
from floatip.parse import Parsed
from floatip.problems import Level, Problem, errors
from floatip.words import say

EVERY = 2.0  # seconds between two looks
COLOURS = {Level.ERROR: "red", Level.WARNING: "yellow", Level.INFO: "cyan"}
FILE = click.argument("file", type=click.Path(path_type=Path))
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="floatip")
@click.pass_context
def main(context: click.Context) -> None:
    """One floating IP address for two or more Debian servers, kept alive by keepalived (VRRP)."""
    if os.environ.get("NO_COLOR"):
        context.color = False


@main.command()
@FILE
@click.option("--explain", is_flag=True, help="Tell what happens if a server dies, returns, …")
@JSON
def check(file: Path, explain: bool, as_json: bool) -> None:
    """Check an inventory: every problem at once, each with the way to mend it."""
    parsed = _read(file)
    problems = [problem for one in parsed for problem in one.problems]
    clusters = [one.cluster for one in parsed if one.cluster]
    wrong = bool(errors(problems))
    if as_json:
        told = {"events": [asdict(event) for one in clusters for event in foresight.foresee(one)]} if explain else {}
        shown = [problem.as_dict() for problem in problems]
        _print_json({"file": str(file), "ok": not wrong, "problems": shown, **told})
    else:
        _print_problems(problems)
        if not wrong:
            for cluster in clusters:
                click.echo(f"{click.style('●', fg='green')} {file}: {_summary(cluster)}")
                if explain:
                    _print_events(cluster)
    raise SystemExit(2 if wrong else 0)


@main.command("render")
@FILE
@click.option("--node", help="Only the configuration of this node.")
@JSON
def render_(file: Path, node: str | None, as_json: bool) -> None:
    """Print the keepalived.conf of each node, byte for byte as it will be written."""
    texts = {
        one.name: render.keepalived_conf(cluster, one.name)
        for cluster in _usable(file, as_json)
        for one in cluster.nodes
        if node in (None, one.name)
    }
    if node is not None and not texts:
        _refuse(f"{file} has no node {node!r}.")
    if as_json:
        _print_json(texts)
    elif node is not None:
        click.echo(texts[node], nl=False)
    else:
        for name, text in texts.items():
            click.echo(click.style(f"──── {name}", bold=True))
            click.echo(text)


@main.command()
@FILE
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@JSON
def remove(file: Path, yes: bool, as_json: bool) -> None:
    """Take everything of floatip off the servers again; other people's files stay."""
    clusters = _usable(file, as_json)
    names = ", ".join(node.name for cluster in clusters for node in cluster.nodes)
    held = ", ".join(str(one.ip) for c in clusters for i in c.instances for one in i.virtual_ipaddress)
    if not yes and not as_json:
        click.confirm(f"This releases {held} and takes floatip off {names}. Go on?", abort=True)
    result = pyinfra_run.run(file, data={"floatip_remove": True}, json_output=as_json)
    if as_json:
        _print_json({"ok": result.code == 0, "pyinfra": result.document})
    elif result.code == 0:
        click.echo(f"{click.style('●', fg='green')} {names}: nothing of floatip is left.")
    raise SystemExit(1 if result.code else 0)


@main.command()
@click.argument("files", nargs=-1, required=True, metavar="SERVER=KEEPALIVED.CONF...")
@click.option("--name", default="adopted", help="What the cluster shall be called.")
@JSON
def adopt(files: tuple[str, ...], name: str, as_json: bool) -> None:
    """Make an inventory of keepalived.conf files; what became of every other line goes to standard error."""
    found = adopting.adopt(dict(_conf_file(one) for one in files), {})
    hosts = [(node, {"vrrp": vrrp}) for node, vrrp in found.vrrp.items()]
    parsed = parse.parse(name, hosts, found.data)
    if as_json:
        shown = [problem.as_dict() for problem in parsed.problems]
        findings = [asdict(one) for one in found.findings]
        _print_json(
            {
                "ok": parsed.cluster is not None,
                "hosts": hosts,
                "data": found.data,
                "findings": findings,
                "problems": shown,
            }
        )
    else:
        for one in found.findings:
            kept = click.style("kept" if one.kept else "left", fg="cyan" if one.kept else "yellow", bold=True)
            click.echo(
                f"{kept} {click.style(f'{one.node}:{one.line}', bold=True)}: {one.text}\n     {one.why}", err=True
            )
        _print_problems(parsed.problems)
        if parsed.cluster:
            click.echo(inventory.dumps(parsed.cluster), nl=False)
    raise SystemExit(0 if parsed.cluster else 2)


def _conf_file(argument: str) -> tuple[str, str]:
    node, sign, path = argument.partition("=")
    if not sign or not node:
        _refuse(f"{argument!r} is not SERVER=FILE.")
    try:
        return node, Path(path).read_text("utf-8", errors="replace")
    except OSError as error:
        _refuse(f"{path} cannot be read: {(error.strerror or str(error)).lower()}.")


@main.command("status")
@FILE
@click.option("--watch", is_flag=True, help="Look again every two seconds, until Ctrl-C.")
@JSON
def status_(file: Path, watch: bool, as_json: bool) -> None:
    """Who holds each address now, since when, and why that is not well. Code 1: it is not; 3: it cannot be known."""
    from floatip import show  # rich is for those who look

    clusters = _usable(file, as_json)
    hosts = {node.name: dict(node.connection) for one in clusters for node in one.nodes}
    seen = rounds.rounds(list(hosts.items()), EVERY, None if watch else 1)
    try:
        raise SystemExit((show.print_json if as_json else show.follow)(clusters, seen))
    except KeyboardInterrupt:
        raise SystemExit(0) from None


@main.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port on 127.0.0.1; a free one without it.")
@click.option("--no-browser", is_flag=True, help="Only print the link.")
@click.option(
    "--inventories",
    type=click.Path(path_type=Path, file_okay=False),
    default=pyinfra_run.ROOT / "inventories",
    help="Where finished clusters are written; the repository's own directory without it.",
)
def wizard(port: int, no_browser: bool, inventories: Path) -> None:
    """Describe a cluster in the browser. The first line of the output is the link that opens it, once."""
    from wizard.serve import serve  # Flask is for those who ask for it

    try:
        serve(port, inventories, browser=not no_browser)
    except OSError as error:
        _refuse(f"127.0.0.1:{port} cannot be used: {(error.strerror or str(error)).lower()}.")


def _read(file: Path) -> tuple[Parsed, ...]:
    """What the file says, or one problem that says why it cannot be read."""
    try:
        return inventory.read(file)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        message = say("{file} cannot be read: {reason}.", file=file, reason=reason)
        return (Parsed(None, (Problem(str(file), "unreadable", message, say("Name an inventory file.")),)),)


def _usable(file: Path, as_json: bool) -> list[Cluster]:
    """The clusters of a file; ends with code 2 and all problems where there is an error."""
    parsed = _read(file)
    problems = errors(problem for one in parsed for problem in one.problems)
    if problems:
        if as_json:
            _print_json({"ok": False, "problems": [problem.as_dict() for problem in problems]})
        else:
            _print_problems(problems)
        raise SystemExit(2)
    return [one.cluster for one in parsed if one.cluster]


def _refuse(message: str) -> NoReturn:
    click.echo(click.style("error: ", fg="red", bold=True) + message, err=True)
    raise SystemExit(2)


def _print_problems(problems: Iterable[Problem]) -> None:
    for problem in problems:
        level = click.style(problem.level.value, fg=COLOURS[problem.level], bold=True)
        click.echo(f"{level} {click.style(problem.path, bold=True)}: {problem.message}", err=True)
        if problem.hint:
            click.echo(f"      {problem.hint}", err=True)


def _print_events(cluster: Cluster) -> None:
    for event in foresight.foresee(cluster):
        click.echo(f"  {click.style(event.what, bold=True)} {event.outcome}")


def _summary(cluster: Cluster) -> str:
    parts = [
        f"{', '.join(str(one.ip) for one in instance.virtual_ipaddress)} on {instance.preferred.node} first "
        f"(VRID {instance.virtual_router_id})"
        for instance in cluster.instances
    ]
    return f"{len(cluster.nodes)} nodes, {'; '.join(parts)}"


def _print_json(document: Any) -> None:
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))
