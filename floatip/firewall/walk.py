"""Would this packet get through? A cautious walk over chains: what may be dropped counts as dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from floatip.firewall.match import Match
from floatip.firewall.model import FirewallError, Flow
from floatip.model.messages import say

Verdict = Literal["accept", "drop", "return", "jump", "goto"]
Fate = Literal["accept", "drop", "end"]
MAX_DEPTH = 32  # the kernel allows 16 jumps
MAX_VISITS = 20_000  # a hostile rule set could make the walk exponential

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a rule matches a flow, and what it does then."""

    match: Match
    verdict: Verdict
    target: str = ""


class Walk(Generic[R]):
    """Chains by name, and how to read one of their rules."""

    def __init__(self, chains: Mapping[str, Sequence[R]], judge: Callable[[R, Flow], Iterable[Judgement]]) -> None:
        self.chains = chains
        self.judge = judge
        self.visits = 0

    def blocked(self, chain: str, policy: str, flow: Flow) -> bool:
        """Whether the base chain `chain` drops the flow, or may drop it."""
        fate = self._fate(chain, flow, 0)
        return fate == "drop" or (fate == "end" and policy != "accept")

    def _fate(self, chain: str, flow: Flow, depth: int) -> Fate:
        self.visits += 1
        if depth > MAX_DEPTH or self.visits > MAX_VISITS:
            raise FirewallError(say("The firewall's chains are nested too deeply to be understood."))
        certain = True  # False once the packet may have left this chain by a "return" that we cannot judge
        for rule in self.chains.get(chain, ()):
            for judgement in self.judge(rule, flow):
                if judgement.match == "no":
                    continue
                if judgement.verdict == "return":
                    if judgement.match == "yes":
                        return "end"
                    certain = False
                    continue
                fate: Fate = "accept" if judgement.verdict == "accept" else "drop"
                if judgement.verdict in ("jump", "goto"):
                    fate = self._fate(judgement.target, flow, depth + 1)
                if fate == "drop":
                    return "drop"
                if judgement.match == "yes" and (fate == "accept" or judgement.verdict == "goto"):
                    return fate if certain else "end"
                if fate == "end" and judgement.verdict == "goto":
                    certain = False
        return "end"
