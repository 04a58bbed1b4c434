"""Nodes whose keepalived does not run. Where none does yet, nobody has the address, and an election would give it to
the preferred one only after the silence of three adverts: that one starts with less patience, and gets its own file
once it has the address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from floatip.change.plan.interim import hastened, hastens
from floatip.change.plan.model import Live
from floatip.change.plan.passes import Draft
from floatip.model.cluster import Cluster, Instance
from floatip.model.messages import say


def started(
    draft: Draft, cluster: Cluster, wanted: Mapping[str, str], live: Mapping[str, Live], names: Iterable[str]
) -> None:
    """Add the steps that start these; the preferred one first."""
    order = sorted(names, key=lambda name: -_rank(cluster, name))
    leading = _leading(cluster, wanted, live)
    for name in order:
        text = hastened(wanted[name], leading.get(name, ()), live[name].daemon)
        draft.activate(name, text, say("start keepalived"))
    for name, some in leading.items():
        draft.wait(name, [name], some, say("the preferred server holds the address"), sure=False)
        draft.activate(name, wanted[name], say("this server's own settings"))


def _leading(cluster: Cluster, wanted: Mapping[str, str], live: Mapping[str, Live]) -> dict[str, list[Instance]]:
    """Node → what it is to hold first. Nothing where anybody may hold it already, or a health check decides."""
    found: dict[str, list[Instance]] = {}
    for instance in cluster.instances:
        name, members = instance.preferred.node, {member.node for member in instance.members}
        alone = members <= wanted.keys() and not instance.foreign
        idle = alone and not any(live[member].active or live[member].holds & cluster.floating for member in members)
        if idle and not (instance.track_script or instance.track_file) and hastens(instance, live[name].daemon):
            found.setdefault(name, []).append(instance)
    return found


def _rank(cluster: Cluster, name: str) -> int:
    """How much a node is meant to lead: where nobody holds anything yet, the preferred one starts first."""
    members = (instance.member(name) for instance in cluster.instances)
    return sum(member.priority for member in members if member)
