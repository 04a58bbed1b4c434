"""How a change of the configuration reaches the nodes without a client noticing.

Pure: what the nodes run now (`Live`) and what they shall run → ordered steps. The kinds of change and
what each costs a client when it is done naively were measured: see docs/decisions/plan.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from floatip import conf
from floatip.cluster import Cluster, Instance

# Settings that make a node another VRRP router in the eyes of the others, and those that make the
# daemon drop an instance and begin it anew.
IDENTITY_SETTINGS = ("virtual_router_id", "version", "authentication")
START_OVER_SETTINGS = ("interface", "use_vmac", "vmac_xmit_base")
STAY = frozenset({"nopreempt", "preempt_delay"})  # settings with which a better node does not come back at once
HANDOVER_PRIORITY = 1
SLACK = 10.0  # seconds a wait may take beyond what the protocol predicts, on a busy host


class Kind(IntEnum):
    """Kinds of change, in the order of how much care they need."""

    NOTHING = 0
    RELOAD = 1
    START = 2
    IDENTITY = 3
    START_OVER = 4


NOTICE = {
    Kind.NOTHING: "Nothing will be changed; a client notices nothing.",
    Kind.RELOAD: "The daemons reload, one node at a time; a client notices nothing.",
    Kind.START: "keepalived is started where it does not run yet; addresses that are held already stay where they are.",
    Kind.IDENTITY: "The nodes change their VRRP identity: the backups take the address over under the new one "
    "before the master lets go of it under the old one; a client notices nothing.",
    Kind.START_OVER: "The address is handed to another node while its holder starts over, then goes home; "
    "a client notices nothing.",
}


@dataclass(frozen=True, slots=True)
class Live:
    """What was found on a node: the file that is there, whether the daemon runs, has read it
    (`pending`: not yet), and the addresses on its interfaces (without prefix)."""

    conf: str | None
    active: bool
    pending: bool
    holds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Step:
    """Make `conf` the live file of `node` and have the daemon read it."""

    node: str
    conf: str
    why: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Poll until each address is held by one of `by` and by none of `free_of`, or `timeout` seconds are over."""

    node: str
    addresses: frozenset[str]
    by: frozenset[str]
    free_of: frozenset[str]
    timeout: float
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be done, in order, and what it is for."""

    kind: Kind
    steps: tuple[Step | Wait, ...] = ()
    reasons: tuple[str, ...] = ()
    notice: str = NOTICE[Kind.NOTHING]


class PlanError(ValueError):
    """The change cannot be made safely under the given conditions."""


@dataclass
class _Draft:
    """The steps so far, and what each node would be running after them."""

    current: dict[str, str | None]
    pending: set[str]
    steps: list[Step | Wait] = field(default_factory=list)

    def activate(self, node: str, text: str, why: str) -> None:
        if self.current[node] != text or node in self.pending:
            self.steps.append(Step(node, text, why))
            self.current[node] = text
            self.pending.discard(node)


def head(instance: Instance) -> str:
    """The head line of an instance's block."""
    return f"vrrp_instance {instance.name}"


def addresses(instance: Instance) -> frozenset[str]:
    """The virtual addresses of an instance, without their prefixes."""
    return frozenset(str(address.ip) for address in instance.virtual_ipaddress)


def block_kind(old: str | None, new: str) -> Kind:
    """What changing one instance's block on one running node amounts to."""
    if old is None or old == new:
        return Kind.NOTHING if old == new else Kind.RELOAD
    before, after = conf.settings(old), conf.settings(new)
    if any(before.get(name) != after.get(name) for name in START_OVER_SETTINGS):
        return Kind.START_OVER
    if any(before.get(name) != after.get(name) for name in IDENTITY_SETTINGS):
        return Kind.IDENTITY
    if ("unicast_peer" in before) != ("unicast_peer" in after):
        return Kind.IDENTITY
    return Kind.RELOAD


