"""One run at a time: a deploy takes the lease of each server before its first change, and changes nothing without.

No operation can forget it: what pyinfra runs on a host from within an operation goes through `scripts.step`, and so
does what our own functions run with `step`. What only looks needs no lease: `remote.run`, facts, `--dry`.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from gevent.lock import RLock
from pyinfra import logger
from pyinfra.api import Host, State
from pyinfra.api.command import StringCommand
from pyinfra.api.state import BaseStateCallback
from pyinfra.connectors.base import BaseConnector
from pyinfra.connectors.util import CommandOutput
from pyinfra.context import ctx_host

from floatip.change import summary
from floatip.deploy.lifecycle.refusal import Refusing
from floatip.deploy.session import reconnecting
from floatip.hosts import connection, ssh_errors
from floatip.hosts.host_state import HostState
from floatip.model.messages import say
from floatip.runs import detached
from floatip.runs.events import Failed, Failure, Refusal
from floatip.runs.lock import RUN, process
from floatip.runs.lock.holder import Holder, NotTaken
from floatip.server_side.lease import model, scripts
from floatip.server_side.lease.model import Lease, What
from floatip.server_side.lease.scripts import Found

MOST = 5  # lines of what a command that failed has said last
OVERDUE = 15.0  # seconds since a lease was renewed; it lasts twice that
_alone: WeakKeyDictionary[State, Alone] = WeakKeyDictionary()


class Alone(BaseStateCallback):
    """Sees to it that this run has the lease of all its servers before it changes one.

    `void`: looks again, and raises Refusing where the plan was made from what is no longer so.
    """

    def __init__(self, state: State, hosts: Mapping[str, Host], what: What, void: Callable[[], None]) -> None:
        self.holder = Holder(state, hosts, lent() or secrets.token_hex(16), what)
        self.void = void
        self.refused: Refusing | None = None
        self._looked = False
        self._lock = RLock()
        for host in hosts.values():
            self._check_all_steps(host)

    def begin(self) -> None:
        """Take the leases, once; Refusing where there is one that cannot be had, or where the plan is void."""
        with self._lock:
            if not self.refused and not self.holder.taken:
                try:
                    self._take()
                except Refusing as refused:
                    self.refused = refused
                    self.end()
                    detached.tell(refused.event)
            if self.refused:
                raise self.refused

    def _take(self) -> None:
        try:
            self.holder.take()
        except NotTaken as failed:
            code = Refusal.BUSY if failed.busy else Refusal.NOT_EXAMINED
            raise Refusing(code, failed.message, [failed.node]) from None
        for host in self.holder.hosts.values():
            reconnecting.notice(host)
        self.void()

    def leave(self) -> None:
        """Give the leases back, and take none again: the run ends here."""
        self.refused = self.refused or Refusing(Refusal.ASKED_TO_END, say("This run was stopped."))
        self.end()

    def end(self) -> None:
        """Give the leases back."""
        with self._lock:
            if self.holder.taken and not lent():
                self.holder.give_back(traces=self.holder.what is not What.REMOVE)

    def operation_start(self, state: State, op_hash: str) -> None:  # type: ignore[override]
        """Take the leases before the first operation, if any of them has something to do: here, a refusal ends the run
        without a failed step."""
        if not self._looked:
            self._looked = True
            if any(_does_something(state, one) for one in state.get_op_order()):
                self.begin()

    def _check_all_steps(self, host: Host) -> None:
        run, disconnect = host.run_shell_command, host.disconnect

        def checked(command: StringCommand, *args: Any, **more: Any) -> Any:
            if host.executing_op_hash is None:  # a fact, or pyinfra's own clearing up
                return run(command, *args, **more)
            self.begin()
            step = StringCommand(scripts.step(self.holder.run, command.get_raw_value()))
            try:
                ok, output = run(step, *args, **more)
            except Exception as error:  # paramiko, socket and time-out errors: pyinfra says which
                _step_failed(host, str(error) or type(error).__name__)
                raise
            if not ok and (said := scripts.answer(output.stderr_lines)):
                why = model.lost(host.name, said.lease)
                logger.error(f"{host.print_prefix}{why}")
                detached.tell(Failed(Failure.LEASE_LOST, why, host.name))
                return ok, CommandOutput([])
            if not ok:
                _step_failed(host, "\n".join(output.stderr_lines[-MOST:]))
            return ok, output

        def disconnected() -> None:
            self.end()  # before, as pyinfra removes what sudo needs
            disconnect()

        host.run_shell_command = checked  # type: ignore[method-assign]
        host.disconnect = disconnected  # type: ignore[method-assign]


def _step_failed(host: Host, said: str) -> None:
    """pyinfra shows what the command printed; whoever watches is told here."""
    plain = ssh_errors.plain(said.strip())
    message = (
        say("A step failed on {node}: “{said}”", node=host.name, said=plain)
        if plain
        else say("A step failed on {node}, which did not say why.", node=host.name)
    )
    detached.tell(Failed(Failure.STEP, message, host.name, said))


def lent() -> str:
    """The run whose leases this one uses, and leaves where they are: that of `floatip reboot`, which has started it."""
    run = os.environ.get(RUN, "")
    return run if re.fullmatch("[0-9a-f]{32}", run) else ""


def at_work(found: HostState) -> Lease | None:
    """The lease of another run that is alive, as far as can be seen from here; None where nobody is at work."""
    lease = found.lease
    return lease if lease and lease.run != lent() and not process.ended(lease.process) else None


def watch(state: State, alone: Alone) -> None:
    """Have this run be alone."""
    _alone[state] = alone
    state.add_callback_handler(alone)


def step(
    state: State,
    host: Host,
    script: str,
    *,
    timeout: int | None = connection.TIMEOUT,
    over: BaseConnector | None = None,
) -> connection.Answer:
    """`remote.step` with the lease of this run."""
    alone = _alone[state]
    try:
        alone.begin()
    except Refusing as refused:
        logger.error(f"{host.print_prefix}{refused}")
        return connection.Answer(False, "", str(refused))
    return connection.step(state, host, alone.holder.run, script, timeout=timeout, over=over)


def let_go(state: State, host: Host) -> None:
    """Give back the lease of a server that this run is done with, without a trace."""
    holder = _alone[state].holder
    holder.taken.discard(host.name)
    connection.run(state, host, scripts.give_back(holder.run, traces=False))


def lost(state: State) -> Failed | None:
    """Whether another run has one of the servers by now, or nobody; None where this run has them all."""
    holder = _alone[state].holder
    for name in sorted(name for name in holder.taken if connection.connected(holder.hosts[name])):
        if (said := holder.renew(name)) and said.found is Found.LOST:
            return Failed(Failure.LEASE_LOST, model.lost(name, said.lease), name)
    return None


def overdue(state: State) -> str:
    """A server whose lease could not be renewed, so that it may have been left to itself; empty where there is none.

    A run that was paused finds out here, before it goes on.
    """
    holder, now = _alone[state].holder, time.monotonic()
    late = [name for name in sorted(holder.taken) if now - holder.renewed[name] > OVERDUE]
    return next((name for name, said in connection.each(late, holder.renew).items() if said is None), "")


def run_of(state: State) -> str:
    """The run that has the leases, or will have them."""
    return _alone[state].holder.run


def leave(state: State) -> None:
    """Let all servers go: the run ends here."""
    if state in _alone:
        _alone[state].leave()


def what(state: State) -> What:
    """What this run is there for."""
    return _alone[state].holder.what


def held(state: State) -> bool:
    """Whether this run has its leases, and so has begun to change something."""
    return bool(_alone[state].holder.taken)


def _does_something(state: State, op_hash: str) -> bool:
    """As pyinfra itself finds out for `Detected changes`; some operations only look."""
    if not state.get_op_meta(op_hash).names.isdisjoint(summary.ONLY_LOOKING):
        return False
    return any(_has_commands(state, host, op_hash) for host in state.inventory.get_active_hosts())


def _has_commands(state: State, host: Host, op_hash: str) -> bool:
    if op_hash not in state.ops[host]:
        return False
    with ctx_host.use(host):
        commands = state.get_op_data_for_host(host, op_hash).command_generator()
        try:
            return next(commands, None) is not None
        finally:
            commands.close()  # type: ignore[attr-defined]
