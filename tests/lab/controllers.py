"""Computers that a cluster is looked after from: each has a state directory and a network of its own, whose loopback
leads to the same lab."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Coroutine, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Self

from floatip.runs import detached
from lab import wait_until
from lab.init import forward
from lab.names import spec
from lab.namespace import enter_network, listeners
from lab.paths import ROOT
from lab.shell import run
from tests import preloaded
from tests.lab.ran import Ran

Process = subprocess.Popen[str]


class Controller:
    """A computer in this very network; `run` and `start` take a module and its arguments. As a context, what it still
    runs ends with it."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self._started: list[Running] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._started:
            if process.child.poll() is None:
                process.kill()

    def start(self, *words: str | Path) -> Running:
        """Start a program of floatip here."""
        place = self.state / str(len(self._started) + 1)
        place.mkdir(parents=True)
        environment = {**os.environ, "XDG_STATE_HOME": str(self.state), detached.RUN: str(place)}
        run = Running([*self.inside(), preloaded.python(), "-m", *map(str, words)], environment, place)
        self._started.append(run)
        return run

    def run(self, *words: str | Path) -> Ran:
        """The same, until it has ended."""
        return self.start(*words).end()

    def inside(self) -> list[str]:
        """What to put before a command."""
        return []


class Elsewhere(Controller):
    """One in another network."""

    def __init__(self, state: Path, servers: Iterable[str] = ("d1", "d2")) -> None:
        super().__init__(state)
        self.ports = [spec(name).port for name in servers]
        self._accepting: list[asyncio.StreamWriter] = []

    def __enter__(self) -> Self:
        self._home = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        self._network = Path(f"/proc/{self._home.pid}/ns/net")
        here = Path("/proc/self/ns/net").stat().st_ino
        wait_until("it has a network", lambda: self._network.stat().st_ino != here)
        run([*self.inside(), "ip", "link", "set", "lo", "up"])
        with ThreadPoolExecutor(1) as there:  # a thread of its own, which stays in that network until it ends
            sockets = there.submit(self._listen).result()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, args=(sockets,))
        self._thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        super().__exit__(*raised)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._home.kill()
        self._home.wait()

    def inside(self) -> list[str]:
        """What to put before a command."""
        return ["nsenter", f"--net={self._network}"]

    def cut(self) -> None:
        """Nothing goes out or comes in any more, and nobody is told."""
        run([*self.inside(), "ip", "link", "set", "lo", "down"])

    def _listen(self) -> list[socket.socket]:
        enter_network(self._network)
        return listeners(self.ports)

    def _accepted(
        self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> Coroutine[Any, Any, None]:
        self._accepting.append(writer)
        return forward("127.0.0.1", port, reader, writer)

    def _serve(self, sockets: list[socket.socket]) -> None:
        asyncio.set_event_loop(self._loop)
        for port, listener in zip(self.ports, sockets, strict=True):
            self._loop.run_until_complete(asyncio.start_server(partial(self._accepted, port), sock=listener))
        self._loop.run_forever()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        for writer in self._accepting:  # also those whose task was ended before it began
            writer.transport.abort()
        self._loop.run_until_complete(asyncio.sleep(0))
        for listener in sockets:
            listener.close()
        self._loop.close()


class Running:
    """A program under way, with everything that it has started."""

    def __init__(self, words: list[str], environment: dict[str, str], place: Path) -> None:
        self.place = place
        with (place / "out").open("w") as out, (place / "err").open("w") as err:
            self.child: Process = subprocess.Popen(
                words, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err, text=True
            )

    def pause(self) -> None:
        """Stop it where it is: it cannot notice. The oldest first, and each at once: it does a step in less time than
        all of them are looked for on a busy machine."""
        send(signal.SIGSTOP, family(self.child.pid))

    def go_on(self) -> None:
        """Let it go on."""
        send(signal.SIGCONT, family(self.child.pid))

    def kill(self) -> None:
        """End it at once."""
        send(signal.SIGKILL, list(family(self.child.pid)))  # who has lost its parent is not found below it
        self.child.wait()

    def end(self, timeout: float = 180) -> Ran:
        """What came of it, once it has ended."""
        self.child.wait(timeout)
        out, err = ((self.place / name).read_text() for name in ("out", "err"))
        return Ran(subprocess.CompletedProcess(self.child.args, self.child.returncode, out, err), self.place)


def send(what: signal.Signals, pids: Iterable[int]) -> None:
    """Signal them all, but for what has ended meanwhile: some children live for milliseconds."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, what)


def family(pid: int) -> Iterator[int]:
    """A process and all that descend from it, the oldest first, as they are found."""
    yield pid
    if program := preloaded.program(pid):
        yield from family(program)
    done = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    for child in map(int, done.stdout.split()):
        yield from family(child)
