"""Looking after a cluster that runs: status, doctor, drill, move, reboot."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

import click

from floatip.change import summary
from floatip.cli.shared import FILE, JSON, confirm, only, print_json, refuse, usable
from floatip.hosts import monitor
from floatip.hosts.ssh_errors import visible
from floatip.model.cluster import Cluster
from floatip.model.messages import Said, say
from floatip.operate import handover, running
from floatip.operate.doctor import diagnose, examining
from floatip.operate.drill import FAULTS, Report
from floatip.operate.running import Running
from floatip.runs import detached
from floatip.runs.events import Failed, Failure
from floatip.server_side.lease.model import What

EVERY = 2.0  # seconds between two looks
NOBODY = monitor.Round(0.0, {}, {})  # where nothing is deployed, nobody is asked


def _running(file: Path, clusters: Sequence[Cluster], as_json: bool) -> list[Running]:
    """What the servers of a file run; people are told where that is not what the file says."""
    found = running.of(clusters)
    for one in found if not as_json else ():
        if one.told:
            click.echo(f"{click.style('▲', fg='yellow')} {file}: {one.told}", err=True)
        for line in one.changes:
            click.echo(click.style(f"    {line}", fg={"+": "green", "-": "red"}.get(line[:1])), err=True)
    return found


def _only_running(file: Path, as_json: bool) -> tuple[Cluster, Path]:
    """The one cluster that runs, and its inventory. It ends with code 1 where there is none."""
    (found,) = _running(file, [only(file, as_json)], as_json)
    try:
        if found.cluster is None:
            raise running.not_deployed()
        return found.cluster, running.file(found, file)
    except handover.Unfit as unfit:
        _refuse(unfit, as_json)


def _told(found: Iterable[Running]) -> list[dict[str, Any]]:
    """For a program: where it is known from what runs, and what of the file is not deployed yet."""
    return [{"source": one.source, "not_deployed": list(one.changes)} for one in found]


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


@click.command()
@FILE
@JSON
def doctor(file: Path, as_json: bool) -> None:
    """Why is it not well? Looks at every server and its network for some seconds, and changes nothing.

    Every cause that can be seen, the likeliest first, with the lines that show it. Code 1: there is one.
    """
    from floatip.cli import show

    clusters = usable(file, as_json)
    found = _running(file, clusters, as_json)
    with show.busy("Looking at the servers and listening to their network …"):
        # where nothing was ever deployed, what is missing there is the finding
        cases = examining.examine([one.cluster or asked for one, asked in zip(found, clusters, strict=True)])
    findings = [finding for case in cases for finding in diagnose(case)]
    if as_json:
        told = {"deployed": _told(found), "findings": [asdict(finding) for finding in findings]}
        print_json({"file": str(file), "ok": not findings, **told})
    for number, finding in enumerate(() if as_json else findings, 1):
        click.echo(f"{click.style(f'{number}.', bold=True)} {click.style(visible(finding.what), fg='red', bold=True)}")
        for line in finding.evidence:
            click.echo(f"      {click.style(visible(line), dim=True)}")
        if finding.mend:
            click.echo(f"   {visible(finding.mend)}")
    if not findings and not as_json:
        click.echo(f"{click.style('●', fg='green')} {file}: nothing is wrong.")
    raise SystemExit(1 if findings else 0)


@click.command("drill")
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
    from floatip.cli import show
    from floatip.operate.drill import diagram, runner

    cluster, _ = _only_running(file, as_json)
    if not yes and not as_json:
        confirm(f"{FAULTS[fault].words.capitalize()} on a server of {cluster.name}. Go on?")
    try:
        with show.drilling(
            f"{FAULTS[fault].words}. Ctrl-C ends the watching; the server undoes it by itself …"
        ) as tell:
            report = runner.run(cluster, fault, node, instance, tell)
    except handover.Unfit as unfit:
        _refuse(unfit, as_json)
    page = _kept(report)
    held = report.held(None if max_outage is None else 1000 * max_outage)
    if as_json:
        print_json({**report.as_dict(), "held": held, "page": page and str(page)})
    else:
        click.echo(f"{click.style('●', fg='green') if held else click.style('▲', fg='red')} {diagram.verdict(report)}")
        for name, value in diagram.figures(report):
            click.echo(f"  {name:<20} {value}")
        if page:
            click.echo(f"  {'Picture':<20} {page}")
    raise SystemExit(0 if held else 1)


def _kept(report: Report) -> Path | None:
    """The page of a report; None where there is no room for it: it is printed all the same."""
    from floatip.operate.drill import runner

    try:
        return runner.keep(report)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        words = f"The report could not be stored in {error.filename or runner.directory(report.cluster)}: {reason}."
        click.echo(f"{click.style('▲', fg='yellow')} {words}", err=True)
        return None


@click.command()
@FILE
@click.argument("node")
@JSON
def move(file: Path, node: str, as_json: bool) -> None:
    """Hand the addresses over to a server on purpose: clients notice nothing. They stay there until moved again.

    A deploy of the inventory does it. Refused with the reason where that server is not fit.
    """
    cluster, file = _only_running(file, as_json)
    try:
        to = handover.plan_move(cluster, node)
    except handover.Unfit as unfit:
        _refuse(unfit, as_json)
    result = handover.move(file, to, json_output=as_json)
    if as_json:
        print_json({"ok": result.code == 0, "moved": to, "pyinfra": result.document})
    raise SystemExit(1 if result.code else 0)


@click.command()
@FILE
@click.argument("node")
@JSON
def reboot(file: Path, node: str, as_json: bool) -> None:
    """Take a server through a reboot: hand its addresses over, reboot, wait until it is well, hand them back."""
    from floatip.cli import show

    cluster, file = _only_running(file, as_json)
    try:
        handover.plan_absence(cluster, node)
        with handover.alone(cluster, What.REBOOT) as lease:  # what was seen before may be so no more
            away = handover.plan_absence(cluster, node)
            stays = say("The addresses could not be handed over, so nothing was rebooted.")
            _moved(file, away, lease, stays, Failure.NOT_HANDED_OVER, as_json)
            with show.step(say(summary.REBOOT, name=node), node):
                handover.reboot(cluster, file, node, lease)
                handover.await_health(cluster, node)
            names = ", ".join(sorted({*away.values()}))
            kept = say("The addresses could not be handed back; {names} has them.", names=names)
            _moved(file, dict.fromkeys(away, node), lease, kept, Failure.NOT_HANDED_BACK, as_json)
    except handover.Unfit as unfit:
        _refuse(unfit, as_json)
    if as_json:
        print_json({"ok": True, "rebooted": node, "stood_in": away})
    else:
        click.echo(f"{click.style('●', fg='green')} {node} was rebooted, and everything is where it was.")


def _moved(file: Path, to: dict[str, str], lease: str, otherwise: Said, code: Failure, as_json: bool) -> None:
    if to and handover.move(file, to, lease=lease).code:
        detached.tell(Failed(code, otherwise))
        refuse(otherwise, code=1, told=code if as_json else "")


def _refuse(unfit: handover.Unfit, as_json: bool) -> NoReturn:
    detached.tell(Failed(Failure.UNFIT, unfit.reason, unfit.node))
    code = 2 if unfit.code in handover.MISNAMED else 1
    refuse(unfit.reason, code=code, told=unfit.code if as_json else "", node=unfit.node)


@click.command("status")
@FILE
@click.option("--watch", is_flag=True, help="Look again every two seconds, until Ctrl-C.")
@JSON
def status_(file: Path, watch: bool, as_json: bool) -> None:
    """Who holds each address now, since when, and why that is not well. Code 1: it is not; 3: it cannot be known.

    It speaks of what the servers run: where that is not what FILE says, it says so, with the difference.
    """
    from floatip.cli import show  # rich is for those who look

    found = _running(file, usable(file, as_json), as_json)
    clusters = [one.cluster for one in found if one.cluster]
    hosts = {node.name: dict(node.connection) for one in clusters for node in one.nodes}
    seen = monitor.rounds(list(hosts.items()), EVERY, None if watch else 1) if hosts else iter([NOBODY])
    try:
        raise SystemExit(show.print_json(clusters, seen, _told(found)) if as_json else show.follow(clusters, seen))
    except KeyboardInterrupt:
        raise SystemExit(0) from None


COMMANDS = (status_, doctor, drill_, move, reboot)
