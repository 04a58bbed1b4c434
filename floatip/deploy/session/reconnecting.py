"""A server that gives no answer any more: a connection that is dead is noticed soon, and made anew, once."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from contextlib import suppress
from weakref import WeakSet

import gevent
from pyinfra import logger
from pyinfra.api import Host, State
from pyinfra.api.exceptions import PyinfraError

from floatip.deploy.session import host_states
from floatip.hosts import connection
from floatip.hosts.host_state import HostState
from floatip.language.telling import tell
from floatip.model.messages import say

DEAD = 8  # seconds without a sign of life from the other kernel
QUICK = 5  # seconds that an answer may take that costs nothing
_again: WeakSet[Host] = WeakSet()


def notice(host: Host) -> None:
    """Have the kernel end this host's connection soon after its other side is gone, instead of in a quarter of an hour
    (tcp(7)). Not through a proxy, whose connection is none of ours."""
    transport = connection.transport(host)
    with suppress(AttributeError, OSError):
        sock = transport.sock
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in (
            (socket.TCP_USER_TIMEOUT, DEAD * 1000),
            (socket.TCP_KEEPIDLE, 2),
            (socket.TCP_KEEPINTVL, 2),
            (socket.TCP_KEEPCNT, DEAD // 2 - 1),
        ):
            sock.setsockopt(socket.IPPROTO_TCP, option, value)


def reconnected(state: State, host: Host) -> bool:
    """Whether there is a new connection in the place of one that is dead. Each host gets one more, once a run."""
    if connection.connected(host):
        return True
    if host in _again:
        return False
    _again.add(host)
    try:
        fresh = host.connector_cls(state, host)
        fresh.connect()
    except (PyinfraError, OSError, EOFError):
        return False
    host.connector = fresh
    notice(host)
    logger.warning("    %s", tell(say("The connection to {node} was lost and restored.", node=host.name)))
    return True


def found(state: State, host: Host) -> HostState | None:
    """What the host is like, over a new connection where the old one is dead; None where it does not answer."""
    return host_states.again(state, host) if reconnected(state, host) else None


def answers(state: State, host: Host) -> bool:
    """Whether it answers, over a new connection where the old one is dead."""
    if connection.connected(host) and connection.run(state, host, "true", timeout=QUICK).ok:
        return True
    return reconnected(state, host) and connection.run(state, host, "true", timeout=QUICK).ok


def absent(state: State, hosts: Mapping[str, Host]) -> list[str]:
    """Those that do not answer; all are asked at the same time."""
    jobs = {name: gevent.spawn(answers, state, host) for name, host in hosts.items()}
    gevent.joinall(list(jobs.values()))
    return [name for name, job in jobs.items() if not job.value]
