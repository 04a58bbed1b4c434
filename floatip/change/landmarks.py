"""The steps that others wait for, by a code: their names are for people."""

from __future__ import annotations

from enum import StrEnum

from floatip.model.messages import Said


class Landmark(StrEnum):
    """What is known at the end of a step."""

    PROVEN = "proven"  # every address has one holder
    REMOVED = "removed"  # nothing of floatip is left
    REBOOTED = "rebooted"  # the server takes part again


ONLY_LOOKING = frozenset({Landmark.PROVEN, Landmark.REMOVED})
"""These steps change nothing on a server, though they run something there."""


def landmark(name: str) -> Landmark | None:
    """What is known at the end of the step that is called so."""
    return name.code if isinstance(name, Said) and isinstance(name.code, Landmark) else None
