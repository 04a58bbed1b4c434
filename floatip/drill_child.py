"""A drill under way: `python -m floatip.drill_child` reads one JSON request and prints one JSON object.

Request: "cluster", "servers" and "client" ([name, host data]; client null: this computer looks), "target", "watch"
(server → script), "observe", "fault", "undo", "log" (scripts; the last is for each watched server, afterwards),
"before", "hold" and "seconds" (before the fault, until it is undone, in all), "breaks" (the fault ends connections).
Answer: "watched", "logs" (server → lines, or null where it did not answer), "observed", "offsets" (server → seconds by
which its clock is ahead), "fault_at", "undo_at" (seconds since the epoch), "error". A process of its own, because
pyinfra wants one.
"""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import json  # noqa: E402 - whatever opens sockets must be imported after the patch
import subprocess  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from typing import Any  # noqa: E402

import gevent  # noqa: E402
from pyinfra.api import Config, Host, Inventory, State  # noqa: E402
from pyinfra.api.exceptions import PyinfraError  # noqa: E402
from pyinfra.connectors.base import BaseConnector  # noqa: E402

from floatip import local  # noqa: E402
from floatip.cluster import Cluster, Node  # noqa: E402
from floatip.deploys import remote  # noqa: E402
from floatip.drill.script import clock  # noqa: E402
from floatip.parse.nodes import CONNECTION  # noqa: E402

CONNECT_TIMEOUT = 8  # seconds
LONGEST = 600  # seconds
NO_CONNECTION = remote.Answer(False, "", "the server cannot be reached any more")


def main() -> None:
    """Do it, and tell."""
    request = json.load(sys.stdin)
    servers = request["servers"]
    named = [*servers, *([request["client"]] if request["client"] else [])]
    hosts = [(name, {key: value for key, value in data.items() if key in CONNECTION}) for name, data in named]
    state = State(Inventory((hosts, {})), Config(CONNECT_TIMEOUT=CONNECT_TIMEOUT))
    by_name = {host.name: host for host in state.inventory}
    try:
        local.hold(Cluster(request["cluster"], tuple(Node(name, tuple(data.items())) for name, data in servers), ()))
        for host in by_name.values():
            host.connect(raise_exceptions=True, show_errors=False)
            state.activate_host(host)
    except local.Busy as busy:
        json.dump({"error": str(busy)}, sys.stdout)
        return
    except (PyinfraError, OSError, EOFError) as error:
        json.dump({"error": str(error)}, sys.stdout)
        return
    json.dump(_drill(state, by_name, request), sys.stdout)


def _drill(state: State, hosts: dict[str, Host], request: dict[str, Any]) -> dict[str, Any]:
    offsets = {name: _offset(state, host) for name, host in hosts.items()}
    until = time.monotonic() + request["seconds"]
    jobs = {name: gevent.spawn(_watch, state, hosts[name], script, until) for name, script in request["watch"].items()}
    client = hosts.get(request["client"][0]) if request["client"] else None
    observer = gevent.spawn(_lines, state, client, request["observe"])
    gevent.sleep(request["before"])
    target = hosts[request["target"]]
    fresh = _connected(state, target)
    fault_at = time.time()
    done = remote.run(state, target, request["fault"], timeout=20, over=fresh) if fresh else NO_CONNECTION
    gevent.sleep(max(0.0, request["hold"] - (time.time() - fault_at)))
    undo_at = time.time()
    undone = gevent.spawn(_undo, state, target, request["undo"])
    gevent.joinall([observer, *jobs.values()], timeout=LONGEST)
    undone.join(timeout=20)
    found = {name: job.get() if job.ready() else None for name, job in jobs.items()}
    error = "" if done.ok or request["breaks"] else done.stderr or "the fault could not be caused"
    return {
        "watched": found,
        "logs": {name: _told(state, hosts[name], request["log"]) for name in jobs},
        "observed": observer.get() if observer.ready() else None,
        "offsets": offsets,
        "fault_at": fault_at,
        "undo_at": undo_at,
        "error": error,
    }


def _undo(state: State, target: Host, script: str) -> None:
    for _ in range(10):  # where it cannot be reached, the timer on the server itself does it
        fresh = _connected(state, target)
        if fresh and remote.run(state, target, script, timeout=10, over=fresh).ok:
            return
        gevent.sleep(1)


def _watch(state: State, host: Host, script: str, until: float) -> list[str] | None:
    """Until then, over as many connections as that takes: a server may be rebooted meanwhile."""
    found: list[str] = []
    over: BaseConnector | None = host.connector
    while (left := int(until - time.monotonic())) > 0:
        if over:
            answer = remote.run(state, host, f"LEFT={left}\n{script}", timeout=LONGEST, over=over)
            found += answer.stdout.splitlines()
        gevent.sleep(0.5)
        over = _connected(state, host)
    return found or None


def _told(state: State, host: Host, script: str) -> list[str] | None:
    over = _connected(state, host)
    answer = remote.run(state, host, script, timeout=20, over=over) if over else None
    return answer.stdout.splitlines() if answer and answer.ok else None


def _connected(state: State, host: Host) -> BaseConnector | None:
    """Another connection than the one that is busy, or broken."""
    try:
        fresh: BaseConnector = host.connector_cls(state, host)
        fresh.connect()
    except (PyinfraError, OSError, EOFError):
        return None
    return fresh


def _lines(state: State, host: Host | None, script: str) -> list[str] | None:
    if host is None:
        done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=LONGEST, check=False)
        return done.stdout.splitlines()
    answer = remote.run(state, host, script, timeout=LONGEST)
    return answer.stdout.splitlines() if answer.stdout else None


def _offset(state: State, host: Host) -> float:
    begin = time.time()
    answer = remote.run(state, host, clock(), timeout=10)
    try:
        return float(answer.stdout) - (begin + time.time()) / 2
    except ValueError:
        return 0.0


if __name__ == "__main__":
    main()
