"""Looking at configurations: what kind of change is it, who holds the address, is the cluster at rest?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from floatip.change.plan.model import Kind, Live
from floatip.keepalived import conf
from floatip.model.cluster import Cluster, Instance
from floatip.model.messages import Said, say
from floatip.model.settings import BLOCK, OPTIONS, Change, Setting

KINDS = {Change.RELOAD: Kind.RELOAD, Change.IDENTITY: Kind.IDENTITY, Change.START_OVER: Kind.START_OVER}
STAY = frozenset({"nopreempt", "preempt_delay"})  # settings with which a better node does not come back at once


def head(instance: Instance) -> str:
    """The head line of an instance's block."""
    return f"{conf.INSTANCE} {instance.name}"


def addresses(instance: Instance) -> frozenset[str]:
    """The virtual addresses of an instance, without their prefixes."""
    return frozenset(str(address.ip) for address in instance.addresses)


def block(text: str | None, instance: Instance) -> conf.Settings:
    """The settings of an instance in a configuration; empty where it is not there."""
    return conf.instances(text or "").get(instance.name, {})


def block_kind(old: str, new: str, instance: Instance) -> Kind:
    """What a change from one file to the other amounts to for one instance on a running node."""
    if conf.same(old, new, head(instance)):
        return Kind.NOTHING
    before, after = block(old, instance), block(new, instance)
    return settings_kind(before, after) if before else Kind.RELOAD


def settings_kind(before: conf.Settings, after: conf.Settings) -> Kind:
    """What it amounts to that an instance has other settings than before."""
    kinds = [KINDS[row.change] for row in BLOCK if _differs(row, before, after)]
    kinds += _placed_otherwise(before, after)
    return max([*kinds, Kind.IDENTITY if differ_in_identity(before, after) else Kind.RELOAD])


def _placed_otherwise(before: conf.Settings, after: conf.Settings) -> Iterator[Kind]:
    """Of addresses that stay: a reload puts one anew on its interface only where the daemon tells a difference."""
    old, new = (
        conf.placed([line for key in conf.ADDRESSES for line in settings.get(key, ())]) for settings in (before, after)
    )
    for address in old.keys() & new.keys():
        yield from (KINDS[row.change] for row in OPTIONS if old[address].get(row.key) != new[address].get(row.key))


def differ_in_identity(settings: conf.Settings, other: conf.Settings) -> bool:
    """Whether two nodes with these settings do not hear each other."""
    return any(row.change is Change.IDENTITY and _differs(row, settings, other) for row in BLOCK)


def _differs(row: Setting, settings: conf.Settings, other: conf.Settings) -> bool:
    keywords = row.decides or row.rendered
    if row.presence:
        return any((name in settings) != (name in other) for name in keywords)
    return any(settings.get(name) != other.get(name) for name in keywords)


def instance_kind(
    instance: Instance, wanted: Mapping[str, str], live: Mapping[str, Live], running: Iterable[str]
) -> Kind:
    """The most careful kind that any running node needs for this instance."""
    kind = Kind.NOTHING
    for name in running:
        if block(wanted[name], instance):
            kind = max(kind, block_kind(live[name].conf or "", wanted[name], instance))
    return kind


def unclear(cluster: Cluster, name: str, live: Live, wanted: str) -> Said | None:
    """Why nobody can tell what kind of change this is for a running node; None where that can be told."""
    text = live.conf or ""
    if text != wanted and (line := conf.unclear(text)):
        return say(
            "{node} runs a keepalived.conf with a line that floatip cannot interpret: {line}. Write its "
            "settings out there and reload keepalived, or stop keepalived on {node} first: clients then lose "
            "the address for a few seconds.",
            node=name,
            line=line,
        )
    gone = {name: theirs for name, theirs in conf.instances(text).items() if name not in conf.instances(wanted)}
    for instance in cluster.instances:
        new = block(wanted, instance)
        for other, theirs in gone.items() if new and not block(text, instance) else ():
            if conf.floating(theirs) & addresses(instance) and settings_kind(theirs, new) > Kind.RELOAD:
                return say(
                    "{node} still calls {instance} by the name {other}, and more than the name changes. Call it "
                    "{other} in the inventory and deploy, then rename it.",
                    node=name,
                    instance=instance.name,
                    other=other,
                )
    return None


def holder(instance: Instance, running: Iterable[str], live: Mapping[str, Live]) -> str | None:
    """The running node that holds the instance under its present identity."""
    for name in running:
        if conf.floating(block(live[name].conf, instance)) & live[name].holds:
            return name
    return None


def unsettled(cluster: Cluster, live: Mapping[str, Live]) -> bool:
    """Whether an address is with a node from which another running one will take it: the files that the
    daemons run give that one the higher priority, and do not tell it to stay back (or to wait, for minutes even)."""
    for instance in cluster.instances:
        holding = holder(instance, live, live)
        ranks = {name: block(state.conf, instance) for name, state in live.items()}
        for name, state in live.items():
            better = holding is not None and conf.priority(ranks[name]) > conf.priority(ranks[holding])
            if better and state.active and not STAY & ranks[name].keys():
                return True
    return False
