"""One pass: the instances that one node holds change together, and nobody is without an answer meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from floatip.change.plan.bundles import Bundles, whole
from floatip.change.plan.changes import addresses, block, block_kind, differ_in_identity, head, holder
from floatip.change.plan.interim import kept, lowered, quiet, receiving
from floatip.change.plan.model import Kind, Live, Step, Wait
from floatip.keepalived import conf
from floatip.model.cluster import Instance
from floatip.model.messages import Said, say

ELSEWHERE = 1.0  # the same where the address may be with a device that cannot be asked, and nobody sees it arrive
SLACK = 10.0  # seconds a wait may take beyond what the protocol predicts, on a busy host


@dataclass
class Draft:
    """The steps so far, and what each node would be running after them."""

    current: dict[str, str | None]
    pending: set[str]
    steps: list[Step | Wait] = field(default_factory=list)

    def activate(self, node: str, text: str, why: Said) -> None:
        """Add a step, unless the node runs just that."""
        if self.current[node] != text or node in self.pending:
            self.steps.append(Step(node, text, why))
            self.current[node] = text
            self.pending.discard(node)

    def wait(
        self,
        node: str,
        by: Iterable[str],
        of: Iterable[Instance],
        why: Said,
        *,
        gone: Iterable[str] = (),
        sure: bool = True,
    ) -> None:
        """Wait until `by` hold the addresses of the instances, and those in `gone` do not. `sure`: else it is no
        failure where they do not get there."""
        instances = list(of)
        held = frozenset[str]().union(*(addresses(instance) for instance in instances))
        elsewhere = not sure or any(instance.foreign for instance in instances)
        timeout = 4 * max(instance.advert_int for instance in instances) + (ELSEWHERE if elsewhere else SLACK)
        self.steps.append(Wait(node, held, frozenset(by), frozenset(gone), timeout, why, elsewhere))


@dataclass(frozen=True)
class Pass:
    """`holder` has the addresses of `instances`; `later` are the heads of those that change in later passes."""

    holder: str | None
    instances: tuple[Instance, ...]
    later: frozenset[str]


def passes(special: Iterable[Instance], running: Iterable[str], live: Mapping[str, Live]) -> list[Pass]:
    """What has different holders goes one after the other, because a reload touches all instances of a node."""
    by_holder: dict[str | None, list[Instance]] = {}
    for instance in special:
        by_holder.setdefault(holder(instance, running, live), []).append(instance)
    left = {head(instance) for instances in by_holder.values() for instance in instances}
    made = []
    for name, instances in by_holder.items():
        left -= {head(instance) for instance in instances}
        made.append(Pass(name, tuple(instances), frozenset(left)))
    return made or [Pass(None, (), frozenset())]


class Walk:
    """The way of one pass, step by step."""

    def __init__(
        self,
        draft: Draft,
        current: Pass,
        wanted: Mapping[str, str],
        live: Mapping[str, Live],
        others: list[str],
        tied: Bundles,
    ) -> None:
        self.draft = draft
        self.others = others
        self.live = live
        self.tied = tied
        self.target = {name: kept(text, live[name].conf or "", current.later) for name, text in wanted.items()}
        self.instances = current.instances if others else ()

    def without_holder(self) -> None:
        """Nobody holds what changes here, so nobody can lose it."""
        for name in self.others:
            self.draft.activate(name, self.target[name], say("bring the new file to a backup server"))

    def with_holder(self, holding: str) -> None:
        """Backups first; then the holder, while others stand in for whatever it must let go of."""
        renamed = [instance for instance in self.instances if self._renamed(instance, holding)]
        moving = self._moving(
            [instance for instance in self.instances if self._starts_over(instance, holding)], renamed
        )
        handed = [instance for instance in moving if instance not in renamed]
        gaining = [instance for instance in handed if self._gains_vmac(instance, holding)]
        if renamed and not self._held_twice(renamed):
            text = quiet(self._current(holding), renamed)
            self.draft.activate(holding, text, say("stop repeating who has the address"))
        self._prepare_others(moving, gaining)
        if handed:
            self.draft.activate(holding, lowered(self._current(holding), handed), say("hand the address over"))
            self.draft.wait(holding, self.others, handed, say("another server holds the address"), gone=[holding])
        if renamed:
            self.draft.wait(
                holding, self.others, renamed, say("another server holds the address under the new identity")
            )
        if moving:
            text = lowered(self.target[holding], moving)
            self.draft.activate(holding, text, say("restart while another server holds the address"))
            self.draft.wait(holding, self.others, moving, say("the holder has restarted"), gone=[holding])
        if gaining:
            self._go_home(holding, gaining)
        self.draft.activate(
            holding, self.target[holding], say("bring the new file to the server that held the address")
        )
        for name in self.others:
            self.draft.activate(name, self.target[name], say("this server's own settings"))

    def _moving(self, over: list[Instance], renamed: list[Instance]) -> list[Instance]:
        """Those that start over, and what moves with them. Where one of several that move together gets another
        identity, the others keep its new one from leading: so all are handed over, unless all get another one."""
        mixed = [instance for instance in renamed if not all(other in renamed for other in self.tied[instance.name])]
        return whole([*over, *mixed], self.tied)

    def _prepare_others(self, moving: list[Instance], gaining: list[Instance]) -> None:
        for name in self.others:
            text = kept(self.target[name], self._current(name), [head(instance) for instance in gaining])
            self.draft.activate(name, receiving(text, moving), say("bring the new file to a backup server"))

    def _go_home(self, holding: str, some: list[Instance]) -> None:
        """The holder takes its address back while the others still use their own hardware address: with the
        virtual MAC on both sides, the old master's answer to a gratuitous ARP could mislead the switch."""
        gaining = whole(some, self.tied)
        if any(self._outranked(instance, holding) for instance in gaining):
            for name in self.others:
                self.draft.activate(name, lowered(self._current(name), gaining), say("give the address back"))
        self.draft.activate(holding, receiving(self.target[holding], gaining), say("take the address back"))
        self.draft.wait(holding, [holding], gaining, say("the address is back"), gone=self.others)

    def _outranked(self, instance: Instance, holding: str) -> bool:
        own = conf.priority(block(self.target[holding], instance))
        return any(conf.priority(block(self._current(name), instance)) >= own for name in self.others)

    def _renamed(self, instance: Instance, holding: str) -> bool:
        old = block(self._current(holding), instance)
        return any(differ_in_identity(old, block(self.target[name], instance)) for name in self.others)

    def _held_twice(self, instances: list[Instance]) -> bool:
        """Whether another node has an address as well: clients that ask that one, which will let go, need the
        holder's gratuitous ARP to find their way."""
        held = frozenset[str]().union(*(addresses(instance) for instance in instances))
        return any(held & self.live[name].holds for name in self.others)

    def _starts_over(self, instance: Instance, holding: str) -> bool:
        return block_kind(self._current(holding), self.target[holding], instance) is Kind.START_OVER

    def _gains_vmac(self, instance: Instance, holding: str) -> bool:
        without = all("use_vmac" not in block(self._current(name), instance) for name in [holding, *self.others])
        return without and "use_vmac" in block(self.target[holding], instance)

    def _current(self, name: str) -> str:
        return self.draft.current[name] or ""
