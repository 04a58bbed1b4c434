"""What the keeper of leases is asked by the command that starts it, and what it answers, a JSON object a message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict, final

from floatip.model.messages import Said, dumped, loaded
from floatip.server_side.lease.model import What
from floatip.server_side.lease.scripts import Found


@final
class HoldRequest(TypedDict):
    """Hold the leases of `servers`, [name, host data]. `parent`: the process that they are for."""

    servers: list[list[Any]]
    what: What
    parent: int


@final
class EndRequest(TypedDict):
    """End the leases of `servers`. `ends`: server → the run that has it."""

    servers: list[list[Any]]
    ends: dict[str, str]


Request = HoldRequest | EndRequest


@dataclass(frozen=True, slots=True)
class Taken:
    """All leases are held, by this run."""

    run: str


@dataclass(frozen=True, slots=True)
class Refused:
    """They cannot be had: why, because of which server; `busy`: another run has it."""

    why: Said
    node: str = ""
    busy: bool = False


@dataclass(frozen=True, slots=True)
class Broken:
    """Server → how its lease was found when it was ended; None where that is not known."""

    found: Mapping[str, Found | None]


Message = Taken | Refused | Broken


def as_json(message: Message) -> dict[str, Any]:
    """The message as it is written."""
    if isinstance(message, Taken):
        return {"run": message.run}
    if isinstance(message, Refused):
        return {"error": dumped(message.why), "node": message.node, "busy": message.busy}
    return {"broken": dict(message.found)}


def read(given: object) -> Message:
    """The message that was written; ValueError where it is none."""
    if isinstance(given, dict):
        run, node, busy, found = (given.get(key) for key in ("run", "node", "busy", "broken"))
        if isinstance(run, str):
            return Taken(run)
        if "error" in given and isinstance(node, str) and isinstance(busy, bool):
            return Refused(_sentence(given["error"]), node, busy)
        if isinstance(found, dict):
            return Broken({str(name): _found(how) for name, how in found.items()})
    raise ValueError(f"no message of a keeper: {given!r:.80}")


def _sentence(error: object) -> Said:
    if not isinstance(error, str | dict):
        raise ValueError(f"no sentence: {error!r:.80}")
    try:
        sentence: Said = loaded(error)
    except (LookupError, TypeError, AttributeError) as wrong:
        raise ValueError(f"no sentence: {error!r:.80}") from wrong
    return sentence


def _found(how: object) -> Found | None:
    return None if how is None else Found(str(how))
