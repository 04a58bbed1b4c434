"""Running a script on any host of the run, from within an operation on another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pyinfra.api import Host, State
from pyinfra.api.arguments import CONNECTOR_ARGUMENT_KEYS, pop_global_arguments
from pyinfra.api.command import StringCommand
from pyinfra.connectors.base import BaseConnector

from floatip.host_state import links

TIMEOUT = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """What a script said and whether it succeeded."""

    ok: bool
    stdout: str
    stderr: str


def run(
    state: State, host: Host, script: str, *, timeout: int | None = TIMEOUT, over: BaseConnector | None = None
) -> Answer:
    """Run a shell script with the privileges that the host's data ask for, on the host's own connection or
    `over` another one, for so many seconds at most. A host that cannot be reached any more answers `ok=False` with the
    reason."""
    arguments: dict[str, Any] = dict(pop_global_arguments(state, host, {})[0])
    connector = {key: arguments[key] for key in CONNECTOR_ARGUMENT_KEYS if key in arguments}
    connector["_timeout"] = timeout
    try:
        ok, output = (over or host.connector).run_shell_command(StringCommand(script), **connector)
    except Exception as error:  # paramiko, socket and time-out errors alike: the host does not answer
        return Answer(False, "", f"{type(error).__name__}: {error}")
    return Answer(ok, "\n".join(output.stdout_lines), "\n".join(output.stderr_lines))


def held(state: State, host: Host) -> frozenset[str] | None:
    """The addresses on a host's interfaces now; None where it does not answer."""
    answer = run(state, host, "ip -j addr show", timeout=5)
    try:
        found = links(answer.stdout) if answer.ok else None
    except (ValueError, KeyError, TypeError):
        return None
    if found is None:
        return None
    return frozenset(address.split("/")[0] for link in found for address in link.addresses)
