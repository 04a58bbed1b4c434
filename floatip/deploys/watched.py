"""A run that somebody watches from another process: it notes when each step began and ended, and stops after a step
where that was asked for; see `floatip.background`.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from pyinfra.api import State
from pyinfra.api.exceptions import PyinfraError
from pyinfra.api.state import BaseStateCallback

from floatip import detached
from floatip.background import STOP

unfinished: set[int] = set()
"""The changes of a cluster that have begun, and were not proven yet nor taken back."""


def watch(state: State) -> None:
    """Have this run watched, where somebody wants to."""
    if os.environ.get(detached.RUN):
        state.add_callback_handler(Watched(Path(os.environ[detached.RUN])))


class Watched(BaseStateCallback):
    """Notes each beginning and each end of a step."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def operation_start(self, state: State, op_hash: str) -> None:  # type: ignore[override]
        """Note the beginning."""
        detached.note(begin=time.time(), of=len(state.get_op_order()))

    def operation_end(self, state: State, op_hash: str) -> None:  # type: ignore[override]
        """Note the end. A change of the configuration that has begun is brought to its proof first, because half of
        it could leave a server with a priority that is meant for a moment only."""
        detached.note(end=time.time())
        if (self.place / STOP).exists() and not unfinished:
            raise PyinfraError("Stopped after this step, as asked. Run it again to finish.")
