"""Reading what the hosts of a run are like, all at the same time."""

from __future__ import annotations

import time
from collections.abc import Callable

import gevent
from pyinfra import logger
from pyinfra.api import Host, State
from pyinfra.api.facts import get_fact
from pyinfra.context import ctx_host, ctx_state

from floatip import host_state, intent, reach, timing
from floatip.cluster import Cluster
from floatip.deploys import remote
from floatip.deploys.refusing import Refusing
from floatip.deploys.remarks import remark
from floatip.events import Refusal
from floatip.facts.host_state import HostStateFact
from floatip.host_state import HostState
from floatip.problems import Level
from floatip.words import say

SOON = 5  # seconds in which a plan is hardly made and begun
SETTLE_POLL = 0.3  # seconds


def states(hosts: list[Host], look: Callable[[Host], HostState | None]) -> dict[str, HostState]:
    """All hosts as `look` finds them; Refusing where it does not find one of them."""
    by_name = {one.name: one for one in hosts}
    answers = remote.each(by_name, lambda name: look(by_name[name]))
    states = {name: found for name, found in answers.items() if found is not None}
    silent = [name for name in answers if name not in states]
    if silent:
        message = say("{names} could not be examined, so no host was changed.", names=", ".join(silent))
        raise Refusing(Refusal.NOT_EXAMINED, message, silent)
    return states


def fact(current: State, one: Host) -> HostState | None:
    """By way of a fact, before the run begins; what is wrong is told by pyinfra."""
    with ctx_state.use(current), ctx_host.use(one):
        found: HostState | None = get_fact(current, one, HostStateFact, apply_failed_hosts=False)
    if found is None:
        _tell_why(current, one)
    return found


def _tell_why(current: State, one: Host) -> None:
    """pyinfra shows what a fact's command printed; whoever watches is told what it prints when it is run again."""
    try:
        examined(current, one)
    except Unexamined as failed:
        said = reach.plain(failed.answer.stderr.strip() or str(failed))
        message = say("{node} could not be examined: {said}", node=one.name, said=said)
        remark(one.name, "not-examined", Level.ERROR, message)


class Unexamined(Exception):
    """A host's `answer` tells nothing; the text says what is wrong with its lines."""

    def __init__(self, answer: remote.Answer, why: str = "") -> None:
        self.answer = answer
        super().__init__(why)


def examined(current: State, one: Host) -> HostState:
    """Not by way of a fact: there may be an operation under way on this host. Unexamined where it tells nothing."""
    answer = remote.run(current, one, host_state.SCRIPT)
    try:
        found = host_state.parse(answer.stdout.splitlines())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unexamined(answer, str(error)) from error
    if not answer.ok:
        raise Unexamined(answer)
    return found


def again(current: State, one: Host) -> HostState | None:
    """The same; None where it tells nothing."""
    try:
        return examined(current, one)
    except Unexamined:
        return None


def at_rest(found: dict[str, HostState], look: Callable[[], dict[str, HostState]]) -> dict[str, HostState]:
    """The states once the servers have brought a change to its end that they were left alone with, as long as they
    said that it takes: a plan that is made meanwhile would be void. Not where a run has their lease: then they wait."""
    busy = [name for name, state in found.items() if _alone(state)]
    until = time.monotonic() + max((state.change.within for state in found.values() if state.change), default=0)
    if busy:
        logger.warning("    %s", say("Waiting for {names} to finish a change or roll it back.", names=", ".join(busy)))
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
    while intent.restless(cluster, found) and time.monotonic() < until:
        gevent.sleep(SETTLE_POLL)
        fresh = look()
        found.update({name: fresh[name] for name in found})
