"""What the process that does a drill is asked, what it tells on the way, and what it answers in the end."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict


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


class Note(TypedDict):
    """How far it is, for `floatip.operate.drill.progress`. `at`: seconds since this computer's epoch; `phase`: one of
    its PHASES that begins; `answers`: to pings, when they came, since the last note that has some."""

    at: float
    phase: NotRequired[str]
    answers: NotRequired[list[float]]


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
