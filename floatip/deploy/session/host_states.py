"""Reading what the hosts of a run are like, all at the same time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace

import gevent
from pyinfra import logger
from pyinfra.api import Host, State

from floatip.change import requirements
from floatip.deploy.lifecycle.refusal import Refusing
from floatip.hosts import connection, host_answer, host_script, programs
from floatip.hosts.asking import asked
from floatip.hosts.host_state import HostState
from floatip.hosts.ssh_errors import Untold, Why
from floatip.hosts.worker_answers import words_of
from floatip.keepalived import timing
from floatip.language.telling import tell
from floatip.model.cluster import Cluster
from floatip.model.messages import one_after_the_other, say
from floatip.model.settings.scripts import Runs
from floatip.runs.events import Refusal

SOON = 5  # seconds in which a plan is hardly made and begun
SETTLE_POLL = 0.3  # seconds


def states(current: State, hosts: list[Host]) -> dict[str, HostState]:
    """What all of them are like; Refusing, with the reasons, where that cannot be known of one of them."""
    by_name = {host.name: host for host in hosts}
    answers = connection.each(by_name, lambda name: _tried(current, by_name[name]))
    silent = {name: found for name, found in answers.items() if isinstance(found, Untold)}
    if silent:
        words = {name: connection.reason(by_name[name], untold) for name, untold in silent.items()}
        reasons = [say("{name}: {why}", name=name, why=why) for name, why in words.items()]
        message = one_after_the_other([*reasons, say("No server was changed.")])
        codes = {name: untold.code for name, untold in silent.items()}
        raise Refusing(Refusal.NOT_EXAMINED, message, silent, reasons=codes)
    return {name: found for name, found in answers.items() if isinstance(found, HostState)}


def examined(current: State, host: Host) -> HostState:
    """What a host is like; Untold where it does not tell.

    Not by way of a fact: there may be an operation under way on this host, and a fact does not say why it has failed.
    """
    lines = asked(current, host, host_script.SCRIPT, host_script.MARK)
    try:
        return host_answer.parse(lines)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Untold(Why.NONSENSE, error=words_of(error)) from error


def with_programs(
    current: State, hosts: list[Host], clusters: Iterable[Cluster], found: dict[str, HostState]
) -> dict[str, HostState]:
    """The same states with what was found of the programs that run as another user than usual, where there are any."""
    wanted = {host.name: [program for cluster in clusters for program in _programs(cluster, host)] for host in hosts}
    answers = connection.each(
        {host.name: host for host in hosts if wanted[host.name]},
        lambda name: _seen(current, next(host for host in hosts if host.name == name), wanted[name]),
    )
    return {name: replace(state, programs=answers.get(name, {})) for name, state in found.items()}


def _programs(cluster: Cluster, host: Host) -> tuple[Runs, ...]:
    return programs.asked(cluster, host.name) if any(node.name == host.name for node in cluster.nodes) else ()


def _seen(current: State, host: Host, wanted: list[Runs]) -> programs.Found:
    """Nothing where it does not tell: the states were told a moment ago, and whoever changes it will say why."""
    try:
        return programs.parse(wanted, asked(current, host, programs.script(wanted), programs.MARK))
    except Untold:
        return {}


def _tried(current: State, host: Host) -> HostState | Untold:
    try:
        return examined(current, host)
    except Untold as untold:
        return untold


def again(current: State, host: Host) -> HostState | None:
    """The same; None where it does not tell."""
    found = _tried(current, host)
    return found if isinstance(found, HostState) else None


def at_rest(found: dict[str, HostState], look: Callable[[], dict[str, HostState]]) -> dict[str, HostState]:
    """The states once the servers have brought a change to its end that they were left alone with, as long as they
    said that it takes: a plan that is made meanwhile would be void. Not where a run has their lease: then they wait."""
    busy = [name for name, state in found.items() if _alone(state)]
    until = time.monotonic() + max((state.change.within for state in found.values() if state.change), default=0)
    if busy:
        logger.warning(
            "    %s", tell(say("Waiting for {names} to finish a change or roll it back.", names=", ".join(busy)))
        )
    while busy and time.monotonic() < until:
        gevent.sleep(1)
        found = look()
        busy = [name for name, state in found.items() if _alone(state)]
    return found


def _alone(state: HostState) -> bool:
    return state.change is not None and (state.lease is None or state.lease.left < SOON)


def settled(cluster: Cluster, found: dict[str, HostState], look: Callable[[], dict[str, HostState]]) -> None:
    """Bring the states up to date until the address has stopped moving, or should have: a plan that names the holder
    would otherwise be out of date before it runs."""
    until = time.monotonic() + timing.settle_bound(cluster)
    while requirements.unsettled(cluster, found) and time.monotonic() < until:
        gevent.sleep(SETTLE_POLL)
        fresh = look()
        found.update({name: fresh[name] for name in found})
