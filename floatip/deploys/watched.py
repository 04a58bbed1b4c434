"""A run that somebody watches from another process: it tells when each step began and how it ended, and stops after a
step where that was asked for; see `floatip.background` and `floatip.events`.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from pyinfra.api import Host, State
from pyinfra.api.exceptions import PyinfraError
from pyinfra.api.state import BaseStateCallback

from floatip import detached
from floatip.background import STOP
from floatip.events import Begin, Done, End, Outcome
from floatip.words import Said

unfinished: set[int] = set()
"""The changes that a server keeps at least, and that were not proven yet nor taken back."""


def watch(state: State) -> None:
    """Have this run watched, where somebody wants to."""
    if os.environ.get(detached.RUN):
        state.add_callback_handler(Watched(Path(os.environ[detached.RUN])))


class Watched(BaseStateCallback):
    """Tells each beginning and each end of a step."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def operation_start(self, state: State, op_hash: str) -> None:  # type: ignore[override]
        """Tell the beginning."""
        name = next(iter(state.get_op_meta(op_hash).names))
        detached.tell(Begin(time.time(), len(state.get_op_order()), name if isinstance(name, Said) else Said(name)))

    def operation_host_error(  # type: ignore[override]
        self, state: State, host: Host, op_hash: str, retry_count: int = 0, max_retries: int = 0
    ) -> None:
        """Tell it at once: a run that fails comes to no end of the step."""
        detached.tell(Done(host.name, Outcome.FAILED))

    def operation_end(self, state: State, op_hash: str) -> None:  # type: ignore[override]
        """Tell the end. A change of the configuration that has begun is brought to its proof first, because half of
        it could leave a server with a priority that is meant for a moment only."""
        for host in state.inventory.get_active_hosts():
            if op_hash in state.ops[host]:
                changed = state.get_op_data_for_host(host, op_hash).operation_meta.did_change()
                detached.tell(Done(host.name, Outcome.CHANGED if changed else Outcome.UNCHANGED))
        detached.tell(End(time.time()))
        if (self.place / STOP).exists() and not unfinished:
            raise PyinfraError("Stopped after this step, as asked. Run it again to finish.")
