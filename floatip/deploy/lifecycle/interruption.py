"""A run that is asked to end: by Ctrl-C, a closed terminal, or whoever stops it.

Before the first change it ends at once. In the middle of one it is asked once for all: the change is brought to its
proof, or taken back, in a time that is said; asked again, it leaves the rest to the servers.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType

import gevent
from pyinfra import logger

from floatip.deploy.lifecycle import callbacks
from floatip.language.telling import tell
from floatip.model.messages import Said, say
from floatip.runs import detached
from floatip.runs.events import Stopped

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SAME = 0.7  # seconds: a terminal, and the command that started this one, may both pass on one Ctrl-C
LEFT = 3
"""The exit code where the servers bring the change to its end."""


class Ending:
    """What the signals do. `patience`: seconds that a change may take to its end at most; `leave`: lets all go that
    this run has."""

    def __init__(self, patience: Callable[[], int], leave: Callable[[], None]) -> None:
        self.patience, self.leave = patience, leave
        self._asked: float | None = None

    def install(self) -> None:
        """From here on."""
        for signal_ in SIGNALS:
            signal.signal(signal_, self._signalled)

    def _signalled(self, number: int, _: FrameType | None) -> None:
        if number == signal.SIGHUP:
            _without_terminal()
        first = self._asked is None
        if self._asked is None:
            self._asked = time.monotonic()
        elif time.monotonic() - self._asked <= SAME:
            return
        gevent.spawn(self._answer, number, first)

    def _answer(self, number: int, first: bool) -> None:
        """Not in the handler itself: a change may begin between that and the moment when this has its turn."""
        if not callbacks.unfinished:
            self._leave(128 + number, say("Stopped: no change was in progress."))
        elif first:
            said = say(
                "Stopping: the change is finished or rolled back first, within {seconds} s. Ctrl-C again leaves it to "
                "the servers.",
                seconds=self.patience(),
            )
            logger.warning("    %s", tell(said))
        else:
            self._leave(LEFT, say("Left to the servers: they finish the change or roll it back by themselves."))

    def _leave(self, code: int, said: Said) -> None:
        logger.warning("    %s", tell(said))
        detached.tell(Stopped(said))
        try:
            self.leave()
        finally:
            sys.stdout.flush()
            os._exit(code)  # nothing else of this run is done


def _without_terminal() -> None:
    """What is written from here on goes nowhere, instead of ending the run."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
