"""A failover test."""

from __future__ import annotations

import re
from pathlib import Path

import click

from floatip.cli.running import only_running, refuse_unfit
from floatip.cli.shared import FILE, JSON, confirm, print_json
from floatip.operate import refusals
from floatip.operate.drill import FAULTS, Report, reports
from floatip.runs import recorded
from floatip.runs.events import Failed, Failure
from floatip.server_side.lease.model import What


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
    from floatip.cli import drilling
    from floatip.operate.drill import diagram, runner

    cluster, _ = only_running(file, as_json)
    if not yes and not as_json:
        confirm(f"{FAULTS[fault].label.capitalize()} on a server of {cluster.name}. Go on?")
    try:
        with drilling.shown(
            f"{FAULTS[fault].label}. Ctrl-C ends the watching; the server undoes it by itself …"
        ) as tell:
            report = runner.run(cluster, fault, node, instance, tell)
    except refusals.Unfit as unfit:
        failed = Failed(Failure.UNFIT, unfit.reason, unfit.node)
        recorded.noted(file, What.DRILL, 1, node=unfit.node or node or "", events=[failed])
        refuse_unfit(unfit, as_json)
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

    try:
        return reports.keep(report)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        message = f"The report could not be stored in {error.filename or reports.directory(report.cluster)}: {reason}."
        click.echo(f"{click.style('▲', fg='yellow')} {message}", err=True)
        return None


COMMANDS = (drill_,)
