"""Holds the leases of a command's servers while that command runs: `python -m floatip.runs.lock.keeper`.

It reads one JSON request, and answers with one message: both are those of `floatip.runs.lock.messages`. Then it renews
the leases, of rebooted servers too, until it gets SIGTERM or its parent is gone, and gives them back. A process of its
own, because pyinfra wants one.
"""

from __future__ import annotations

import floatip.hosts.patched  # noqa: F401 - whatever opens sockets is imported after it

# isort: split

import json
import os
import secrets
import signal
import sys
from collections.abc import Mapping

import gevent
from gevent.event import Event
from pyinfra.api import Config, Host, Inventory, State
from pyinfra.api.exceptions import PyinfraError

from floatip.hosts import connection
from floatip.hosts.ssh_errors import in_words
from floatip.model import fields
from floatip.model.parse.nodes import reaching
from floatip.runs.lock import messages
from floatip.runs.lock.holder import QUICK, Holder, NotTaken
from floatip.runs.lock.messages import Broken, HoldRequest, Refused, Taken
from floatip.server_side.lease import scripts
from floatip.server_side.lease.model import What
from floatip.server_side.lease.scripts import Found

CONNECT_TIMEOUT = 8  # seconds


def main() -> None:
    """Do what the request says."""
    request: messages.Request = json.load(sys.stdin)
    servers = [(fields.node_name(name), reaching(data)) for name, data in request["servers"]]
    state = State(Inventory((servers, {})), Config(CONNECT_TIMEOUT=CONNECT_TIMEOUT))
    hosts = {host.name: host for host in state.inventory}
    if "ends" in request:
        _tell(Broken({name: _broken(state, hosts[name], run) for name, run in request["ends"].items()}))
    else:
        _hold(state, hosts, request)


def _tell(message: messages.Message) -> None:
    print(json.dumps(messages.as_json(message)), flush=True)


def _hold(state: State, hosts: Mapping[str, Host], request: HoldRequest) -> None:
    enough = Event()
    gevent.signal_handler(signal.SIGTERM, enough.set)
    holder = Holder(state, hosts, secrets.token_hex(16), What(request["what"]), lasting=True)
    try:
        for host in hosts.values():
            _connect(state, host)
        holder.take()
    except (PyinfraError, OSError, EOFError) as error:
        _tell(Refused(in_words(str(error), host.data.dict()), host.name))
        return
    except NotTaken as failed:
        _tell(Refused(failed.message, failed.node, failed.busy))
        return
    _tell(Taken(holder.run))
    while not enough.wait(timeout=1) and os.getppid() == request["parent"]:
        pass
    holder.give_back()


def _broken(state: State, host: Host, run: str) -> Found | None:
    """How the lease was found; None where that is not known."""
    try:
        _connect(state, host)
    except (PyinfraError, OSError, EOFError):
        return None
    answer = connection.run(state, host, scripts.give_back(run), timeout=QUICK + scripts.PATIENCE)
    said = scripts.answer(answer.stdout.splitlines())
    return said.found if said else None


def _connect(state: State, host: Host) -> None:
    host.connect(raise_exceptions=True, show_errors=False)
    state.activate_host(host)


if __name__ == "__main__":
    main()
