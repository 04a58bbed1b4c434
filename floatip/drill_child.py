"""A drill under way: `python -m floatip.drill_child` reads one JSON request and prints one JSON object.

Request: "hosts" and "client" ([name, host data]; client null: this computer looks), "target", "watch" (server →
script), "observe", "fault", "undo" (scripts), "before" and "hold" (seconds before the fault, and until it is undone).
Answer: "watched" (server → lines, or null where it did not answer to the end), "observed", "offsets" (server → seconds
by which its clock is ahead), "fault_at", "undo_at" (seconds since the epoch), "error". A process of its own, because
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

from floatip.deploys import remote  # noqa: E402
from floatip.drill.script import clock  # noqa: E402
from floatip.parse.nodes import CONNECTION  # noqa: E402

CONNECT_TIMEOUT = 8  # seconds
LONGEST = 600  # seconds


def main() -> None:
    """Do it, and tell."""
    request = json.load(sys.stdin)
    named = [*request["hosts"], *([request["client"]] if request["client"] else [])]
    hosts = [(name, {key: value for key, value in data.items() if key in CONNECTION}) for name, data in named]
    state = State(Inventory((hosts, {})), Config(CONNECT_TIMEOUT=CONNECT_TIMEOUT))
    by_name = {host.name: host for host in state.inventory}
    try:
        for host in by_name.values():
            host.connect(raise_exceptions=True, show_errors=False)
            state.activate_host(host)
    except (PyinfraError, OSError, EOFError) as error:
        json.dump({"error": f"{host.name}: {error}"}, sys.stdout)
        return
    json.dump(_drill(state, by_name, request), sys.stdout)


def _drill(state: State, hosts: dict[str, Host], request: dict[str, Any]) -> dict[str, Any]:
    offsets = {name: _offset(state, host) for name, host in hosts.items()}
    jobs = {name: gevent.spawn(_lines, state, hosts[name], script) for name, script in request["watch"].items()}
    client = hosts.get(request["client"][0]) if request["client"] else None
    observer = gevent.spawn(_lines, state, client, request["observe"])
    gevent.sleep(request["before"])
    target = hosts[request["target"]]
    # Its own connection is busy watching, or about to break: what is done to it goes over another.
    fresh = target.connector_cls(state, target)
    fresh.connect()
    fault_at = time.time()
    done = remote.run(state, target, request["fault"], timeout=20, over=fresh)
    gevent.sleep(max(0.0, request["hold"] - (time.time() - fault_at)))
    undo_at = time.time()
    undone = gevent.spawn(_undo, state, target, request["undo"])
    gevent.joinall([observer, *jobs.values()], timeout=LONGEST)
    undone.join(timeout=20)
    found = {name: job.get() if job.ready() else None for name, job in jobs.items()}
    error = "" if done.ok or request["breaks"] else done.stderr or "the fault could not be caused"
    return {
        "watched": found,
        "observed": observer.get() if observer.ready() else None,
        "offsets": offsets,
        "fault_at": fault_at,
        "undo_at": undo_at,
        "error": error,
    }


def _undo(state: State, target: Host, script: str) -> None:
    for _ in range(10):  # where it cannot be reached, the timer on the server itself does it
        try:
            fresh = target.connector_cls(state, target)
            fresh.connect()
        except (PyinfraError, OSError, EOFError):
            gevent.sleep(1)
            continue
        if remote.run(state, target, script, timeout=10, over=fresh).ok:
            return


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
