"""Instances that move together: in which files they do, and bringing them together before they have to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from floatip.change.plan.changes import block, holder
from floatip.change.plan.model import Live
from floatip.keepalived import conf
from floatip.model.cluster import Cluster, Instance

Bundles = Mapping[str, tuple[Instance, ...]]
"""Instance → those that move with it, in the order of the cluster, itself included."""


def bundles(cluster: Cluster, texts: Iterable[str]) -> Bundles:
    """What any of these files ties together: until all servers have left a group behind, it acts on those that are in
    it yet."""
    found = {instance.name: {instance.name} for instance in cluster.instances}
    for text in texts:
        for names in conf.groups(text).values():
            tied = set[str]().union(*(found[name] for name in names if name in found))
            found |= dict.fromkeys(tied, tied)
    return {
        name: tuple(instance for instance in cluster.instances if instance.name in tied) for name, tied in found.items()
    }


def whole(some: Iterable[Instance], tied: Bundles) -> list[Instance]:
    """These, and what moves with them; each once, in the order in which they come."""
    return list({other.name: other for instance in some for other in tied[instance.name]}.values())


def apart(
    cluster: Cluster, wanted: Mapping[str, str], live: Mapping[str, Live]
) -> Iterator[tuple[list[Instance], str, str]]:
    """Instances that are to move together, and are held by several nodes: (some of them, their holder, who shall have
    all). A node that reads of such a group lets go at once of what it has of it."""
    for names in {names for text in wanted.values() for names in conf.groups(text).values()}:
        some = [instance for instance in cluster.instances if instance.name in names]
        holders = {instance.name: name for instance in some if (name := holder(instance, live, live))}
        if len(set(holders.values())) > 1:
            best = max(sorted(set(holders.values())), key=lambda name: _rank(wanted.get(name), some))
            for name in sorted(set(holders.values()) - {best}):
                yield [instance for instance in some if holders.get(instance.name) == name], name, best


def _rank(text: str | None, some: Iterable[Instance]) -> int:
    return sum(conf.priority(block(text, instance)) for instance in some)
