"""A server that is not in the inventory, over a connection of this run's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pyinfra.api import Config, Host, Inventory, State
from pyinfra.api.exceptions import PyinfraError

from floatip.change.members import Left
from floatip.deploy.lifecycle.refusal import Refusing
from floatip.deploy.session import host_states
from floatip.hosts import connection, ssh_errors
from floatip.hosts.host_state import HostState
from floatip.hosts.ssh_errors import Untold
from floatip.model.messages import say
from floatip.model.parse.nodes import CONNECTION
from floatip.runs.events import Refusal


class Unreachable(Exception):
    """No connection: why, in people's words."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


def connected(current: State, hosts: Mapping[str, Host], left: Left) -> Host:
    """A host that is in no inventory: its place as the servers remember it, all else as with those in this run."""
    port = {"ssh_port": left.known.port} if left.known.port else {}
    data = {**_shared(hosts.values()), "ssh_hostname": left.known.host, **port}
    config = Config(CONNECT_TIMEOUT=current.config.CONNECT_TIMEOUT)
    aside = State(Inventory(([(left.name, data)], {})), config)
    aside.cwd = current.cwd
    host = aside.inventory.get_host(left.name)
    try:
        host.connect(raise_exceptions=True, show_errors=False)
    except (PyinfraError, OSError, EOFError) as error:
        raise Unreachable(ssh_errors.in_words(str(error), data)) from None
    return host


def _shared(hosts: Iterable[Host]) -> dict[str, object]:
    """The connection data on which all of them agree."""
    rows = [{key: host.data.get(key) for key in CONNECTION} for host in hosts]
    first = rows[0]
    same = {key: value for key, value in first.items() if all(row[key] == value for row in rows)}
    return {key: value for key, value in same.items() if value is not None and key not in ("ssh_hostname", "ssh_port")}


def look(current: State, left: Left, host: Host) -> HostState:
    """What it is like; Refusing where that cannot be known."""
    try:
        return host_states.examined(current, host)
    except Untold as untold:
        raise not_examined(left, connection.reason(host, untold)) from None


def not_examined(left: Left, why: str) -> Refusing:
    """It answers, but nobody knows what it is like. `why`: a message, or text that is fit to be shown."""
    message = say("Could not check {name}, so no server was changed: {why}", name=left.name, why=why)
    return Refusing(Refusal.NOT_EXAMINED, message, [left.name])
