"""Leases for a command that is no pyinfra run itself: a child process holds them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from floatip.hosts import workers
from floatip.model.cluster import Cluster
from floatip.model.messages import Said, say
from floatip.runs.lock import messages
from floatip.runs.lock.messages import Broken, EndRequest, HoldRequest, Refused, Taken
from floatip.server_side.lease.model import What
from floatip.server_side.lease.scripts import Found

KEEPER = ["floatip.runs.lock.keeper"]
TIMEOUT = 60.0  # seconds for all servers


class NotHeld(Exception):
    """The leases cannot be had: `message` says why, because of which `node`. `busy`: another run has it."""

    def __init__(self, message: Said, node: str = "", *, busy: bool = False) -> None:
        self.message, self.node, self.busy = message, node, busy
        super().__init__(message)


@contextmanager
def held(cluster: Cluster, what: What) -> Iterator[str]:
    """The run whose leases on all servers of the cluster are held while the block runs. NotHeld where one cannot be."""
    request = HoldRequest(servers=_servers(cluster), what=what, parent=os.getpid())
    keeping = workers.documents(KEEPER, request)
    try:
        yield _begun(keeping)
    finally:
        keeping.close()  # type: ignore[attr-defined]


def _begun(keeping: Iterator[Any]) -> str:
    try:
        message = messages.read(next(keeping))
    except StopIteration:
        raise NotHeld(say("it printed nothing")) from None
    except workers.Failed as failed:
        raise NotHeld(failed.message) from None
    except ValueError:
        raise NotHeld(say("its answer cannot be understood")) from None
    if isinstance(message, Refused):
        raise NotHeld(message.why, message.node, busy=message.busy)
    if not isinstance(message, Taken):
        raise NotHeld(say("its answer cannot be understood"))
    return message.run


def end(cluster: Cluster, runs: Mapping[str, str]) -> dict[str, Found | None]:
    """End the leases of these runs (server → run); server → how its lease was found, None where that is not known."""
    servers = [server for server in _servers(cluster) if server[0] in runs]
    try:
        [said] = workers.documents(KEEPER, EndRequest(servers=servers, ends=dict(runs)), TIMEOUT)
        message = messages.read(said)
    except (workers.Failed, ValueError):
        return dict.fromkeys(runs)
    return {name: message.found.get(name) if isinstance(message, Broken) else None for name in runs}


def _servers(cluster: Cluster) -> list[Any]:
    return [[node.name, dict(node.connection)] for node in cluster.nodes]


def not_held(failed: NotHeld) -> Said:
    """Why nothing is done."""
    return failed.message if failed.node else say("The servers could not be reserved: {why}", why=failed.message)
