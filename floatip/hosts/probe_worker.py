"""Looks at servers without changing them, through the connection that a deploy would use.

`python -m floatip.hosts.probe_worker` reads a JSON request from standard input: "servers" ([name, host data]) and
"seconds"; with "tell" it prints the name of each server that has answered, a line each. It asks all of them at the same
time, and prints one JSON object: name → {"lines": what `floatip.hosts.host_state` understands} or {"error": why not},
with the "key" that it showed where that one is in no known_hosts. A third member of a server, {"listen": [interface,
…], "ask": [[interface, address], …]}, asks the network instead: the lines are then what `floatip.hosts.network_scan`
understands. With "doctor": true among these, all is asked, and the answer has "daemon", "aside" and "network" besides
"lines". Of a server that lets us in and does not tell, the answer is what `floatip.hosts.ssh_errors.answer` makes. What
several scripts ask is asked at the same time. Whoever has not answered after so many seconds is given up. A process of
its own, because pyinfra wants one.
"""

from __future__ import annotations

import floatip.hosts.patched  # noqa: F401 - whatever opens sockets is imported after it

# isort: split

import json
import re
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial

import gevent
from pyinfra.api import Config, Host, Inventory, State
from pyinfra.api.exceptions import PyinfraError

from floatip.hosts import (
    asking,
    daemon_script,
    host_script,
    network_script,
    probe,
    programs,
    surroundings,
    worker_answers,
)
from floatip.hosts.ssh_errors import Untold, Why
from floatip.hosts.worker_answers import Answer, HostKey, Network, Part, ProbeRequest
from floatip.model import fields
from floatip.model.parse.nodes import reaching
from floatip.model.settings.scripts import Runs

CONNECT_TIMEOUT = 8  # seconds
Scripts = Mapping[Part, tuple[str, str]]


def main() -> None:
    """Ask every server of the request."""
    asked: ProbeRequest = json.load(sys.stdin)
    patience = float(asked["seconds"])
    request = {fields.node_name(name): (reaching(data), _scripts(*more)) for name, data, *more in asked["servers"]}
    hosts = [(name, data) for name, (data, _) in request.items()]
    state = State(Inventory((hosts, {})), Config(CONNECT_TIMEOUT=CONNECT_TIMEOUT))
    tell = partial(print, flush=True) if asked.get("tell") else _nothing
    jobs = {host: gevent.spawn(_look, state, host, request[host.name][1], tell) for host in state.inventory}
    gevent.joinall(list(jobs.values()), timeout=patience)
    answers = {host.name: job.get() if job.ready() else _late(host, patience) for host, job in jobs.items()}
    json.dump(answers, sys.stdout)


def _late(host: Host, patience: float) -> Answer:
    if host.connected:
        return worker_answers.answer(Untold(Why.SLOW, seconds=f"{patience:.0f}"))
    return worker_answers.answer(Untold(Why.NO_ANSWER))


def _scripts(network: Network | None = None) -> dict[Part, tuple[str, str]]:
    """Key of the answer → the script that it comes from, and the script's mark."""
    lines = (host_script.SCRIPT, host_script.MARK)
    if network is None:
        return {"lines": lines}
    ask = [(name, address) for name, address in network.get("ask", [])]
    if network.get("doctor"):
        found: dict[Part, tuple[str, str]] = {
            "lines": lines,
            "network": (network_script.script(network.get("listen", []), [], probe.LISTENS), network_script.MARK),
            "aside": (
                surroundings.script(ask, routes=bool(network.get("routes")), mail=network.get("mail", [])),
                surroundings.MARK,
            ),
            "daemon": (daemon_script.LOOK, daemon_script.MARK),
        }
        wanted = [Runs(*program) for program in network.get("programs", [])]
        return {**found, "programs": (programs.script(wanted), programs.MARK)} if wanted else found
    return {"lines": (network_script.script(network.get("listen", []), ask), network_script.MARK)}


def _nothing(line: str) -> None:
    """Where nobody wants to know who has answered."""


def _look(state: State, host: Host, scripts: Scripts, tell: Callable[[str], object]) -> Answer:
    found = _answer(state, host, scripts)
    tell(json.dumps(host.name))
    return found


def _answer(state: State, host: Host, scripts: Scripts) -> Answer:
    try:
        host.connect(raise_exceptions=True, show_errors=False)
        state.activate_host(host)
    except (PyinfraError, EOFError, OSError) as error:
        text = str(error)
        return _refused(host, text)
    jobs = {key: gevent.spawn(_ask, state, host, *script) for key, script in scripts.items()}
    gevent.joinall(list(jobs.values()))
    answers = [job.get() for job in jobs.values()]
    first = answers[0]
    untold = next((answer for answer in answers if isinstance(answer, Untold)), None)
    if untold:
        return worker_answers.answer(untold)
    found: Answer = {"at": first[1]}
    for key, job in zip(jobs, answers, strict=True):
        found[key] = job[0]
    return found


def _ask(state: State, host: Host, script: str, mark: str) -> tuple[list[str], float] | Untold:
    """What the script printed, and when; `at` is compared with the clock that it read."""
    try:
        return asking.asked(state, host, script, mark), time.time()
    except Untold as untold:
        return untold


def _refused(host: Host, error: str) -> Answer:
    """With the key of the very connection that was refused for it: no second one could be another server's."""
    unknown = re.search(r"No host key for (\S+) found", error)
    client = getattr(host.connector, "client", None)  # only the SSH connector has one
    transport = client.get_transport() if unknown and client else None
    if unknown is None or transport is None:
        return {"error": error}
    key = transport.get_remote_server_key()
    file = host.data.get("ssh_known_hosts_file") or "~/.ssh/known_hosts"
    shown: HostKey = {"host": unknown[1], "type": key.get_name(), "base64": key.get_base64(), "file": file}
    return {"error": error, "key": shown}


if __name__ == "__main__":
    main()
