"""Asks servers how they are, again and again, over connections that stay open.

`python -m floatip.hosts.monitor_worker` reads a JSON request from standard input: "servers" ([name, host data]),
"every" (seconds), "rounds" (null: without end) and "first" (seconds for the first round, in which connections are
made). Every so many seconds it prints one line, a JSON object: name → {"lines": what `floatip.hosts.daemon`
understands}, {"error": why there is no connection} or what `floatip.hosts.worker_answers.answer` makes of one that does
not tell. The name of each server that has answered for the first time is a line before that. It ends after the last
round, or when nobody reads any more. A process of its own, because pyinfra wants one.
"""

from __future__ import annotations

import floatip.hosts.patched  # noqa: F401 - whatever opens sockets is imported after it

# isort: split

import json
import sys
import time

import gevent
from gevent import Greenlet
from pyinfra.api import Config, Host, Inventory, State
from pyinfra.api.exceptions import PyinfraError

from floatip.hosts import daemon_script, worker_answers
from floatip.hosts.asking import asked
from floatip.hosts.ssh_errors import Untold, Why
from floatip.hosts.worker_answers import Answer, MonitorRequest
from floatip.model import fields
from floatip.model.parse.nodes import reaching

LATER = 2.0  # seconds for each of the others
DEEPER = 4.0  # seconds after which the daemon itself is asked again, though nothing seems to have happened


class Follower:
    """One server, asked one thing at a time. An answer that is late for its round is there for a later one."""

    def __init__(self, state: State, host: Host, patience: float) -> None:
        self.state, self.host, self.patience = state, host, patience
        self.job: Greenlet | None = None
        self._begun = 0.0
        self._announced = False
        self._looked = -DEEPER
        self._look: list[str] = []

    def begin(self) -> None:
        """Ask, unless that is being done; what takes longer than a connection may take is given up."""
        if self.job is not None and not self.job.dead and time.monotonic() - self._begun > self.patience:
            self.job.kill(block=False)
            self.host.connected = False
            self.job = None
        if self.job is None or self.job.dead:
            self._begun = time.monotonic()
            self.job = gevent.spawn(self._ask)

    def answer(self) -> Answer:
        """What it said, or how far it has got."""
        if self.job is not None and self.job.dead:
            found: Answer = self.job.get()
            return found
        seconds = f"{time.monotonic() - self._begun:.0f}"
        if self.host.connected:
            return worker_answers.answer(Untold(Why.SLOW, seconds=seconds))
        return worker_answers.answer(Untold(Why.NO_ANSWER))

    def _ask(self) -> Answer:
        found = self._answer()
        if not self._announced:
            self._announced = True
            print(json.dumps(self.host.name), flush=True)
        return found

    def _answer(self) -> Answer:
        try:
            if not self.host.connected:
                self.host.connect(raise_exceptions=True, show_errors=False)
                self.state.activate_host(self.host)
        except (PyinfraError, EOFError, OSError) as error:
            return {"error": str(error)}
        try:
            return {"lines": self._lines()}
        except Untold as untold:
            self.host.connected = False
            return worker_answers.answer(untold)

    def _lines(self) -> list[str]:
        if time.monotonic() - self._looked < DEEPER:
            glance = self._run(daemon_script.GLANCE)
            if daemon_script.visible(glance) == daemon_script.visible(self._look):
                return daemon_script.deepened(glance, self._look)
        self._looked, self._look = time.monotonic(), self._run(daemon_script.LOOK)
        return self._look

    def _run(self, script: str) -> list[str]:
        return asked(self.state, self.host, script, daemon_script.MARK, timeout=int(self.patience))


def main() -> None:
    """Ask until nobody wants to know."""
    request: MonitorRequest = json.load(sys.stdin)
    every, first, times = float(request["every"]), float(request["first"]), request["rounds"] or sys.maxsize
    hosts = [(fields.node_name(name), reaching(data)) for name, data in request["servers"]]
    state = State(Inventory((hosts, {})), Config(CONNECT_TIMEOUT=int(first)))
    followers = [Follower(state, host, first) for host in state.inventory]
    for number in range(times):
        begin = time.monotonic()
        print(json.dumps(_round(followers, LATER if number else first)), flush=True)
        if number + 1 < times:
            time.sleep(max(0.0, every - (time.monotonic() - begin)))


def _round(followers: list[Follower], patience: float) -> dict[str, Answer]:
    for follower in followers:
        follower.begin()
    gevent.joinall([follower.job for follower in followers if follower.job is not None], timeout=patience)
    return {follower.host.name: follower.answer() for follower in followers}


if __name__ == "__main__":
    try:
        main()
    except (BrokenPipeError, KeyboardInterrupt):
        sys.stdout = None  # nobody reads the rest either
