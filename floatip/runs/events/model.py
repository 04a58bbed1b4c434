"""The events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from floatip.change.landmarks import Landmark
from floatip.change.plan import Kind
from floatip.hosts.daemon import Health
from floatip.hosts.ssh_errors import Why
from floatip.model.messages import NO_MESSAGE, Said
from floatip.model.problems import Level, Problem
from floatip.runs.events.codes import Cause, Failure, Outcome, Refusal, TrialResult


@dataclass(frozen=True, slots=True)
class Planned:
    """What will be done. `instances`: the kind of change of each; `moved`: instance → where it was moved to."""

    cluster: str
    kind: Kind
    instances: Mapping[str, Kind]
    moved: Mapping[str, str]
    notice: Said = NO_MESSAGE


@dataclass(frozen=True, slots=True)
class Remark:
    """A problem of the inventory, of a host or of its firewall; see `floatip.model.problems`."""

    path: str
    code: str
    level: Level
    message: Said
    hint: Said = NO_MESSAGE

    @classmethod
    def of(cls, problem: Problem) -> Remark:
        """The same problem."""
        return cls(problem.path, problem.code, problem.level, problem.message, problem.hint)


@dataclass(frozen=True, slots=True)
class Refused:
    """The run does not begin. `reasons`: server → why it does not tell what it is like, where that is why."""

    code: Refusal
    message: Said
    nodes: tuple[str, ...] = ()
    reasons: Mapping[str, Why] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotConnected:
    """No connection to a server: why, and what to do about it."""

    node: str
    message: Said


@dataclass(frozen=True, slots=True)
class Begin:
    """A step begins. `begin`: seconds since the epoch; `of`: how many steps the run has; `what`: its name; `landmark`:
    what is known at its end."""

    begin: float
    of: int
    what: Said = NO_MESSAGE
    landmark: Landmark | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """How the step that began last ended on one server."""

    node: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class End:
    """The step has ended on all servers. `end`: seconds since the epoch."""

    end: float


@dataclass(frozen=True, slots=True)
class Failed:
    """What went wrong: on which server, what that said itself, and who held what where that is the point.

    `holders`: address → servers; `silent`: servers that did not answer.
    """

    code: Failure
    message: Said
    node: str = ""
    said: str = ""
    holders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    silent: tuple[str, ...] = ()
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Restored:
    """A server has its previous configuration again; or not, and what it said."""

    node: str
    ok: bool
    said: Said | str = ""


@dataclass(frozen=True, slots=True)
class WentOn:
    """A server has the new configuration, though another one fell silent; or not, and what it said."""

    node: str
    ok: bool
    said: Said | str = ""


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """The servers `nodes` bring the change to its end by themselves, within so many `seconds`."""

    nodes: tuple[str, ...]
    seconds: int


@dataclass(frozen=True, slots=True)
class Proved:
    """One address was seen with one holder. `holder`: empty where it may be a server outside this run;
    `answers`: whether it answered another server in the same network, None where nobody is there to ask; `instance`:
    whose address it is; `others`: hardware addresses that are not the holder's, and answer for it."""

    address: str
    holder: str
    answers: bool | None = None
    instance: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cleared:
    """After a removal nothing of floatip was found on `node`. `addresses`: what was looked for there; `held`: which of
    these it has nevertheless, by way of a keepalived that is not floatip's."""

    node: str
    addresses: tuple[str, ...] = ()
    held: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stopped:
    """The run ends early, because somebody asked for that."""

    message: Said


@dataclass(frozen=True, slots=True)
class CheckTried:
    """A new or changed health check was run once on a server, as its user. `said`: what it printed last."""

    node: str
    check: str
    result: TrialResult
    message: Said = NO_MESSAGE
    said: str = ""


@dataclass(frozen=True, slots=True)
class CheckSeen:
    """What the daemon of a server says of a health check at the end. `said`: what it printed when it was tried."""

    node: str
    check: str
    health: Health
    message: Said = NO_MESSAGE
    said: str = ""


Event = (
    Planned
    | Remark
    | Refused
    | NotConnected
    | Begin
    | Done
    | End
    | Failed
    | Restored
    | WentOn
    | LeftAlone
    | Proved
    | Cleared
    | Stopped
    | CheckTried
    | CheckSeen
)
