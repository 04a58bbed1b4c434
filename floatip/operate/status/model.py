"""A row of the status, and its codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from floatip.hosts.daemon import State
from floatip.model.messages import NO_MESSAGE, Said, say

Verdict = Literal["good", "bad", "unknown"]
Level = Literal["good", "warning", "bad", "unknown"]
SIGNS: Mapping[Level, str] = {"good": "●", "warning": "▲", "bad": "▲", "unknown": "?"}
WORDS: dict[State, tuple[str, Said]] = {
    "master": ("●", say("MASTER, has the address")),
    "backup": ("○", say("BACKUP, on standby")),
    "fault": ("▲", say("FAULT, does not take part")),
    "init": ("…", say("just starting")),
    "mute": ("?", say("keepalived is running, but does not report its state")),
    "absent": ("▲", say("its keepalived has no such instance")),
    "stopped": ("▲", say("keepalived is not running")),
    "unknown": ("?", say("unknown: it did not answer")),
}


class Code(StrEnum):
    """What `Row.sentence` says."""

    HELD = "held"  # by the one that shall have it
    MOVED = "moved"  # by the one that it was moved to on purpose
    NOT_PREFERRED = "not-preferred"  # by another one than shall have it
    SPLIT = "split"  # by one server, and by another what is to move together with it
    TWICE = "twice"  # by several at the same time
    MAYBE_TWICE = "maybe-twice"  # by one; others do not answer
    MAYBE_NOBODY = "maybe-nobody"  # by none that answers; others do not
    NOBODY = "nobody"
    ELSEWHERE = "elsewhere"  # with a device that floatip does not manage, by what the servers hear


class Cause(StrEnum):
    """What `Row.cause` says."""

    OTHER_VRID = "other-vrid"
    ADVERTS_REFUSED = "adverts-refused"
    VRRP_DROPPED = "vrrp-dropped"
    NONE_RUNS = "none-runs"
    NO_INSTANCE = "no-instance"  # where keepalived runs, it has none of this name
    CHECKS_FAIL = "checks-fail"
    NONE_FIT = "none-fit"
    ELECTION = "election"


@dataclass(frozen=True, slots=True)
class NodeRow:
    """One server and one address. `since`: seconds in this state; `priority`: the present one; `checks`: name → well.
    `since` and `priority` are None where they are not known. `off`: those of `checks` that the daemon does not run."""

    name: str
    state: State
    since: float | None = None
    priority: int | None = None
    checks: Mapping[str, bool] | None = None
    off: frozenset[str] = frozenset()

    @property
    def sign(self) -> str:
        """A sign beside the word, for those who see no colours."""
        return WORDS[self.state][0]

    @property
    def label(self) -> Said:
        """The state, as people say it."""
        return WORDS[self.state][1]


@dataclass(frozen=True, slots=True)
class Row:
    """One address: who has it, whether that is well, and the likely cause where it is not; in words and as codes.

    `cause` also tells the health checks that fail while somebody holds the address. `devices`: those that floatip does
    not manage, one of which has it.
    """

    instance: str
    address: str
    verdict: Verdict
    sentence: Said
    nodes: tuple[NodeRow, ...]
    code: Code
    cause: Said = NO_MESSAGE
    cause_code: Cause | None = None
    devices: tuple[str, ...] = ()

    @property
    def holder(self) -> str:
        """The only server that has the address; empty where there is no such server."""
        return self._holders[0] if len(self._holders) == 1 else ""

    @property
    def clashing(self) -> list[str]:
        """The servers that have the address while somebody else has it, too."""
        return self._holders if self.code is Code.TWICE else []

    @property
    def _holders(self) -> list[str]:
        return [node.name for node in self.nodes if node.state == "master"]

    @property
    def level(self) -> Level:
        """The verdict, and "warning" where somebody holds the address, but not all is well."""
        return "warning" if self.verdict == "good" and self.cause_code else self.verdict

    @property
    def sign(self) -> str:
        """A sign before the words, for those who see no colours."""
        return SIGNS[self.level]
