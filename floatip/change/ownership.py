"""Servers that carry another cluster's configuration, made by floatip from another inventory: it is never replaced
unasked, since the other servers of that cluster count on them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from floatip.change import members
from floatip.hosts import preflight
from floatip.hosts.codes import Code
from floatip.hosts.host_state import HostState
from floatip.model.cluster import Cluster
from floatip.model.messages import say
from floatip.model.problems import Problem

HEAD = re.compile(r"# Cluster ([a-z0-9][a-z0-9_-]{0,39}), server ", re.ASCII)
"""How the second line of a rendered keepalived.conf begins."""


def others(cluster: Cluster, states: Mapping[str, HostState]) -> dict[str, str]:
    """Server → the other cluster that it belongs to."""
    found = {name: _other(cluster, state) for name, state in states.items()}
    return {name: other for name, other in found.items() if other}


def problems(cluster: Cluster, states: Mapping[str, HostState]) -> Iterator[Problem]:
    """An error for each of them, with the ways out."""
    for name, other in others(cluster, states).items():
        message = say("{name} runs the configuration of another cluster, {other}.", name=name, other=other)
        hint = say(
            "Take it off there first: run `floatip remove` with the inventory of {other}, or take {name} out of that "
            "inventory and deploy it with `--dismiss {name}`. `floatip deploy FILE --replace` replaces the "
            "configuration without that.",
            name=name,
            other=other,
        )
        yield Problem(f"nodes.{name}", Code.OTHER_CLUSTER, message, hint)


def _other(cluster: Cluster, state: HostState) -> str:
    """What it is called; nothing where the server carries nobody's, or this cluster's under whatever name."""
    text = state.text("conf") or ""
    if not preflight.is_ours(text):
        return ""
    if record := members.parse(state.text("members")):
        return "" if members.concerns(record, cluster) else record.cluster
    head = HEAD.match(text.partition("\n")[2])  # the first release left no record
    parts = {word.partition("/")[0] for word in text.split()}
    return "" if head is None or head[1] == cluster.name or parts & cluster.floating else head[1]
