"""What a deploy does not stop for, and a person may want to know before it."""

from __future__ import annotations

from collections.abc import Iterator

from floatip.hosts.binding import Binding
from floatip.hosts.codes import Code
from floatip.hosts.host_state import HostState
from floatip.model.cluster import Cluster
from floatip.model.messages import Said, say
from floatip.model.problems import Level, Problem


def of(cluster: Cluster, name: str, host: HostState) -> Iterator[Problem]:
    """All of it about one server."""
    yield from _binding(cluster, name, host)


def _binding(cluster: Cluster, name: str, host: HostState) -> Iterator[Problem]:
    """A service needs a floating address, and can have it on the server alone that holds it."""
    if cluster.nonlocal_bind:
        return
    for one in host.bindings:
        if one.address in cluster.floating and not host.nonlocal_bind.get(6 if ":" in one.address else 4):
            hint = say(
                "It cannot start on a server that does not hold the address. 'nonlocal_bind': True lets it start there."
            )
            yield Problem("nonlocal_bind", Code.BINDS_ADDRESS, _binds(name, one), hint, Level.INFO)


def _binds(name: str, one: Binding) -> Said:
    if one.where.isdecimal():
        return say(
            "{name}: a service listens on {address}, port {port}.", name=name, address=one.address, port=one.where
        )
    return say("{name}: {file} binds {address}.", name=name, file=one.where, address=one.address)
