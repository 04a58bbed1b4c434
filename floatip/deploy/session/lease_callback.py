"""What pyinfra runs goes through the lease of this run, which is taken before the first step that changes anything."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from gevent.lock import RLock
from pyinfra import logger
from pyinfra.api import Host, State
from pyinfra.api.command import StringCommand
from pyinfra.api.state import BaseStateCallback
from pyinfra.connectors.util import CommandOutput
from pyinfra.context import ctx_host

from floatip.change.landmarks import ONLY_LOOKING, landmark
from floatip.deploy.lifecycle.refusal import Refusing
from floatip.deploy.session import reconnecting
from floatip.hosts import ssh_errors
from floatip.language.telling import tell
from floatip.model.messages import say
from floatip.runs import detached
from floatip.runs.events import Failed, Failure, Refusal
from floatip.runs.lock import RUN
from floatip.runs.lock.holder import Holder, NotTaken
from floatip.server_side.lease import model, scripts
from floatip.server_side.lease.model import What

MOST = 5  # lines of what a command that failed has said last


class LeaseCallback(BaseStateCallback):
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
            if any(_does_something(state, operation) for operation in state.get_op_order()):
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
                logger.error(f"{host.print_prefix}{tell(why)}")
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


def _does_something(state: State, op_hash: str) -> bool:
    """As pyinfra itself finds out for `Detected changes`; some operations only look."""
    if any(landmark(name) in ONLY_LOOKING for name in state.get_op_meta(op_hash).names):
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
