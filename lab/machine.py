"""The whole machine, shared by everything that works on it or kept for one measurement.

A lock for readers and a writer, across processes, checkouts and network namespaces: files, not sockets. Whoever wants
the machine alone keeps the gate shut, so that nobody new comes in while those inside finish: it cannot be starved.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import IO

from lab.paths import MACHINE

_held = 0  # by this process: what is inside of a measurement asks again for what it has already


@contextmanager
def shared() -> Iterator[None]:
    """Work beside others; waits while somebody has the machine alone or is about to."""
    with _once() as already, ExitStack() as stack:
        if not already:
            with _locked("gate", fcntl.LOCK_EX):
                stack.enter_context(_locked("room", fcntl.LOCK_SH))
        yield


@contextmanager
def exclusive() -> Iterator[None]:
    """Have the machine alone; waits until all others have ended what they are at."""
    with _once() as already, ExitStack() as stack:
        if not already:
            stack.enter_context(_locked("gate", fcntl.LOCK_EX))
            stack.enter_context(_locked("room", fcntl.LOCK_EX))
        yield


@contextmanager
def _once() -> Iterator[bool]:
    global _held
    _held += 1
    try:
        yield _held > 1
    finally:
        _held -= 1


@contextmanager
def _locked(name: str, how: int) -> Iterator[IO[str]]:
    MACHINE.mkdir(parents=True, exist_ok=True)
    with (MACHINE / name).open("a") as file:
        fcntl.flock(file, how)
        yield file
