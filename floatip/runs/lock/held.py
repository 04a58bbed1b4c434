"""Leases for a command that is no pyinfra run itself: a child process holds them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from floatip.hosts import workers
from floatip.model.cluster import Cluster
from floatip.model.messages import Said, loaded, say
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
    keeping = workers.documents(KEEPER, {"servers": _servers(cluster), "what": what, "parent": os.getpid()})
    try:
        yield _begun(keeping)
    finally:
        keeping.close()  # type: ignore[attr-defined]


def _begun(keeping: Iterator[Any]) -> str:
    said: dict[str, Any]
    try:
        said = next(keeping, {"error": say("it said nothing")})
    except workers.Failed as failed:
        said = {"error": failed.message}
    if "error" in said:
        raise NotHeld(_words(said["error"]), said.get("node", ""), busy=said.get("busy", False))
    return str(said["run"])


def _words(error: Any) -> Said:
    return error if isinstance(error, Said) else loaded(error)


def end(cluster: Cluster, runs: Mapping[str, str]) -> dict[str, Found | None]:
    """End the leases of these runs (server → run); server → how its lease was found, None where that is not known."""
    servers = [server for server in _servers(cluster) if server[0] in runs]
    try:
        [said] = workers.documents(KEEPER, {"servers": servers, "break": dict(runs)}, TIMEOUT)
    except (workers.Failed, ValueError):
        return dict.fromkeys(runs)
    return {name: Found(said["broken"][name]) if said["broken"].get(name) else None for name in runs}


def _servers(cluster: Cluster) -> list[Any]:
    return [[node.name, dict(node.connection)] for node in cluster.nodes]


def not_held(failed: NotHeld) -> Said:
    """Why nothing is done."""
    return failed.message if failed.node else say("The servers could not be reserved: {why}", why=failed.message)