def restless(cluster: Cluster, live: Mapping[str, Live]) -> bool:
    """Whether an address is with a node from which another running one will take it: the files that the
    daemons run give that one the higher priority, and do not tell it to stay back (or to wait, for minutes even)."""
    for instance in cluster.instances:
        holder = _holder(instance, live, live)
        ranks = {name: conf.settings(conf.blocks(one.conf or "").get(head(instance), "")) for name, one in live.items()}
        for name, one in live.items():
            if holder and one.active and not STAY & ranks[name].keys() and _own(ranks[name]) > _own(ranks[holder]):
                return True
    return False


def _own(block: conf.Settings) -> int:
    return int(block.get("priority", ("0",))[0])


def make(cluster: Cluster, wanted: Mapping[str, str], live: Mapping[str, Live]) -> Plan:
    """The plan that takes the nodes from `live` to `wanted` (node → keepalived.conf text)."""
    running = [name for name in wanted if live[name].active and live[name].conf is not None]
    kinds = {instance: _instance_kind(instance, wanted, live, running) for instance in cluster.instances}
    special = [instance for instance, kind in kinds.items() if kind >= Kind.IDENTITY]
    _refuse_partial(special, wanted)
    draft = _Draft(
        current={name: live[name].conf for name in wanted},
        pending={name for name in wanted if live[name].pending or not live[name].active},
    )
    for holder, instances, later in _passes(special, running, live):
        _one_pass(draft, holder, instances, later, wanted, live, running, kinds)
    for name in sorted(set(wanted) - set(running), key=lambda name: -_rank(cluster, name)):
        draft.activate(name, wanted[name], "start keepalived")
    return _plan(draft, kinds, wanted, running)


def _plan(draft: _Draft, kinds: Mapping[Instance, Kind], wanted: Mapping[str, str], running: list[str]) -> Plan:
    if not draft.steps:
        return Plan(Kind.NOTHING)
    kind = max([Kind.RELOAD, *kinds.values()])
    if set(wanted) - set(running):
        kind = max(kind, Kind.START)
    notice = NOTICE[kind]
    if kind >= Kind.IDENTITY and len(running) < 2:
        notice = "Only one node is running, so nobody can stand in: a client goes without an answer for some seconds."
    reasons = tuple(f"{instance.name}: {_word(kind)}" for instance, kind in kinds.items() if kind)
    return Plan(kind, tuple(draft.steps), reasons, notice)


def _word(kind: Kind) -> str:
    return kind.name.lower().replace("_", " ")


def _instance_kind(
    instance: Instance, wanted: Mapping[str, str], live: Mapping[str, Live], running: Iterable[str]
) -> Kind:
    kind = Kind.NOTHING
    for name in running:
        new = conf.blocks(wanted[name]).get(head(instance))
        if new is not None:
            kind = max(kind, block_kind(conf.blocks(live[name].conf or "").get(head(instance)), new))
    return kind


def _refuse_partial(special: Iterable[Instance], wanted: Mapping[str, str]) -> None:
    for instance in special:
        missing = [member.node for member in instance.members if member.node not in wanted]
        if missing:
            raise PlanError(
                f"{instance.name} changes in a way that all its nodes must make together, "
                f"and {', '.join(missing)} is left out. Run it again without --limit."
            )


def _passes(
    special: list[Instance], running: list[str], live: Mapping[str, Live]
) -> list[tuple[str | None, list[Instance], frozenset[str]]]:
    """(holder, the instances it holds, the heads still to come): what has different holders goes one
    after the other, because a reload touches all instances of a node."""
    by_holder: dict[str | None, list[Instance]] = {}
    for instance in special:
        by_holder.setdefault(_holder(instance, running, live), []).append(instance)
    if not by_holder:
        return [(None, [], frozenset())]
    passes = []
    left = {head(instance) for instance in special}
    for holder, instances in by_holder.items():
        left -= {head(instance) for instance in instances}
        passes.append((holder, instances, frozenset(left)))
    return passes


def _holder(instance: Instance, running: Iterable[str], live: Mapping[str, Live]) -> str | None:
    """The running node that holds the instance under its present identity."""
    for name in running:
        block = conf.blocks(live[name].conf or "").get(head(instance), "")
        old = {line.split()[0].split("/")[0] for line in conf.settings(block).get("virtual_ipaddress", ())}
        if old & live[name].holds:
            return name
    return None


