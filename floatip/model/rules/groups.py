"""Rules on instances that move together: keepalived lets a group lead only where every instance of it would.

So instances that prefer different servers would wait for each other, or pull the group to and fro
(docs/decisions/groups.md).
"""

from __future__ import annotations

from collections.abc import Iterator

from floatip.model.cluster import Cluster, Instance, SyncGroup
from floatip.model.messages import Said, all_of, say
from floatip.model.problems import Problem, did_you_mean
from floatip.model.rules.known import ranked
from floatip.model.rules.weights import Weighted, weighted
from floatip.model.settings import keyword

FEWEST = 2
ALIKE = ("nopreempt", "preempt_delay")
HINT = say("Instances that move together must prefer the same servers in the same order.")


def instances_exist(cluster: Cluster) -> Iterator[Problem]:
    """Each is there, and in one group only: keepalived passes over any other."""
    names = [instance.name for instance in cluster.instances]
    seen: dict[str, SyncGroup] = {}
    for group in cluster.vrrp_sync_group:
        for number, name in enumerate(group.instances):
            path = _path(group, number)
            if name not in names:
                message = say("{subject} has {name}, which is not an instance.", subject=_of(group), name=name)
                yield Problem(path, "unknown-instance", message, did_you_mean(name, names))
            elif name in seen:
                where = say("twice") if seen[name] is group else say("and {other} has it too", other=seen[name].name)
                message = say("{subject} has {name}, {where}.", subject=_of(group), name=name, where=where)
                yield Problem(path, "in-two-groups", message, say("Keep one of them."))
            else:
                seen[name] = group


def enough_instances(cluster: Cluster) -> Iterator[Problem]:
    """keepalived refuses an empty group, and complains of one with a single instance."""
    for group in cluster.vrrp_sync_group:
        if len(group.instances) < FEWEST:
            message = say("{subject} has fewer than two instances.", subject=_of(group))
            yield Problem(_path(group), "too-few-instances", message, say("Name two or more, or remove the group."))


def same_servers(cluster: Cluster) -> Iterator[Problem]:
    """A server without one of them could never lead the group."""
    for group, first, other in _pairs(cluster):
        here, there = ({member.node for member in instance.members} for instance in (first, other))
        if here != there:
            message = say(
                "{subject}: {first} and {other} are not on the same servers: {names}.",
                subject=_of(group),
                first=first.name,
                other=other.name,
                names=all_of(sorted(here ^ there)),
            )
            yield Problem(_path(group), "group-servers", message, say("Have each server take part in all or none."))


def same_order(cluster: Cluster) -> Iterator[Problem]:
    """With two that prefer different servers, no server wants to lead all of the group."""
    for group, first, other in _pairs(cluster):
        here, there = ([member.node for member in ranked(instance)] for instance in (first, other))
        if here and there and set(here) == set(there) and here != there:
            message = say(
                "{subject}: {first} prefers {here}, {other} prefers {there}.",
                subject=_of(group),
                first=first.name,
                here=", ".join(here),
                other=other.name,
                there=", ".join(there),
            )
            yield Problem(_path(group), "group-order", message, HINT)


def same_preemption(cluster: Cluster) -> Iterator[Problem]:
    """One that stays back holds the others back; so say the same of all."""
    for group, first, other in _pairs(cluster):
        for key in ALIKE:
            if getattr(first, key) != getattr(other, key):
                message = say(
                    "{subject}: {first} and {other} have a different {key}.",
                    subject=_of(group),
                    first=first.name,
                    other=other.name,
                    key=key,
                )
                yield Problem(_path(group), "group-preemption", message, say("Set both to the same value."))


def no_devices(cluster: Cluster) -> Iterator[Problem]:
    """A device that leads one of them knows nothing of the group: no server could have the others then."""
    for group in cluster.vrrp_sync_group:
        for instance in cluster.instances:
            if instance.name in group.instances and instance.foreign:
                message = say(
                    "{subject}: in {instance} {device} takes part, which floatip does not manage.",
                    subject=_of(group),
                    instance=instance.name,
                    device=instance.foreign[0].node,
                )
                hint = say(
                    "It could be MASTER in one of them and not in the others. Remove {instance}.",
                    instance=instance.name,
                )
                yield Problem(_path(group), "group-device", message, hint)


def weights(cluster: Cluster) -> Iterator[Problem]:
    """A weight lowers the priority of the instances that track the check; the others hold the group where it is."""
    found = list(weighted(cluster))
    for group, first, other in _pairs(cluster):
        for instance, missing in ((first, other), (other, first)):
            for each in (each for each in found if each.instance is instance):
                if not _tracks(missing, each):
                    message = say(
                        "Weight of {script} cannot move {group}: {missing} does not track it.",
                        script=each.name,
                        group=group.name,
                        missing=missing.name,
                    )
                    hint = say("Track it in all instances of the group, or set weight to 0.")
                    yield Problem(each.path, "group-weight", message, hint)


def _tracks(instance: Instance, weighted: Weighted) -> bool:
    """Whether an instance tracks the same on the same server."""
    member = instance.member(weighted.at)
    everywhere = instance.track_file if weighted.number else instance.track_script
    return weighted.what in (member.track_interface if member else everywhere)


def said_twice(cluster: Cluster) -> Iterator[Problem]:
    """A group among the raw lines beside those by their own name."""
    for number, line in enumerate(cluster.extra_lines if cluster.vrrp_sync_group else ()):
        if keyword(line) == "vrrp_sync_group":
            message = say(
                "{subject} set {key}, which is set by its own name too.",
                subject=say("extra_lines of the cluster"),
                key="vrrp_sync_group",
            )
            yield Problem(f"extra_lines.{number}", "said-twice", message, say("Keep one of the two."))


def _pairs(cluster: Cluster) -> Iterator[tuple[SyncGroup, Instance, Instance]]:
    """The first instance of each group with each of the others."""
    known = {instance.name: instance for instance in cluster.instances}
    for group in cluster.vrrp_sync_group:
        found = [known[name] for name in dict.fromkeys(group.instances) if name in known]
        for other in found[1:]:
            yield group, found[0], other


def _of(group: SyncGroup) -> Said:
    return say("Sync group {name}", name=group.name)


def _path(group: SyncGroup, number: int | None = None) -> str:
    return f"vrrp_sync_group.{group.name}{'' if number is None else f'.{number}'}"


RULES = (instances_exist, enough_instances, same_servers, same_order, same_preemption, no_devices, weights, said_twice)
