"""Moving addresses on purpose, and reboots."""

from __future__ import annotations

from pathlib import Path

import click

from floatip.change import summary
from floatip.cli import waiting
from floatip.cli.running import only_running, refuse_unfit
from floatip.cli.shared import FILE, JSON, mark, print_json, refuse
from floatip.model.cluster import Cluster
from floatip.model.messages import Said, say
from floatip.operate import handover, refusals
from floatip.operate import reboot as rebooting
from floatip.runs import detached, recorded
from floatip.runs.events import Failed, Failure
from floatip.server_side.lease.model import What


@click.command()
@FILE
@click.argument("node", metavar="SERVER")
@JSON
def move(file: Path, node: str, as_json: bool) -> None:
    """Move the addresses to another server.

    Clients notice nothing. The addresses stay there until you move them again. Refused, with the reason, if that server
    cannot take over.
    """
    named = file
    cluster, file = only_running(file, as_json)
    try:
        with waiting.asking(node.name for node in cluster.nodes):
            to = handover.plan_move(cluster, node)
    except refusals.Unfit as unfit:
        refuse_unfit(unfit, as_json)
    with recorded.begun(named, What.MOVE, node=node, to=to):
        result = handover.move(file, to, json_output=as_json)
        if as_json:
            print_json({"ok": result.code == 0, "moved": to, "pyinfra": result.document})
        raise SystemExit(1 if result.code else 0)


@click.command()
@FILE
@click.argument("node", metavar="SERVER")
@JSON
def reboot(file: Path, node: str, as_json: bool) -> None:
    """Reboot a server without losing its addresses.

    Moves them to another server, reboots, waits until the server is healthy, and moves them back.
    """
    with recorded.begun(file, What.REBOOT, node=node):
        _reboot(*only_running(file, as_json), node, as_json)


def _reboot(cluster: Cluster, file: Path, node: str, as_json: bool) -> None:
    from floatip.cli import show

    try:
        with waiting.asking(node.name for node in cluster.nodes):
            handover.plan_absence(cluster, node)
        with handover.reserved(cluster, What.REBOOT) as lease:  # what was seen before may be so no more
            away = handover.plan_absence(cluster, node)
            stays = say("The addresses could not be handed over, so nothing was rebooted.")
            _moved(file, away, lease, stays, Failure.NOT_HANDED_OVER, as_json)
            with show.step(summary.reboot(node), node):
                rebooting.reboot(cluster, file, node, lease)
                rebooting.await_health(cluster, node)
            names = ", ".join(sorted({*away.values()}))
            kept = say("The addresses could not be handed back; {names} has them.", names=names)
            _moved(file, dict.fromkeys(away, node), lease, kept, Failure.NOT_HANDED_BACK, as_json)
    except refusals.Unfit as unfit:
        refuse_unfit(unfit, as_json)
    if as_json:
        print_json({"ok": True, "rebooted": node, "stood_in": away})
    else:
        mark("●", "green", say("{node} was rebooted, and everything is where it was.", node=node))


def _moved(file: Path, to: dict[str, str], lease: str, otherwise: Said, code: Failure, as_json: bool) -> None:
    if to and handover.move(file, to, lease=lease).code:
        detached.tell(Failed(code, otherwise))
        refuse(otherwise, code=1, error=code if as_json else "")


COMMANDS = (move, reboot)
