"""A failover test."""

from __future__ import annotations

import re
from pathlib import Path

import click

from floatip.cli.running import only_running, refuse_unfit
from floatip.cli.shared import FILE, JSON, confirm, mark, print_json, shown
from floatip.model import reasons
from floatip.model.messages import say
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
            self.fail(shown(say("{value} is not a time like 4s.", value=repr(value))), param, ctx)
        return float(text)


SECONDS = Seconds()


@click.command("drill")
@FILE
@click.option("--fault", type=click.Choice(list(FAULTS)), default="stop", show_default=True, help="What to break.")
@click.option("--node", metavar="SERVER", help="On which server; default: the one that has the address.")
@click.option("--instance", metavar="INSTANCE", help="Whose address to watch; default: that of the first instance.")
@click.option(
    "--max-outage",
    metavar="SECONDS",
    type=SECONDS,
    help="Like 4s: a longer outage counts as failed, even if it was predicted.",
)
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@JSON
def drill_(
    file: Path, fault: str, node: str | None, instance: str | None, max_outage: float | None, yes: bool, as_json: bool
) -> None:
    """Test a failover.

    Causes a fault on one server, which undoes it by itself, and pings the address fifty times a second.

    Exit code 0: failover finished within the predicted time; 1: it did not, or it could not be tested.
    """
    from floatip.cli import drilling
    from floatip.operate.drill import diagram, runner

    cluster, _ = only_running(file, as_json)
    if not yes and not as_json:
        confirm(say("On a server of {cluster}: {fault}. Continue?", cluster=cluster.name, fault=FAULTS[fault].label))
    try:
        with drilling.shown(
            say("{fault}. Ctrl-C stops watching; the server undoes the fault by itself …", fault=FAULTS[fault].label)
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
        mark(*(("●", "green") if held else ("▲", "red")), diagram.verdict(report))
        for name, value in diagram.figures(report):
            click.echo(f"  {shown(name):<24} {shown(value)}")
        if page:
            picture = say("Picture")
            click.echo(f"  {shown(picture):<24} {page}")
    raise SystemExit(0 if held else 1)


def _kept(report: Report) -> Path | None:
    """The page of a report; None where there is no room for it: it is printed all the same."""

    try:
        return reports.keep(report)
    except OSError as error:
        reason = reasons.of(error)
        path = error.filename or reports.directory(report.cluster)
        message = say("Could not save the report in {path}: {reason}.", path=path, reason=reason)
        mark("▲", "yellow", message, err=True)
        return None


COMMANDS = (drill_,)
