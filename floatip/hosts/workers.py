"""Our own programs as child processes: they read one JSON request and print JSON, a document a line."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import IO, Any, NamedTuple

from floatip.model.messages import Said, say
from floatip.model.paths import ROOT

MONITOR, PROBE = "floatip.hosts.monitor_worker", "floatip.hosts.probe_worker"
"""Look again and again, or once."""
FOLLOW = "floatip.hosts.follow_worker"
"""Look again and again at whoever is wanted meanwhile."""
MORE = 0.2  # seconds that they take for each server, since this computer exchanges all keys by itself


class Failed(Exception):
    """It ended with an error. `message`: the last line that it printed about it, or what was wrong."""

    def __init__(self, message: Said) -> None:
        self.message = message
        super().__init__(message)


class Child(NamedTuple):
    """One that runs. `stderr_file`: its standard error."""

    process: subprocess.Popen[str]
    stderr_file: IO[str]


_heard: ContextVar[tuple[Callable[[str], object], ...]] = ContextVar("_heard", default=())
"""Who is told at once which server has answered: in each thread somebody else."""
_begun: dict[str, Child] = {}
"""Those that were not asked yet."""


def begin(module: str) -> None:
    """Start one that `documents` will soon ask: it has its imports behind it by then, which take as long as ours."""
    if module not in _begun:
        _begun[module] = _started([module])


def dismiss() -> None:
    """End those that were not asked for anything after all."""
    while _begun:
        _, child = _begun.popitem()
        with child.process, child.stderr_file:
            child.process.kill()


@contextmanager
def reporting(tell: Callable[[str], object]) -> Iterator[None]:
    """Have somebody told of each server that has answered, while the block runs."""
    before = _heard.set((*_heard.get(), tell))
    try:
        yield
    finally:
        _heard.reset(before)


def documents(arguments: Sequence[str], request: Any, patience: float | None = None) -> Iterator[Any]:
    """What `python -m WORDS` says, document by document; closing the iterator ends it. Failed where it ends with an
    error, says something else than JSON, or takes longer than `patience` seconds. A mere name is a server that has
    answered."""
    begun = _begun.pop(arguments[0], None) if len(arguments) == 1 else None
    child, stderr_file = begun or _started(arguments)
    with stderr_file, child, _hurried(child, patience):
        try:
            with suppress(BrokenPipeError):  # one that ends without having read it says why, or has said all
                if child.stdin:
                    child.stdin.write(json.dumps(request))
                    child.stdin.close()
            for line in child.stdout or ():
                said = _document(line)
                if not isinstance(said, str):
                    yield said
                for tell in _heard.get() if isinstance(said, str) else ():
                    tell(said)
            if child.wait():
                stderr_file.seek(0)
                last = next(reversed(stderr_file.read().splitlines()), None)
                raise Failed(say("it took too long") if last is None else Said(last))
        finally:
            child.terminate()


class Talk:
    """`python -m WORDS`, which is spoken to again and again: a document a line, either way."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._child = _started(arguments)

    def say(self, document: Any) -> None:
        """One more request. OSError where it does not listen any more."""
        if self._child.process.stdin:
            self._child.process.stdin.write(json.dumps(document) + "\n")
            self._child.process.stdin.flush()

    def answers(self) -> Iterator[Any]:
        """What it says, until it ends."""
        for line in self._child.process.stdout or ():
            yield _document(line)

    def stop(self) -> None:
        """Have it end: whoever listens hears no more."""
        self._child.process.terminate()

    def end(self) -> None:
        """End it, once nobody listens any more."""
        process, stderr_file = self._child
        process.terminate()
        with suppress(OSError), stderr_file, process:  # what it was not told yet is lost
            pass


def _started(arguments: Sequence[str]) -> Child:
    stderr_file = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115 - it is closed with the child
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr_file,
        text=True,
        start_new_session=True,  # away from the terminal: nobody there shall be asked for a password
    )
    return Child(process, stderr_file)


def _document(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        raise Failed(say("its answer cannot be understood")) from None


@contextmanager
def _hurried(child: subprocess.Popen[str], patience: float | None) -> Iterator[None]:
    late = threading.Timer(patience or 0, child.kill)
    if patience is not None:
        late.start()
    try:
        yield
    finally:
        late.cancel()
