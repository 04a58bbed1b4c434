"""Asks servers how they are, again and again, over connections that stay open.

`python -m floatip.follow SECONDS [ROUNDS]` reads a JSON list of [name, host data] from standard input. Every SECONDS
it prints one line, a JSON object: name → {"lines": what `floatip.vitals` understands} or {"error": why not}. It ends
after ROUNDS, or when nobody reads any more. A process of its own, because pyinfra wants one.
"""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import json  # noqa: E402 - whatever opens sockets must be imported after the patch
import sys  # noqa: E402
import time  # noqa: E402
from typing import Any  # noqa: E402

import gevent  # noqa: E402
from pyinfra.api import Config, Host, Inventory, State  # noqa: E402
from pyinfra.api.exceptions import PyinfraError  # noqa: E402

from floatip import fields, vitals  # noqa: E402
from floatip.deploys import remote  # noqa: E402
from floatip.parse.nodes import CONNECTION  # noqa: E402

PATIENCE = 2.0  # seconds for the answer of one round
DEEPER = 4.0  # seconds after which the daemon itself is asked again, though nothing seems to have happened
LATE = {"error": f"timed out: no answer within {PATIENCE:.0f} seconds"}

Looks = dict[str, tuple[float, list[str]]]
"""Server → when the daemon itself was asked, and everything that was found out then."""


def main() -> None:
    """Ask until nobody wants to know."""
    every, rounds = float(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else sys.maxsize
    hosts = [
        (fields.node_name(name), {key: value for key, value in data.items() if key in CONNECTION})
        for name, data in json.load(sys.stdin)
    ]
    state = State(Inventory((hosts, {})), Config(CONNECT_TIMEOUT=int(PATIENCE)))
    looks: Looks = {}
    for number in range(rounds):
        begin = time.monotonic()
        print(json.dumps(_round(state, looks)), flush=True)
        if number + 1 < rounds:
            time.sleep(max(0.0, every - (time.monotonic() - begin)))


def _round(state: State, looks: Looks) -> dict[str, Any]:
    jobs = {host: gevent.spawn(_ask, state, host, looks) for host in state.inventory}
    gevent.joinall(list(jobs.values()), timeout=PATIENCE)
    found = {host.name: job.get() if job.ready() else LATE for host, job in jobs.items()}
    for host, job in jobs.items():
        if not job.ready():
            job.kill(block=False)
            host.connected = False  # the next round connects anew
    return found


def _ask(state: State, host: Host, looks: Looks) -> dict[str, Any]:
    try:
        if not host.connected:
            host.connect(raise_exceptions=True, show_errors=False)
            state.activate_host(host)
    except (PyinfraError, EOFError, OSError) as error:
        return {"error": str(error)}
    try:
        glance = _run(state, host, vitals.GLANCE)
        at, look = looks.get(host.name, (-DEEPER, []))
        if vitals.visible(glance) != vitals.visible(look) or time.monotonic() - at >= DEEPER:
            at, look = time.monotonic(), _run(state, host, vitals.LOOK)
            looks[host.name] = (at, look)
            return {"lines": look}
    except LookupError as error:
        host.connected = False
        return {"error": str(error.args[0])}
    return {"lines": vitals.deepened(glance, look)}


def _run(state: State, host: Host, script: str) -> list[str]:
    answer = remote.run(state, host, script, timeout=int(PATIENCE))
    if not answer.ok:
        raise LookupError(answer.stderr or "the check did not run (sudo may want a password)")
    return answer.stdout.splitlines()


if __name__ == "__main__":
    try:
        main()
    except (BrokenPipeError, KeyboardInterrupt):
        sys.stdout = None  # nobody reads the rest either
