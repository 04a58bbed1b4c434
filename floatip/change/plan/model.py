"""What a plan is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from floatip.model.messages import Said, say
from floatip.model.settings.row import Version


class Kind(IntEnum):
    """Kinds of change, in the order of how much care they need."""

    NOTHING = 0
    RELOAD = 1
    START = 2
    IDENTITY = 3
    START_OVER = 4

    @property
    def word(self) -> Said:
        """The kind for people: `start over`."""
        return WORDS[self]


WORDS = {
    Kind.NOTHING: say("nothing"),
    Kind.RELOAD: say("reload"),
    Kind.START: say("start"),
    Kind.IDENTITY: say("new VRRP identity"),
    Kind.START_OVER: say("restart with a handover"),
}
NOTICE = {
    Kind.NOTHING: say("Every keepalived.conf stays as it is; clients notice nothing."),
    Kind.RELOAD: say("keepalived reloads its settings on one server after the other; clients notice nothing."),
    Kind.START: say(
        "keepalived is started where it is not running yet; addresses that are held already stay where they are."
    ),
    Kind.IDENTITY: say(
        "The VRRP identity changes (such as the VRID): the backup servers take the address over under "
        "the new one before the MASTER releases it under the old one; clients notice nothing."
    ),
    Kind.START_OVER: say(
        "The address moves to another server while its holder restarts the instance, then moves back; "
        "clients notice nothing."
    ),
}
ALONE = say("Only one server is running, so no other can take over: clients get no answer for a few seconds.")


@dataclass(frozen=True, slots=True)
class Live:
    """What was found on a node: the file that is there, whether the daemon runs, has read it
    (`pending`: not yet), the addresses on its interfaces (without prefix), and which daemon it is, as far as known."""

    conf: str | None
    active: bool
    pending: bool
    holds: frozenset[str]
    daemon: Version = ()


@dataclass(frozen=True, slots=True)
class Step:
    """Make `conf` the live file of `node` and have the daemon read it."""

    node: str
    conf: str
    why: Said


@dataclass(frozen=True, slots=True)
class Wait:
    """Poll until each address is held by one of `by` and by none of `free_of`, or `timeout` seconds are over: in vain,
    unless a device that floatip does not manage may have taken the addresses (`elsewhere`)."""

    node: str
    addresses: frozenset[str]
    by: frozenset[str]
    free_of: frozenset[str]
    timeout: float
    why: Said
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be done, in order, and what it is for. `kinds`: the kind of change of each instance."""

    kind: Kind
    steps: tuple[Step | Wait, ...] = ()
    reasons: tuple[str, ...] = ()
    notice: Said = NOTICE[Kind.NOTHING]
    kinds: Mapping[str, Kind] = field(default_factory=dict)


class Obstacle(StrEnum):
    """Why there is no plan."""

    UNCLEAR = "unclear"  # a node runs a file of which nobody can tell what the change amounts to
    LEFT_OUT = "left-out"  # all nodes of an instance must change together, and some are not in this run
    DEPLOY_FIRST = "deploy-first"  # an address shall be moved, and its instance has other changes
    NO_HEIR = "no-heir"  # a server leaves the cluster that holds an address which no other one could take over


class PlanError(ValueError):
    """The change cannot be made safely under the given conditions. `nodes`: because of these."""

    def __init__(self, code: Obstacle, message: Said, nodes: Iterable[str] = ()) -> None:
        self.code, self.message, self.nodes = code, message, tuple(nodes)
        super().__init__(message)
