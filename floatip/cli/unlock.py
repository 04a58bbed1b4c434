"""Who is changing the servers now, and ending that run's lease where the run is gone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from floatip.cli import waiting
from floatip.cli.shared import FILE, JSON, confirm, mark, print_json, shown, usable
from floatip.hosts import probe
from floatip.hosts.host_state import HostState
from floatip.model.cluster import Cluster
from floatip.model.messages import Said, say
from floatip.runs.lock import held
from floatip.server_side.lease import model
from floatip.server_side.lease.model import Lease
from floatip.server_side.lease.scripts import Found

ENDED = (Found.GIVEN, Found.LOST)  # LOST: it has ended meanwhile, by itself


@click.command()
@FILE
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@JSON
def unlock(file: Path, yes: bool, as_json: bool) -> None:
    """Show which run is changing the servers, and end its lease.

    For a run that is gone, not for one that is still working. With --json, the lease is ended only with --yes.

    Exit code 0: no run is changing them any more; 1: one still is; 3: a server did not answer.
    """
    clusters = usable(file, as_json)
    with waiting.asking(node.name for cluster in clusters for node in cluster.nodes):
        states = probe.states(clusters)
    silent = {name: state for name, state in states.items() if isinstance(state, str)}
    leases = {name: state.lease for name, state in states.items() if isinstance(state, HostState) and state.lease}
    if not as_json:
        _print(leases, silent, file)
    if leases and not yes and not as_json:
        confirm(say("End the lease only if that run is gone. End it?"))
    wanted = {} if as_json and not yes else leases
    found = {name: how for cluster in clusters for name, how in _end(cluster, wanted).items()}
    code = 1 if any(found.get(name) not in ENDED for name in leases) else 3 if silent else 0
    if as_json:
        rows = {name: {**model.as_dict(lease), "ended": found.get(name) in ENDED} for name, lease in leases.items()}
        print_json({"file": str(file), "ok": code == 0, "leases": rows, "silent": silent})
    else:
        for name, how in found.items():
            click.echo(shown(_line(name, how)))
    raise SystemExit(code)


def _end(cluster: Cluster, leases: dict[str, Lease]) -> dict[str, Found | None]:
    mine = {node.name: leases[node.name].run for node in cluster.nodes if node.name in leases}
    return held.end(cluster, mine) if mine else {}


def _print(leases: dict[str, Lease], silent: Mapping[str, str], file: Path) -> None:
    for name, lease in leases.items():
        click.echo(f"{click.style('▲', fg='yellow')} {shown(model.described(name, lease))}")
    for name, why in silent.items():
        click.echo(f"{click.style('?', fg='bright_black')} {name}: {shown(why)}")
    if not leases and not silent:
        mark("●", "green", say("{file}: no run is changing these servers.", file=file))


def _line(name: str, how: Found | None) -> Said:
    if how in ENDED:
        return say("{node} is free.", node=name)
    if how is Found.STEP:
        return say("{node}: that run is still doing a step there. Wait until it ends.", node=name)
    return say("{node}: the lease could not be ended.", node=name)


COMMANDS = (unlock,)
