"""Looks at servers without changing them, through the connection that a deploy would use.

`python -m floatip.discover [SECONDS]` reads a JSON list of [name, host data] from standard input, asks all of them at
the same time, and prints one JSON object: name → {"lines": what `floatip.host_state` understands} or {"error": why
not}, with the "key" that it showed where that one is in no known_hosts. A third member, {"listen": [interface, …],
"ask": [[interface, address], …]}, asks the network instead: the lines are then what `floatip.heard` understands.
With "doctor": true among these, all is asked, and the answer has "vitals", "aside" and "heard" besides "lines".
Whoever has not answered after SECONDS is given up.
A process of its own, because pyinfra wants one.
"""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import json  # noqa: E402 - whatever opens sockets must be imported after the patch
import re  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from typing import Any  # noqa: E402

import gevent  # noqa: E402
from pyinfra.api import Config, Host, Inventory, State  # noqa: E402
from pyinfra.api.exceptions import PyinfraError  # noqa: E402
from pyinfra.api.facts import get_fact  # noqa: E402
from pyinfra.context import ctx_host, ctx_state  # noqa: E402

from floatip import fields, heard, vitals  # noqa: E402
from floatip.doctor import aside  # noqa: E402
from floatip.facts.host_state import ScriptLines  # noqa: E402
from floatip.host_state import SCRIPT  # noqa: E402
from floatip.parse.nodes import CONNECTION  # noqa: E402

CONNECT_TIMEOUT = 8  # seconds


def main() -> None:
    """Ask every server of the request."""
    request = {
        fields.node_name(name): (_connection(data), _scripts(*more)) for name, data, *more in json.load(sys.stdin)
    }
    hosts = [(name, data) for name, (data, _) in request.items()]
    patience = float(sys.argv[1]) if sys.argv[1:] else None
    state = State(Inventory((hosts, {})), Config(CONNECT_TIMEOUT=CONNECT_TIMEOUT))
    jobs = {one.name: gevent.spawn(_look, state, one, request[one.name][1]) for one in state.inventory}
    gevent.joinall(list(jobs.values()), timeout=patience)
    late = {"error": f"timed out: no answer within {patience} seconds"}
    json.dump({name: job.get() if job.ready() else late for name, job in jobs.items()}, sys.stdout)


def _connection(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key in CONNECTION}


def _scripts(network: dict[str, Any] | None = None) -> dict[str, str]:
    """Key of the answer → the script that it comes from."""
    if network is None:
        return {"lines": SCRIPT}
    ask = [(name, address) for name, address in network.get("ask", [])]
    listen = heard.script(network.get("listen", []), [] if network.get("doctor") else ask)
    if network.get("doctor"):
        return {"lines": SCRIPT, "vitals": vitals.LOOK, "aside": aside.script(ask), "heard": listen}
    return {"lines": listen}


def _look(state: State, host: Host, scripts: dict[str, str]) -> dict[str, Any]:
    try:
        host.connect(raise_exceptions=True, show_errors=False)
        state.activate_host(host)
        with ctx_state.use(state), ctx_host.use(host):
            found: dict[str, Any] = {}
            for key, script in scripts.items():
                found[key] = _lines(state, host, script)
                found.setdefault("at", time.time())  # to compare with the clock that the first one read
    except PyinfraError as error:
        return {"error": str(error), **_unknown_key(host, str(error))}
    except EOFError:  # pyinfra wanted to ask a person for it
        return {"error": "sudo wants a password"}
    except OSError as error:
        return {"error": error.strerror or str(error)}
    if not found["lines"]:
        return {"error": "it let us in, but the check did not run (sudo may want a password)"}
    return found


def _lines(state: State, host: Host, script: str) -> list[str]:
    lines: list[str] = get_fact(state, host, ScriptLines, kwargs={"script": script}, apply_failed_hosts=False)
    return lines


def _unknown_key(host: Host, error: str) -> dict[str, Any]:
    """The key of the very connection that was refused for it: no second one could be another server's."""
    unknown = re.search(r"No host key for (\S+) found", error)
    client = getattr(host.connector, "client", None)  # only the SSH connector has one
    transport = client.get_transport() if unknown and client else None
    if unknown is None or transport is None:
        return {}
    key = transport.get_remote_server_key()
    file = host.data.get("ssh_known_hosts_file") or "~/.ssh/known_hosts"
    return {"key": {"host": unknown[1], "type": key.get_name(), "base64": key.get_base64(), "file": file}}


if __name__ == "__main__":
    main()
