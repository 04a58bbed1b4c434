"""A run that somebody watches from another process: it tells who cannot be reached, when each step began and how it
ended, and stops after a step where that was asked for; see `floatip.runs.jobs` and `floatip.runs.events`.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import gevent
from pyinfra.api import Host, State
from pyinfra.api.exceptions import PyinfraError
from pyinfra.api.state import BaseStateCallback

from floatip.change.landmarks import landmark
from floatip.hosts import ssh_errors
from floatip.language.telling import tell
from floatip.model.messages import Said, say
from floatip.runs import detached
from floatip.runs.events import Begin, Done, End, NotConnected, Outcome, Stopped
from floatip.runs.jobs import STOP

unfinished: set[object] = set()
"""The changes that a server keeps at least, and that were not proven yet nor taken back."""


def watch(state: State) -> None:
    """Have this run watched, where somebody wants to, and nobody does already."""
    if os.environ.get(detached.RUN) and not any(isinstance(handler, Watched) for handler in state.callback_handlers):
        state.add_callback_handler(Watched(Path(os.environ[detached.RUN])))


def not_connected(host: Host, error: Exception) -> Said:
    """Why, and what to do about it."""
    why = ssh_errors.in_words(str(error), host.data.dict())
    return say("Could not connect to {node}. {why}", node=host.name, why=why)


class Watched(BaseStateCallback):
    """Tells who could not be connected to, each beginning and each end of a step."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._done_hosts: set[tuple[str, str]] = set()

    def host_connect_error(self, state: State, host: Host, error: Exception) -> None:  # type: ignore[override]
        """Tell why, and what to do about it."""
        detached.tell(NotConnected(host.name, not_connected(host, error)))

    def operation_start(self, state: State, op_hash: str) -> None:  # type: ignore[override]
        """Tell the beginning."""
        name = next(iter(state.get_op_meta(op_hash).names))
        what = name if isinstance(name, Said) else Said(name)
        detached.tell(Begin(time.time(), len(state.get_op_order()), what, landmark(what)))

    def operation_host_success(  # type: ignore[override]
        self, state: State, host: Host, op_hash: str, retry_count: int = 0
    ) -> None:
        """Tell it while other servers are still at it. pyinfra writes down what has changed right after this call."""
        gevent.spawn(self._succeeded, state, host, op_hash)

    def operation_host_error(  # type: ignore[override]
        self, state: State, host: Host, op_hash: str, retry_count: int = 0, max_retries: int = 0
    ) -> None:
        """Tell it at once: a run that fails comes to no end of the step."""
        self._done(host, op_hash, Outcome.FAILED)

    def operation_end(self, state: State, op_hash: str) -> None:  # type: ignore[override]
        """Tell the end. A change of the configuration that has begun is brought to its proof first, because half of
        it could leave a server with a priority that is meant for a moment only."""
        for host in state.inventory.get_active_hosts():
            if op_hash in state.ops[host]:
                self._succeeded(state, host, op_hash)
        detached.tell(End(time.time()))
        if (self.place / STOP).exists() and not unfinished:
            message = say("Stopped after this step, as asked.")
            detached.tell(Stopped(message))
            raise PyinfraError(tell(message))

    def _succeeded(self, state: State, host: Host, op_hash: str) -> None:
        changed = state.get_op_data_for_host(host, op_hash).operation_meta.did_change()
        self._done(host, op_hash, Outcome.CHANGED if changed else Outcome.UNCHANGED)

    def _done(self, host: Host, op_hash: str, outcome: Outcome) -> None:
        if (host.name, op_hash) not in self._done_hosts:
            self._done_hosts.add((host.name, op_hash))
            detached.tell(Done(host.name, outcome))
