"""One run at a time: a deploy takes the lease of each server before its first change, and changes nothing without.

No operation can forget it: what pyinfra runs on a host from within an operation goes through `scripts.step`, and so
does what our own functions run with `step`. What only looks needs no lease: `remote.run`, facts, `--dry`.
"""

from __future__ import annotations

import time
from weakref import WeakKeyDictionary

from pyinfra import logger
from pyinfra.api import Host, State
from pyinfra.connectors.base import BaseConnector

from floatip.deploy.lifecycle.refusal import Refusing
from floatip.deploy.session.lease_callback import LeaseCallback, lent
from floatip.hosts import connection
from floatip.hosts.host_state import HostState
from floatip.language.telling import tell
from floatip.runs.events import Failed, Failure
from floatip.runs.lock import process
from floatip.server_side.lease import model, scripts
from floatip.server_side.lease.model import Lease, What
from floatip.server_side.lease.scripts import Found

OVERDUE = 15.0  # seconds since a lease was renewed; it lasts twice that
_callbacks: WeakKeyDictionary[State, LeaseCallback] = WeakKeyDictionary()


def at_work(found: HostState) -> Lease | None:
    """The lease of another run that is alive, as far as can be seen from here; None where nobody is at work."""
    lease = found.lease
    return lease if lease and lease.run != lent() and not process.ended(lease.process) else None


def watch(state: State, callback: LeaseCallback) -> None:
    """Have this run take leases before its first change."""
    _callbacks[state] = callback
    state.add_callback_handler(callback)


def step(
    state: State,
    host: Host,
    script: str,
    *,
    timeout: int | None = connection.TIMEOUT,
    over: BaseConnector | None = None,
) -> connection.Answer:
    """`remote.step` with the lease of this run."""
    callback = _callbacks[state]
    try:
        callback.begin()
    except Refusing as refused:
        logger.error(f"{host.print_prefix}{tell(refused)}")
        return connection.Answer(False, "", str(refused))
    return connection.step(state, host, callback.holder.run, script, timeout=timeout, over=over)


def let_go(state: State, host: Host) -> None:
    """Give back the lease of a server that this run is done with, without a trace."""
    holder = _callbacks[state].holder
    holder.taken.discard(host.name)
    connection.run(state, host, scripts.give_back(holder.run, traces=False))


def lost(state: State) -> Failed | None:
    """Whether another run has one of the servers by now, or nobody; None where this run has them all."""
    holder = _callbacks[state].holder
    for name in sorted(name for name in holder.taken if connection.connected(holder.hosts[name])):
        if (said := holder.renew(name)) and said.found is Found.LOST:
            return Failed(Failure.LEASE_LOST, model.lost(name, said.lease), name)
    return None


def overdue(state: State) -> str:
    """A server whose lease could not be renewed, so that it may have been left to itself; empty where there is none.

    A run that was paused finds out here, before it goes on.
    """
    holder, now = _callbacks[state].holder, time.monotonic()
    late = [name for name in sorted(holder.taken) if now - holder.renewed[name] > OVERDUE]
    return next((name for name, said in connection.each(late, holder.renew).items() if said is None), "")


def run_of(state: State) -> str:
    """The run that has the leases, or will have them."""
    return _callbacks[state].holder.run


def leave(state: State) -> None:
    """Let all servers go: the run ends here."""
    if state in _callbacks:
        _callbacks[state].leave()


def what(state: State) -> What:
    """What this run is there for."""
    return _callbacks[state].holder.what


def held(state: State) -> bool:
    """Whether this run has its leases, and so has begun to change something."""
    return bool(_callbacks[state].holder.taken)
