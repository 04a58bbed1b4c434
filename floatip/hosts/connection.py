"""Running a script on any host of the run, from within an operation on another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import gevent
from pyinfra.api import Host, State
from pyinfra.api.arguments import CONNECTOR_ARGUMENT_KEYS, pop_global_arguments
from pyinfra.api.command import StringCommand
from pyinfra.connectors.base import BaseConnector

from floatip.hosts import found_once, ssh_errors, undelayed  # noqa: F401 - the first for what it does to pyinfra
from floatip.hosts.bounded import BYTES, CUT_OFF, LINES
from floatip.hosts.host_answer import links
from floatip.hosts.ssh_errors import Reason, Untold, Why
from floatip.model.messages import Said
from floatip.model.parse.nodes import CONNECTION
from floatip.server_side import shell
from floatip.server_side.lease import model, scripts

T = TypeVar("T")
TIMEOUT = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """What a script said and whether it succeeded. `lost`: why it was not run, where the run has lost its lease;
    `other`: to another run; `gone`: nobody knows whether it was run, since the connection has ended; `untold`: why it
    was not run to its end, where that is known."""

    ok: bool
    stdout: str
    stderr: str
    lost: Said | None = None
    other: bool = False
    gone: bool = False
    untold: Untold | None = None


def run(
    state: State, host: Host, script: str, *, timeout: int | None = TIMEOUT, over: BaseConnector | None = None
) -> Answer:
    """Run a shell script with the privileges that the host's data ask for, on the host's own connection or
    `over` another one, for so many seconds at most. A host that cannot be reached any more answers `ok=False` with the
    reason."""
    arguments: dict[str, Any] = dict(pop_global_arguments(state, host, {})[0])
    connector = {key: arguments[key] for key in CONNECTOR_ARGUMENT_KEYS if key in arguments}
    connector["_timeout"] = timeout
    if shell.PRIVATE in script:  # whoever is logged in there can read how a process was called
        connector["_stdin"], script = script, 'eval "$(cat)"'
    try:
        ok, output = (over or host.connector).run_shell_command(StringCommand(script), **connector)
    except Exception as error:  # paramiko, socket and time-out errors alike: the host does not answer
        return _broken(host, error, timeout, gone=over is None)
    if any(lines[-1:] == [CUT_OFF] for lines in (output.stdout_lines, output.stderr_lines)):
        return _untold(host, Untold(Why.TOO_MUCH, size=str(BYTES // 1_000_000), lines=str(LINES)))
    gone = not ok and over is None and not connected(host)
    return Answer(ok, "\n".join(output.stdout_lines), "\n".join(output.stderr_lines), gone=gone)


def _broken(host: Host, error: Exception, timeout: int | None, *, gone: bool) -> Answer:
    if isinstance(error, TimeoutError) and timeout:
        return _untold(host, Untold(Why.SLOW, seconds=str(timeout)), gone=gone)
    if isinstance(error, EOFError) and connected(host):  # pyinfra wanted to ask a person
        return _untold(host, Untold(Why.SUDO_PASSWORD))
    return Answer(False, "", f"{type(error).__name__}: {error}", gone=gone)


def _untold(host: Host, untold: Untold, *, gone: bool = False) -> Answer:
    return Answer(False, "", reason(host, untold), gone=gone, untold=untold)


def reason(host: Host, untold: Untold) -> Reason:
    """Why a host does not tell, in words."""
    return ssh_errors.reason(untold, {key: host.data.get(key) for key in CONNECTION})


def each(names: Iterable[str], ask: Callable[[str], T]) -> dict[str, T]:
    """What several hosts answer that are asked at the same time."""
    jobs = {name: gevent.spawn(ask, name) for name in names}
    gevent.joinall(list(jobs.values()))
    return {name: job.get() for name, job in jobs.items()}


def transport(host: Host) -> Any:
    """Paramiko's transport of a host's connection; None where there is none: only the SSH connector has one."""
    client = getattr(host.connector, "client", None)
    return client.get_transport() if client else None


def connected(host: Host) -> bool:
    """Whether its connection is there, as far as is known by now."""
    if getattr(host.connector, "client", None) is None:
        return True
    there = transport(host)
    return there is not None and bool(there.is_active())


def step(
    state: State,
    host: Host,
    lease: str,
    script: str,
    *,
    timeout: int | None = TIMEOUT,
    over: BaseConnector | None = None,
) -> Answer:
    """`run` for what changes the host: it is refused there where the lease is not this one any more."""
    longest = None if timeout is None else timeout + scripts.STEP_PATIENCE
    answer = run(state, host, scripts.step(lease, script), timeout=longest, over=over)
    found = None if answer.ok else scripts.answer(answer.stderr.splitlines())
    if found is None:
        return answer
    why = model.lost(host.name, found.lease)
    return Answer(False, "", why, why, found.lease is not None)


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
