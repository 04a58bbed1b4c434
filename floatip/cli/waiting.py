"""Who has not answered yet, where that takes longer than a second: a line that goes away again in a terminal, and one
that stays where there is none. On standard error, so that nothing disturbs what is asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Lock, Timer
from typing import TYPE_CHECKING, TypeVar

import click

from floatip.hosts import workers
from floatip.hosts.ssh_errors import visible
from floatip.language import telling
from floatip.model.messages import Said, say

if TYPE_CHECKING:
    from rich.status import Status

T = TypeVar("T")
WAITING = say("Waiting for {names} …", names="")
LATE = 1.0  # seconds that nobody minds
NAMED = 6  # servers that are named


@contextmanager
def asking(names: Iterable[str], what: Said = WAITING) -> Iterator[None]:
    """Say who is waited for while the block runs."""
    waiting = _Waiting(names, what)
    timer = Timer(LATE, waiting.begin)
    timer.daemon = True
    timer.start()
    try:
        with workers.reporting(waiting.answered):
            yield
    finally:
        timer.cancel()
        waiting.end()


def first(names: Iterable[str], seen: Iterable[T]) -> Iterator[T]:
    """The same for the first of many looks."""
    looks = iter(seen)
    with asking(names):
        look = next(looks, None)
    if look is not None:
        yield look
        yield from looks


class _Waiting:
    """`shown`: the line in the terminal, once it is there."""

    def __init__(self, names: Iterable[str], what: Said) -> None:
        self.left, self.what = list(names), what
        self.shown: Status | None = None
        self.over = False
        self.lock = Lock()

    def begin(self) -> None:
        with self.lock:
            if self.over or not self.left:
                return
            if not sys.stderr.isatty():
                click.echo(self.message(), err=True)
                return
            from rich.console import Console

            self.shown = Console(stderr=True).status(self.message())
            self.shown.start()

    def answered(self, name: str) -> None:
        with self.lock:
            if name in self.left:
                self.left.remove(name)
            if self.shown and self.left:
                self.shown.update(self.message())

    def end(self) -> None:
        with self.lock:
            self.over = True
            if self.shown:
                self.shown.stop()

    def message(self) -> str:
        more = len(self.left) - NAMED
        first = ", ".join(self.left[:NAMED])
        named = say("{names} and {count} more", names=first, count=more) if more > 0 else first
        return visible(telling.tell(say(self.what.template, names=named)))
