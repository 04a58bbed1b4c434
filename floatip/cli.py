"""The command line: `floatip --help`, also as `python -m floatip`.

Exit codes: 0 good, 1 it failed on a host, 2 the input is wrong. `--json` prints one document on standard output.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

import click

from floatip import adopt as adopting
from floatip import care, drift, foresight, inventory, looking, parse, pyinfra_run, render, rounds
from floatip.cluster import Cluster
from floatip.doctor import diagnose
from floatip.drill import FAULTS
from floatip.parse import Parsed
from floatip.problems import Level, Problem, errors
from floatip.words import say


class Seconds(click.ParamType[float]):
    """`4s`, `0.5 s` or `4`."""

    name = "seconds"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number."""
        text = str(value).strip().removesuffix("s").strip()
        if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", text):
            self.fail(f"{value!r} is no time like 4s.", param, ctx)
        return float(text)


SECONDS = Seconds()
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
@click.option("--live", is_flag=True, help="Compare each server's file with it, too. Code 1: one differs.")
@JSON
def check(file: Path, explain: bool, live: bool, as_json: bool) -> None:
    """Check an inventory: every problem at once, each with the way to mend it."""
    if live:
        raise SystemExit(_live(_usable(file, as_json), file, as_json))
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


@main.command()
@FILE
@JSON
def doctor(file: Path, as_json: bool) -> None:
    """Why is it not well? Looks at every server and its network for some seconds, and changes nothing.

    Every cause that can be seen, the likeliest first, with the lines that show it. Code 1: there is one.
    """
    from floatip import show

    clusters = _usable(file, as_json)
    with show.busy("Looking at the servers and listening to their network …"):
        cases = [looking.examine(cluster) for cluster in clusters]
    findings = [finding for case in cases for finding in diagnose(case)]
    if as_json:
        _print_json({"file": str(file), "ok": not findings, "findings": [asdict(finding) for finding in findings]})
    for number, finding in enumerate(() if as_json else findings, 1):
        click.echo(f"{click.style(f'{number}.', bold=True)} {click.style(finding.what, fg='red', bold=True)}")
        for line in finding.evidence:
            click.echo(f"      {click.style(line, dim=True)}")
        if finding.mend:
            click.echo(f"   {finding.mend}")
    if not findings and not as_json:
        click.echo(f"{click.style('●', fg='green')} {file}: nothing is wrong.")
    raise SystemExit(1 if findings else 0)


@main.command("drill")
@FILE
@click.option("--fault", type=click.Choice(list(FAULTS)), default="stop", show_default=True, help="What is done.")
@click.option("--node", help="To which server; without it, to the one that has the address.")
@click.option("--instance", help="Whose address is looked at; without it, the first one's.")
@click.option("--max-outage", type=SECONDS, help="Like 4s: a longer outage fails, even where it was predicted.")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@JSON
def drill_(
    file: Path, fault: str, node: str | None, instance: str | None, max_outage: float | None, yes: bool, as_json: bool
) -> None:
    """Does it really move? A fault on one server, undone by itself, while the address is pinged fifty times a second.

    Code 0: the promise held; 1: it did not, or it could not be tried.
    """
    from floatip import drilling, show
    from floatip.drill import draw

    cluster = _only(file)
    if not yes and not as_json:
        click.confirm(f"{FAULTS[fault].words.capitalize()} on a server of {cluster.name}. Go on?", abort=True)
    try:
        with show.busy("Under way. Ctrl-C ends the watching; the server undoes the fault by itself …"):
            report = drilling.run(cluster, fault, node, instance)
    except care.Unfit as unfit:
        _refuse(unfit.reason, code=1)
    page = drilling.keep(report)
    held = report.held(None if max_outage is None else 1000 * max_outage)
    if as_json:
        _print_json({**report.as_dict(), "held": held, "page": str(page)})
    else:
        click.echo(f"{click.style('●', fg='green') if held else click.style('▲', fg='red')} {draw.verdict(report)}")
        for name, value in draw.figures(report):
            click.echo(f"  {name:<20} {value}")
        click.echo(f"  {'Picture':<20} {page}")
    raise SystemExit(0 if held else 1)


@main.command()
@FILE
@click.argument("node")
@JSON
def move(file: Path, node: str, as_json: bool) -> None:
    """Hand the addresses over to a server on purpose: clients notice nothing. They stay there until moved again.

    A deploy of the inventory does it. Refused with the reason where that server is not fit.
    """
    try:
        to = care.plan_move(_only(file), node)
    except care.Unfit as unfit:
        _refuse(unfit.reason, code=1)
    result = care.move(file, to, json_output=as_json)
    if as_json:
        _print_json({"ok": result.code == 0, "moved": to, "pyinfra": result.document})
    raise SystemExit(1 if result.code else 0)


@main.command()
@FILE
@click.argument("node")
@JSON
def reboot(file: Path, node: str, as_json: bool) -> None:
    """Take a server through a reboot: hand its addresses over, reboot, wait until it is well, hand them back."""
    from floatip import show

    cluster = _only(file)
    try:
        away = care.plan_absence(cluster, node)
        _moved(file, away, "The addresses could not be handed over, so nothing was rebooted.")
        with show.busy(f"{node} reboots; waiting until it is well …"):
            care.reboot(cluster, file, node)
            care.await_health(cluster, node)
    except care.Unfit as unfit:
        _refuse(unfit.reason, code=1)
    heirs = ", ".join(sorted(set(away.values())))
    _moved(file, dict.fromkeys(away, node), f"The addresses could not be handed back; {heirs} has them.")
    if as_json:
        _print_json({"ok": True, "rebooted": node, "stood_in": away})
    else:
        click.echo(f"{click.style('●', fg='green')} {node} was rebooted, and everything is where it was.")


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


def _live(clusters: list[Cluster], file: Path, as_json: bool) -> int:
    """A row a server, with the diff. 0 where all agree, 1 where one does not, 3 where one cannot be asked."""
    rows: dict[str, list[str] | str] = {}
    for cluster in clusters:
        answers = looking.states(cluster)
        found = drift.of(cluster, {name: one for name, one in answers.items() if not isinstance(one, str)})
        rows |= {name: one if isinstance(one, str) else found[name] for name, one in answers.items()}
    for name, row in rows.items():
        if not as_json:
            _print_live(name, row)
    code = 3 if any(isinstance(row, str) for row in rows.values()) else 1 if any(rows.values()) else 0
    if as_json:
        _print_json({"file": str(file), "ok": code == 0, "servers": rows})
    return code


def _print_live(name: str, row: object) -> None:
    if isinstance(row, str):
        click.echo(f"{click.style('?', fg='bright_black')} {name}: {row}")
    elif not row:
        click.echo(f"{click.style('●', fg='green')} {name}: as the inventory says")
    elif isinstance(row, list):
        click.echo(f"{click.style('▲', fg='red')} {name}: not what the inventory says")
        for line in row:
            click.echo(click.style(f"    {line}", fg={"+": "green", "-": "red"}.get(line[:1])))


def _only(file: Path) -> Cluster:
    clusters = _usable(file, as_json=False)
    if len(clusters) > 1:
        _refuse(f"{file} describes several clusters: keep one a file for this.")
    return clusters[0]


def _moved(file: Path, to: dict[str, str], otherwise: str) -> None:
    if to and care.move(file, to).code:
        _refuse(otherwise, code=1)


def _refuse(message: str, code: int = 2) -> NoReturn:
    click.echo(click.style("error: ", fg="red", bold=True) + message, err=True)
    raise SystemExit(code)


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
