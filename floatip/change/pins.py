"""An address that was moved on purpose: to which server, until it is moved again.

What stands in the inventory stays as it is. Each server keeps a note, `TIME INSTANCE=SERVER …`; of several the newest
counts, so that one that was off when the address went home does not take it away again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from floatip.hosts.host_state import HostState
from floatip.model import fields
from floatip.model.cluster import Cluster, Instance

NOTE = re.compile(r"([0-9]{1,12})((?: [^\s=]+=[^\s=]+)*)\n?")


@dataclass(frozen=True, slots=True)
class Moves:
    """`to`: instance → the server that it was moved to; `at`: when, in seconds since the epoch, 0 for never."""

    at: int = 0
    to: Mapping[str, str] = field(default_factory=dict)

    @property
    def note(self) -> str | None:
        """What the servers keep; nothing where nothing was ever moved."""
        pairs = "".join(f" {instance}={node}" for instance, node in sorted(self.to.items()))
        return f"{self.at}{pairs}\n" if self.at else None


def parse(note: str | None) -> Moves:
    """A server's note; what is none counts as never moved."""
    found = NOTE.fullmatch(note or "")
    return Moves(int(found[1]), dict(pair.split("=") for pair in found[2].split())) if found else Moves()


def newest(notes: Iterable[str | None]) -> Moves:
    """What the servers remember."""
    return max(map(parse, notes), key=lambda moves: moves.at, default=Moves())


def noted(states: Mapping[str, HostState]) -> Moves:
    """The same, of servers as they were found."""
    return newest(found.text("moved") for found in states.values())


def known(cluster: Cluster, moves: Moves) -> Moves:
    """Without what the inventory no longer has, without what is at home anyway, and without what was moved only in part
    of those that move together by now."""
    to = {
        instance.name: moves.to[instance.name]
        for instance in cluster.instances
        if instance.name in moves.to
        and all(moves.to.get(other.name) == moves.to[instance.name] for other in cluster.together(instance))
        and instance.member(moves.to[instance.name])
        and instance.preferred.node != moves.to[instance.name]
    }
    return replace(moves, to=to)


def applied(cluster: Cluster, moves: Moves) -> Cluster:
    """The cluster for as long as it is so: who has the address changes places with who is preferred."""
    to = known(cluster, moves).to
    return replace(cluster, instances=tuple(_led(instance, to.get(instance.name)) for instance in cluster.instances))


def moved(cluster: Cluster, before: Moves, to: Mapping[str, str], at: int) -> Moves:
    """What holds from `at` on, once these instances, and those that move with them, are led by these servers too."""
    return known(cluster, Moves(at, {**before.to, **spread(cluster, to)}))


def spread(cluster: Cluster, to: Mapping[str, str]) -> dict[str, str]:
    """The same servers for those that move with these instances."""
    moved = [(instance, to[instance.name]) for instance in cluster.instances if instance.name in to]
    return {each.name: node for instance, node in moved for each in cluster.together(instance)}


def option(to: Mapping[str, str]) -> str:
    """Instance → server, as `--data floatip_move=…` takes it."""
    return ",".join(f"{instance}:{node}" for instance, node in sorted(to.items()))


def from_option(text: str) -> dict[str, str]:
    """The other way; `fields.Wrong` where it is anything else."""
    pairs = [part.partition(":") for part in text.split(",")]
    return {fields.object_name(instance): fields.node_name(node) for instance, _, node in pairs}


def _led(instance: Instance, leader: str | None) -> Instance:
    if leader is None:
        return instance
    ranks = {member.node: member.priority for member in instance.members}
    first = instance.preferred.node
    ranks[first], ranks[leader] = ranks[leader], ranks[first]
    return replace(instance, members=tuple(replace(member, priority=ranks[member.node]) for member in instance.members))
