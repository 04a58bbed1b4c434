"""Follows servers, each at its own pace, over connections that stay open.

`python -m floatip.hosts.follow_worker` reads lines from standard input, each a JSON list of `Followed`:
which servers are to be asked from now on, and how often. Each time that one has answered, or is late, it prints one
line: {name: answer}, as `floatip.hosts.monitor_worker` has it. It ends when nobody speaks to it any more.
"""

from __future__ import annotations

import floatip.hosts.patched  # noqa: F401 - whatever opens sockets is imported after it

# isort: split

import json
import sys
import time
from collections.abc import Mapping
from typing import Any

import gevent
from gevent import Greenlet
from gevent.event import Event
from gevent.fileobject import FileObjectPosix
from pyinfra.api import Config, Inventory, State

from floatip.hosts import workers
from floatip.hosts.connection import transport
from floatip.hosts.monitor_worker import LATER, Follower
from floatip.hosts.worker_answers import Answer, Followed
from floatip.model import fields
from floatip.model.parse.nodes import reaching

FIRST = 5.0  # seconds for a connection, at least


class Follows:
    """One server, in a run of its own: who comes and goes does not disturb the others."""

    def __init__(self, name: str, data: Mapping[str, Any], every: float, patience: float) -> None:
        self.name, self.data, self.every = name, data, every
        inventory = Inventory(([(fields.node_name(name), reaching(dict(data)))], {}))
        state = State(inventory, Config(CONNECT_TIMEOUT=int(patience)))
        (host,) = inventory
        self._follower = Follower(state, host, patience)
        self._patience = patience
        self._sooner = Event()
        self._job: Greenlet = gevent.spawn(self._follow)

    def hurry(self, every: float) -> None:
        """From now on at another pace."""
        self.every, before = every, self.every
        if every < before:
            self._sooner.set()

    def leave(self) -> None:
        """Ask it no more."""
        self._job.kill(block=False)
        if self._follower.job is not None:
            self._follower.job.kill(block=False)
        if there := transport(self._follower.host):
            there.close()

    def _follow(self) -> None:
        patience = self._patience  # for the first, which needs a connection
        while True:
            begun = time.monotonic()
            self._follower.begin()
            gevent.joinall([self._follower.job], timeout=patience)
            _tell(self.name, self._follower.answer())
            patience = LATER
            self._sooner.clear()
            while (left := begun + self.every - time.monotonic()) > 0:
                self._sooner.wait(left)
                self._sooner.clear()


def main() -> None:
    """Follow whoever is wanted, until nobody says so any more."""
    followed: dict[str, Follows] = {}
    for line in FileObjectPosix(sys.stdin.fileno(), "rb", close=False):
        wanted: list[Followed] = json.loads(line)
        data = {server["name"]: server["data"] for server in wanted}
        for name in [*followed]:
            if followed[name].data != data.get(name):
                followed.pop(name).leave()
        patience = max(FIRST, workers.MORE * len(wanted))
        for server in wanted:
            name, every = server["name"], float(server["every"])
            if name in followed:
                followed[name].hurry(every)
            else:
                followed[name] = Follows(name, server["data"], every, patience)


def _tell(name: str, answer: Answer) -> None:
    print(json.dumps({name: answer}), flush=True)


if __name__ == "__main__":
    try:
        main()
    except (BrokenPipeError, KeyboardInterrupt):
        sys.stdout = None  # nobody reads the rest either
