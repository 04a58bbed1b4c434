"""A drill under way: `python -m floatip.operate.drill.worker` reads a JSON request and prints JSON, an object a line.

The request, the notes, and the answer, which comes last, are those of `floatip.operate.drill.messages`. A process
of its own, because pyinfra wants one.
"""

from __future__ import annotations

import floatip.hosts.patched  # noqa: F401 - whatever opens sockets is imported after it

# isort: split

import json
import subprocess
import sys
import time

import gevent
from pyinfra.api import Config, Host, Inventory, State
from pyinfra.api.exceptions import PyinfraError
from pyinfra.connectors.base import BaseConnector

from floatip.hosts import connection
from floatip.hosts.host_script import BOOT
from floatip.hosts.ssh_errors import in_words, plain
from floatip.model.messages import NO_MESSAGE, Said, dumped, say
from floatip.model.parse.nodes import reaching
from floatip.operate.drill import script
from floatip.operate.drill.messages import Answer, Note, Request

CONNECT_TIMEOUT = 8  # seconds
LONGEST = 600  # seconds
LAG = 0.2  # seconds until an answer is sure to be written down
BACK = 300.0  # seconds in which a server must be reachable again


def main() -> None:
    """Do it, and tell."""
    request: Request = json.load(sys.stdin)
    servers = request["servers"]
    named = [*servers, *([request["client"]] if request["client"] else [])]
    hosts = [(name, reaching(data)) for name, data in named]
    state = State(Inventory((hosts, {})), Config(CONNECT_TIMEOUT=CONNECT_TIMEOUT))
    by_name = {host.name: host for host in state.inventory}
    try:
        for host in by_name.values():
            host.connect(raise_exceptions=True, show_errors=False)
            state.activate_host(host)
    except (PyinfraError, OSError, EOFError) as error:
        _tell({"error": dumped(in_words(str(error), host.data.dict()))})
        return
    _tell(_drill(state, by_name, request))


def _tell(document: Note | Answer) -> None:
    print(json.dumps(document), flush=True)


def _enter(phase: str) -> None:
    _tell({"at": time.time(), "phase": phase})


def _drill(state: State, hosts: dict[str, Host], request: Request) -> Answer:
    observes = request["client"][0] if request["client"] else ""
    client = hosts.get(observes)
    target = hosts[request["target"]]
    watching = {name: hosts[name] for name in request["watch"]}
    refused = _prepare(state, client, watching, request)
    if refused:
        return {"error": dumped(refused)}
    offsets = {name: _offset(state, host) for name, host in hosts.items()}
    observer = gevent.spawn(_lines, state, client, request["observe"])
    peeking = gevent.spawn(_peek, state, client, request["token"], offsets.get(observes, 0.0))
    _enter("watching")
    gevent.sleep(request["before"])
    boot = _output(state, target, BOOT) if request["breaks"] else None
    fault_at = time.time()
    _enter("fault")
    done = connection.step(state, target, request["lease"], request["fault"], timeout=20)
    if done.lost:  # nothing was done that somebody could see
        request = {**request, "hold": 0, "settle": 0}
    gevent.sleep(max(0.0, request["hold"] - (time.time() - fault_at)))
    undo_at = _undo(state, target, request, boot)
    _enter("undone")
    gevent.sleep(request["settle"])
    peeking.kill()
    _run(state, client, script.enough(request["token"]), over=_connected(state, client) if client else None)
    observer.join(timeout=LONGEST)
    error = NO_MESSAGE if done.ok or (request["breaks"] and not done.lost) else _said(done) or say("it had no effect")
    return {
        "watched": {name: _output(state, host, script.watched(), request["lease"]) for name, host in watching.items()},
        "logs": {name: _output(state, host, request["log"]) for name, host in watching.items()},
        "observed": observer.get() if observer.ready() else None,
        "offsets": offsets,
        "fault_at": fault_at,
        "undo_at": undo_at,
        "error": dumped(error),
    }


