"""Who holds which address at this moment, and whether that is what a step waits for."""

from __future__ import annotations

import time
from collections.abc import Mapping

import gevent
from pyinfra.api import Host, State

from floatip.change.plan import Wait
from floatip.deploy.session import reconnecting
from floatip.hosts import connection
from floatip.model.messages import Said, all_of, one_after_the_other, say
from floatip.runs.events import Failed, Failure

POLL = 0.15  # seconds between two looks


def look(state: State, hosts: Mapping[str, Host]) -> dict[str, frozenset[str] | None]:
    """Each host's addresses, asked at the same time, over a new connection where one was lost; None for a host that
    does not answer."""
    jobs = {name: gevent.spawn(_held, state, host) for name, host in hosts.items()}
    gevent.joinall(list(jobs.values()))
    return {name: job.value for name, job in jobs.items()}


def _held(state: State, host: Host) -> frozenset[str] | None:
    held = connection.held(state, host)
    if held is None and not connection.connected(host) and reconnecting.reconnected(state, host):
        return connection.held(state, host)
    return held


def reached(wait: Wait, seen: Mapping[str, frozenset[str] | None]) -> bool:
    """Whether every address is with one of `by` and with none of `free_of`."""
    taken = all(any(address in (seen[name] or ()) for name in wait.by) for address in wait.addresses)
    left = all(seen[name] is not None and not (wait.addresses & (seen[name] or set())) for name in wait.free_of)
    return taken and left


def holders(seen: Mapping[str, frozenset[str] | None], addresses: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """Address → who has it."""
    return {
        address: tuple(name for name, held in seen.items() if held and address in held) for address in sorted(addresses)
    }


def silent(seen: Mapping[str, frozenset[str] | None]) -> tuple[str, ...]:
    """Who does not answer."""
    return tuple(name for name, held in seen.items() if held is None)


def described(seen: Mapping[str, frozenset[str] | None], addresses: frozenset[str]) -> Said:
    """Who holds what, in a sentence for people."""
    sentences = [
        say("{address} is held by {names}.", address=address, names=all_of(names or [say("nobody")]))
        for address, names in holders(seen, addresses).items()
    ]
    if absent := silent(seen):
        sentences.append(say("{names} did not answer.", names=", ".join(absent)))
    return one_after_the_other(sentences)


def awaited(state: State, all_hosts: Mapping[str, Host], wait: Wait) -> Failed | None:
    """Wait for what a step asks for; say who had the addresses where it was in vain."""
    hosts = {name: all_hosts[name] for name in wait.by | wait.free_of}
    deadline = time.monotonic() + wait.timeout
    while True:
        seen = look(state, hosts)
        if reached(wait, seen):
            return None
        if time.monotonic() > deadline and wait.elsewhere:
            return None
        if time.monotonic() > deadline:
            waited = say("Gave up after {seconds} s: {why}.", seconds=f"{wait.timeout:.0f}", why=wait.why)
            message = one_after_the_other([waited, described(seen, wait.addresses)])
            found = holders(seen, wait.addresses)
            return Failed(Failure.WAITED_IN_VAIN, message, wait.node, holders=found, silent=silent(seen))
        gevent.sleep(POLL)
