"""What the process that does a drill is asked, and what it answers in the end.

What it tells on the way is what `floatip.operate.drill.progress` understands.
"""

from __future__ import annotations

from typing import Any, TypedDict


class Request(TypedDict):
    """`servers`, `client`: [name, host data] (no client: this computer looks); `watch`: server → script; `reach`,
    `observe`: scripts of the observer, who is known by `token`; `fault`, `undo`, `log`: scripts, the last for each
    watched server, afterwards; `before`, `hold`, `settle`: seconds before the fault, until it is undone, and then until
    the end; `seconds`: in all, at most; `breaks`: the fault ends connections; `lease`: the run that has the servers,
    which without it change nothing."""

    servers: list[list[Any]]
    client: list[Any] | None
    target: str
    watch: dict[str, str]
    reach: str
    observe: str
    token: str
    fault: str
    undo: str
    log: str
    before: float
    hold: float
    settle: float
    seconds: float
    breaks: bool
    lease: str


class Answer(TypedDict, total=False):
    """`watched`, `logs`: server → lines, None where it did not answer; `observed`: the observer's lines; `offsets`:
    server → seconds by which its clock is ahead; `fault_at`, `undo_at`: seconds since the epoch; `error`: what went
    wrong, as `floatip.model.messages.dumped` writes it, or "". Where something did, the rest is not there."""

    watched: dict[str, list[str] | None]
    logs: dict[str, list[str] | None]
    observed: list[str] | None
    offsets: dict[str, float]
    fault_at: float
    undo_at: float
    error: Any