def _prepare(state: State, client: Host | None, watching: dict[str, Host], request: Request) -> Said:
    """Have the servers watch; why nothing may be done, where that fails or nobody would see what comes of it."""
    if not _run(state, client, request["reach"]).ok:
        if client:
            return say("The address does not answer the client.")
        return say(
            "The address does not answer this computer. In the inventory, set 'client' to a machine that it answers."
        )
    for name, host in watching.items():
        watch = f"{script.forget()}\n{request['watch'][name]}"
        answer = connection.step(state, host, request["lease"], watch, timeout=20)
        if not answer.ok:
            return say("{name} cannot measure: {said}", name=name, said=_said(answer))
    return NO_MESSAGE


def _said(answer: connection.Answer) -> Said:
    return answer.stderr if isinstance(answer.stderr, Said) else Said(plain(answer.stderr))


def _undo(state: State, target: Host, request: Request, boot: list[str] | None) -> float:
    """Undo it, and have the server watch on where it was rebooted; when that was, in seconds since the epoch.

    `boot`: what the server's present boot is known by, where it must become another one first.
    """
    until = time.monotonic() + BACK
    while time.monotonic() < until:  # where it cannot be reached, the timer on the server itself undoes it
        fresh, at = _connected(state, target), time.time()
        if (
            fresh
            and boot
            and connection.run(state, target, BOOT, timeout=10, over=fresh).stdout.splitlines() in ([], boot)
        ):
            fresh = None  # it has not gone down yet
        done = (
            connection.step(state, target, request["lease"], request["undo"], timeout=10, over=fresh) if fresh else None
        )
        if done and done.ok and request["breaks"]:
            connection.step(state, target, request["lease"], request["watch"][target.name], timeout=10, over=fresh)
        # A reboot has ended the lease, too, which is taken again. Whoever else has it is the one to change something.
        if done and (done.ok or done.other or (done.lost and not request["breaks"])):
            return at
        gevent.sleep(1)
    return time.time()


def _peek(state: State, client: Host | None, token: str, ahead: float) -> None:
    """Tell what the observer hears, second by second, for as long as it can be asked."""
    over = _connected(state, client) if client else None
    known = 0
    while over or not client:
        gevent.sleep(1)
        asked = time.time()
        answer = _run(state, client, script.so_far(token, known), over=over)
        lines = answer.stdout.splitlines()[:-1]  # the last may be half a line
        known += len(lines)
        if answer.ok:
            _tell({"at": asked - LAG, "answers": [round(at - ahead, 3) for at in script.replies(lines)]})


def _output(state: State, host: Host, text: str, lease: str = "") -> list[str] | None:
    """What a script says; one that needs a lease changes something, too."""
    over = _connected(state, host)
    if over is None:
        return None
    if lease:
        answer = connection.step(state, host, lease, text, timeout=20, over=over)
    else:
        answer = connection.run(state, host, text, timeout=20, over=over)
    return answer.stdout.splitlines() if answer.ok else None


def _connected(state: State, host: Host) -> BaseConnector | None:
    """Another connection than the one that may be broken."""
    try:
        fresh: BaseConnector = host.connector_cls(state, host)
        fresh.connect()
    except (PyinfraError, OSError, EOFError):
        return None
    return fresh


def _lines(state: State, host: Host | None, text: str) -> list[str] | None:
    return _run(state, host, text).stdout.splitlines() or None


def _run(state: State, host: Host | None, text: str, *, over: BaseConnector | None = None) -> connection.Answer:
    """On a host, or on this computer."""
    if host:
        return connection.run(state, host, text, timeout=LONGEST, over=over)
    done = subprocess.run(["sh", "-c", text], capture_output=True, text=True, timeout=LONGEST, check=False)
    return connection.Answer(done.returncode == 0, done.stdout, done.stderr)


def _offset(state: State, host: Host) -> float:
    begin = time.time()
    answer = connection.run(state, host, script.clock(), timeout=10)
    try:
        return script.seconds(answer.stdout.strip()) - (begin + time.time()) / 2
    except ValueError:
        return 0.0


if __name__ == "__main__":
    main()
