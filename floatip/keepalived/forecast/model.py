"""An event, and what it is for programs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from floatip.model.messages import Said


class Happens(StrEnum):
    """What an event is, for programs."""

    DIES = "dies"
    STOPPED = "stopped"
    CUT = "cut"
    RETURNS = "returns"
    CHECK_FAILS = "check-fails"
    INTERFACE_DOWN = "interface-down"  # another one than that of the adverts
    NUMBER = "number"  # in a file that is tracked
    DEAF = "deaf"
    DEAF_PARTLY = "deaf-partly"  # in one of several networks
    BOTH_DIE = "both-die"
    ALL_START = "all-start"


@dataclass(frozen=True, slots=True)
class Event:
    """One event; `code` is what `what` says. `instance`: or the group of those that move together. `holder`: who has
    the addresses afterwards (None: nobody); `seconds`: how long clients wait at most (None: they do not wait, or for as
    long as it lasts)."""

    instance: str
    code: Happens
    what: Said
    outcome: Said
    holder: str | None
    seconds: float | None = None
