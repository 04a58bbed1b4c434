"""What a plan is made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from floatip.words import Said, say


class Kind(IntEnum):
    """Kinds of change, in the order of how much care they need."""

    NOTHING = 0
    RELOAD = 1
    START = 2
    IDENTITY = 3
    START_OVER = 4

    @property
    def word(self) -> str:
        """The kind for people: `start over`."""
        return self.name.lower().replace("_", " ")


NOTICE = {
    Kind.NOTHING: say("Nothing will be changed; a client notices nothing."),
    Kind.RELOAD: say("The daemons reload, one node at a time; a client notices nothing."),
    Kind.START: say(
        "keepalived is started where it does not run yet; addresses that are held already stay where they are."
    ),
    Kind.IDENTITY: say(
        "The nodes change their VRRP identity: the backups take the address over under the new one "
        "before the master lets go of it under the old one; a client notices nothing."
    ),
    Kind.START_OVER: say(
        "The address is handed to another node while its holder starts over, then goes home; a client notices nothing."
    ),
}
ALONE = say("Only one node is running, so nobody can stand in: a client goes without an answer for some seconds.")


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
    why: Said


@dataclass(frozen=True, slots=True)
class Wait:
    """Poll until each address is held by one of `by` and by none of `free_of`, or `timeout` seconds are over."""

    node: str
    addresses: frozenset[str]
    by: frozenset[str]
    free_of: frozenset[str]
    timeout: float
    why: Said


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be done, in order, and what it is for."""

    kind: Kind
    steps: tuple[Step | Wait, ...] = ()
    reasons: tuple[str, ...] = ()
    notice: str = NOTICE[Kind.NOTHING]


class PlanError(ValueError):
    """The change cannot be made safely under the given conditions."""
