"""Looking after a cluster: hand an address over on purpose, take a server through a reboot. Deploys do the work."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from floatip import looking, moves, pyinfra_run, status
from floatip.cluster import Cluster
from floatip.moves import Moves
from floatip.pyinfra_run import Result
from floatip.rounds import Round, rounds
from floatip.status import NodeRow
from floatip.words import Said, say

BACK = 300.0  # seconds that a server gets to boot and to be well again
EVERY = 2.0


class Unfit(Exception):
    """It would not do any good, or would do harm: `reason` says why. Nothing was changed."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def plan_move(cluster: Cluster, node: str) -> dict[str, str]:
    """What is moved where once `node` has every address that it can have. Unfit where it cannot take them."""
    if node not in {one.name for one in cluster.nodes}:
        raise Unfit(say("{name} is none of the servers.", name=node))
    seen = look(cluster)
    must_be_fit(cluster, seen, node)
    instances = frozenset(one.name for one in cluster.instances_of(node))
    for one in cluster.instances_of(node):
        if one.nopreempt:
            raise Unfit(say("{instance} has nopreempt: its address stays where it is.", instance=one.name))
    return moves.toward(cluster, remembered(cluster), node, instances)


def move(file: Path, to: Mapping[str, str]) -> Result:
    """Deploy the inventory with the addresses moved so; a mapping of nothing brings all home."""
    return pyinfra_run.run(file, data={"floatip_move": moves.option(to)})


def remembered(cluster: Cluster) -> Moves:
    """What the servers remember. Unfit where one of them cannot be asked."""
    answers = looking.states(cluster)
    silent = [name for name, one in answers.items() if isinstance(one, str)]
    if silent:
        raise Unfit(say("{name} cannot be asked: {why}", name=silent[0], why=answers[silent[0]]))
    return moves.newest({name: one for name, one in answers.items() if not isinstance(one, str)})


def heir(cluster: Cluster, node: str) -> str:
    """Who takes over what `node` has while it is away: the fittest of the others. Unfit where there is none."""
    seen = look(cluster)
    others = sorted(
        {member.node for one in cluster.instances_of(node) for member in one.members if member.node != node},
        key=lambda name: -max(member.priority for one in cluster.instances_of(name) if (member := one.member(name))),
    )
    reasons = []
    for name in others:
        try:
            must_be_fit(cluster, seen, name)
        except Unfit as unfit:
            reasons.append(unfit.reason)
        else:
            return name
    raise Unfit(" ".join(reasons) or say("{name} is none of the servers.", name=node))


def reboot(cluster: Cluster, file: Path, node: str) -> None:
    """Reboot one server, and wait until it has booted. Unfit where it does not in time."""
    before = _boot(cluster, node)
    words = [sys.executable, "-m", "pyinfra", "-y", "--limit", node, str(file.resolve()), "exec", "--"]
    # Its answer may get lost with the connection, so whether it has happened is looked at.
    subprocess.run([*words, "systemctl", "reboot"], cwd=pyinfra_run.ROOT, check=False, capture_output=True)
    until = time.monotonic() + BACK
    while _boot(cluster, node) in (before, ""):
        if time.monotonic() > until:
            raise Unfit(say("{name} did not come back from its reboot.", name=node))
        time.sleep(EVERY)


def _boot(cluster: Cluster, node: str) -> str:
    one = looking.states(cluster, only=node)[node]
    return "" if isinstance(one, str) else one.boot


def await_health(cluster: Cluster, node: str) -> None:
    """Wait until a server takes part again, all its health checks being well. Unfit where it does not in time."""
    until = time.monotonic() + BACK
    reason = ""
    for seen in rounds(_connections(cluster), EVERY):
        try:
            must_be_fit(cluster, seen, node)
        except Unfit as unfit:
            reason = unfit.reason
        else:
            return
        if time.monotonic() > until:
            break
    raise Unfit(reason)


def look(cluster: Cluster) -> Round:
    """How the servers are now."""
    return next(iter(rounds(_connections(cluster), EVERY, 1)))


def _connections(cluster: Cluster) -> list[tuple[str, dict[str, str | int | bool]]]:
    return [(node.name, dict(node.connection)) for node in cluster.nodes]


def must_be_fit(cluster: Cluster, seen: Round, name: str) -> None:
    """Unfit, with the reason, where a server could not take an address."""
    if name in seen.failures:
        raise Unfit(say("{name} cannot be asked: {why}", name=name, why=seen.failures[name]))
    for row in status.read(cluster, seen.found):
        for one in row.nodes:
            if one.name == name:
                _must_take(one)


def _must_take(one: NodeRow) -> None:
    failing = [check for check, well in (one.checks or {}).items() if not well]
    if failing:
        raise Unfit(_failing(one.name, failing[0]))
    if one.state not in ("master", "backup"):
        raise Unfit(say("{name} is not fit: {state}.", name=one.name, state=one.words))


def _failing(name: str, check: str) -> Said:
    return say("{name} is not fit: its health check {check} fails.", name=name, check=check)
