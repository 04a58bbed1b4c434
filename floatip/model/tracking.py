"""What an instance tracks, as plain values: health checks, and what each counts for (keepalived.conf(5))."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from floatip.model.notify import SCRIPT_USER, Notify

CheckKind = Literal["process", "unit", "tcp", "http", "https", "dns", "file", "command"]


@dataclass(frozen=True, slots=True)
class Script:
    """A health check (`vrrp_script`). Times in seconds; `weight` is added while it succeeds
    (positive) or subtracted while it fails (negative); 0 puts the node into FAULT instead.

    `target`: a process name, a unit, `host:port` or `[v6]:port`, a URL, a name to resolve, the path of a file, or a
    command line that starts with an absolute path or with a file beside the inventory, according to `kind`. `user`: who
    runs it, with a group where one is named. The fields after that say more to some kinds (`settings.kind_options`).
    `source`: the text of that file, where it was read; an inventory does not hold it.
    """

    name: str
    kind: CheckKind
    target: str
    interval: int = 2
    timeout: int = 2
    fall: int = 2
    rise: int = 2
    weight: int = 0
    user: str = SCRIPT_USER
    status: str | None = None
    text: str | None = None
    host: str | None = None
    ca: str | None = None
    insecure: bool = False
    server: str | None = None
    record: str | None = None
    extra_lines: tuple[str, ...] = ()
    source: str | None = field(default=None, compare=False, repr=False)

    @property
    def program(self) -> Notify | None:
        """What runs, where that is no script of floatip's own."""
        return Notify(self.target, self.user, self.source) if self.kind == "command" and self.target else None


@dataclass(frozen=True, slots=True)
class TrackFile:
    """A file with a number (`track_file`), which is multiplied by `weight` and added to the priority; 0: any number but
    0 is FAULT. `init_file`: the number that keepalived writes where there is no file."""

    name: str
    file: str
    weight: int = 1
    init_file: int | None = None


@dataclass(frozen=True, slots=True)
class Tracked:
    """What an instance tracks; `weight`: what it counts for there, None where that is said elsewhere or it is FAULT."""

    name: str
    weight: int | None = None


Weights = tuple[tuple[str, str, int], ...]
"""(list, name, weight) of all that is tracked with a weight of its own: ("track_script", "web", -60)."""


def tracked(names: Iterable[str], weights: Weights, key: str) -> tuple[Tracked, ...]:
    """What a list tracks, with the weights."""
    own = {name: weight for where, name, weight in weights if where == key}
    return tuple(Tracked(name, own.get(name)) for name in names)
