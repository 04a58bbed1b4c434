"""The servers that adopting reads by SSH: how each is reached, what it is called, and what it is like."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Any

from floatip.cli.shared import refuse
from floatip.hosts import probe
from floatip.hosts.host_state import HostState
from floatip.model import address_fields, fields
from floatip.model.messages import say

SERVER = re.compile(r"(?:(?P<name>[^=@]+)=)?(?P<user>[^=@/]+)@(?P<host>[^@/=]+?)(?::(?P<port>[0-9]{1,5}))?")
Ways = dict[str, dict[str, Any]]


def is_server(argument: str) -> bool:
    """Whether it is USER@SERVER, perhaps with a name before it (NAME=USER@SERVER) and a port behind it."""
    return SERVER.fullmatch(argument) is not None


def ways(arguments: Sequence[str], ssh_config: str | None) -> Ways:
    """Name → host data, as an inventory has it."""
    found: Ways = {}
    for argument in arguments:
        parts = SERVER.fullmatch(argument)
        if parts is None:
            refuse(say("{argument} is not USER@SERVER.", argument=repr(argument)))
        try:
            node, data = _way(parts)
        except fields.Wrong as wrong:
            refuse(
                say(
                    "{argument}: the name, user or port {text} {hint}",
                    argument=repr(argument),
                    text=wrong.text,
                    hint=wrong.hint,
                )
            )
        if node in found:
            refuse(say("Two servers are called {node}. Write NAME=USER@SERVER.", node=node))
        found[node] = {**data, **({"ssh_config_file": ssh_config} if ssh_config else {})}
    return found


def _way(parts: re.Match[str]) -> tuple[str, dict[str, Any]]:
    host = address_fields.host(parts["host"])
    node = fields.node_name(parts["name"] or _name(host))
    data: dict[str, Any] = {} if node == host else {"ssh_hostname": host}
    data["ssh_user"] = fields.user_name(parts["user"])
    if parts["port"]:
        data["ssh_port"] = fields.whole(parts["port"], 1, 65535)
    return node, {**data, "ssh_strict_host_key_checking": "yes"}


def _name(host: str) -> str:
    """The first label of a host name; of an address all of it."""
    try:
        return re.sub("[.:]", "-", str(ip_address(host)))
    except ValueError:
        return host.split(".")[0].lower()


def read(ways: Mapping[str, Mapping[str, Any]], *, as_json: bool) -> dict[str, HostState]:
    """What the servers are like; ends with code 1 where one of them cannot be read."""
    found: dict[str, HostState] = {}
    for node, state in (probe.states_of(ways) if ways else {}).items():
        if not isinstance(state, HostState):
            refuse(say("{name}: {why}", name=node, why=state), 1, error="unread" if as_json else "", node=node)
        if state.text("conf") is None:
            message = say("{name} has no keepalived.conf.", name=node)
            refuse(message, 1, error="no-configuration" if as_json else "", node=node)
        found[node] = state
    return found