def _one_pass(
    draft: _Draft,
    holder: str | None,
    instances: list[Instance],
    later: frozenset[str],
    wanted: Mapping[str, str],
    live: Mapping[str, Live],
    running: list[str],
    kinds: Mapping[Instance, Kind],
) -> None:
    def target(name: str) -> str:
        return conf.splice(wanted[name], live[name].conf or "", later)

    others = sorted((name for name in running if name != holder), key=lambda name: bool(_held(name, kinds, live)))
    moving = [instance for instance in instances if kinds[instance] is Kind.START_OVER and holder and others]
    renamed = [one for one in instances if holder and _renamed(one, draft.current[holder], map(target, others))]
    if holder and renamed:
        draft.activate(holder, _quiet(draft.current[holder] or ""), "repeat no longer who has the address")
    for name in others:
        draft.activate(name, _receiving(target(name), moving), "bring the new file to a backup")
    if holder is None:
        return
    if others and instances:
        _let_others_take(draft, holder, others, renamed, [one for one in moving if one not in renamed])
    if moving:
        draft.activate(holder, _lowered(target(holder), moving), "start over while another node holds the address")
        draft.steps.append(_wait(holder, others, moving, frozenset({holder}), "the holder has started over"))
    draft.activate(holder, target(holder), "bring the new file to the node that held the address")
    for name in others:
        draft.activate(name, target(name), "back to this node's own settings")


def _let_others_take(
    draft: _Draft, holder: str, others: list[str], renamed: list[Instance], handed: list[Instance]
) -> None:
    if handed:
        text = _lowered(draft.current[holder] or "", handed)
        draft.activate(holder, text, "hand the address over")
        draft.steps.append(_wait(holder, others, handed, frozenset({holder}), "another node holds the address"))
    if renamed:
        why = "another node holds the address under the new identity"
        draft.steps.append(_wait(holder, others, renamed, frozenset(), why))


def _renamed(instance: Instance, held: str | None, coming: Iterable[str]) -> bool:
    """Whether the node that runs `held` will not hear those that run what is `coming` in this instance."""
    old = conf.settings(conf.blocks(held or "").get(head(instance), ""))
    for text in coming:
        new = conf.settings(conf.blocks(text).get(head(instance), ""))
        if any(old.get(setting) != new.get(setting) for setting in IDENTITY_SETTINGS):
            return True
        if ("unicast_peer" in old) != ("unicast_peer" in new):
            return True
    return False


def _quiet(text: str) -> str:
    """A holder that no longer repeats its gratuitous ARP each second: one of them, sent between the other's
    take-over and its own letting go, would draw the clients back for up to a second."""
    return conf.change_block(text, "global_defs", {"vrrp_garp_master_refresh": ("0",)})


def _wait(node: str, by: Iterable[str], instances: Iterable[Instance], free_of: frozenset[str], why: str) -> Wait:
    instances = list(instances)
    held = frozenset().union(*(addresses(instance) for instance in instances))
    slowest = max(instance.advert_int for instance in instances)
    return Wait(node, held, frozenset(by), free_of, 4 * slowest + SLACK, why)


def _receiving(text: str, instances: Iterable[Instance]) -> str:
    """A backup that takes an address over from a lower priority at once, whatever it does normally."""
    for instance in instances:
        text = conf.change_block(text, head(instance), {}, STAY)
        own = conf.settings(conf.blocks(text).get(head(instance), "")).get("priority", ("100",))
        priority = str(max(int(own[0]), HANDOVER_PRIORITY + 1))
        text = conf.change_block(text, head(instance), {"priority": (priority,)})
    return text


def _lowered(text: str, instances: Iterable[Instance]) -> str:
    for instance in instances:
        text = conf.change_block(text, head(instance), {"priority": (str(HANDOVER_PRIORITY),)})
    return text


def _held(name: str, kinds: Mapping[Instance, Kind], live: Mapping[str, Live]) -> frozenset[str]:
    every = frozenset().union(*(addresses(instance) for instance in kinds))
    return live[name].holds & every


def _rank(cluster: Cluster, name: str) -> int:
    """How much a node is meant to lead: where nobody holds anything yet, the preferred one starts first."""
    members = (instance.member(name) for instance in cluster.instances)
    return sum(member.priority for member in members if member)
