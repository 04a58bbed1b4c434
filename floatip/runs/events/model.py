"""The events and their codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from floatip.change.plan import Kind
from floatip.hosts.daemon import Health
from floatip.hosts.ssh_errors import Why
from floatip.model.messages import SILENT, Said
from floatip.model.problems import Level, Problem


class Refusal(StrEnum):
    """Why a run did not begin; no host was changed."""

    INVENTORY = "inventory"  # it has problems: each is a Remark
    HOSTS = "hosts"  # they have problems: each is a Remark
    OPTION = "option"  # what --data gives makes no sense
    NO_CLUSTER = "no-cluster"  # a host belongs to none
    BUSY = "busy"  # another run is at work on these servers
    OUTDATED = "outdated"  # the servers have changed since the plan was made
    UNREACHABLE = "unreachable"  # no connection to `nodes`
    NOT_EXAMINED = "not-examined"  # a connection, but no answer from `nodes`
    ASKED_TO_END = "asked-to-end"  # by a signal
    UNDER_WAY = "under-way"  # a change was cut off on all servers, and --limit leaves out `nodes`
    UNCLEAR = "unclear"  # what kind of change it is for `nodes` cannot be told from the files that they run
    LEFT_OUT = "left-out"  # the change is one for all, and --limit leaves out `nodes`
    DEPLOY_FIRST = "deploy-first"  # an address shall be moved whose other changes are nowhere yet
    FIREWALL = "firewall"  # it cannot be understood
    LEFT_BEHIND = "left-behind"  # `nodes` were taken out of the inventory, and may run keepalived still
    STILL_THERE = "still-there"  # `nodes` shall be forgotten, and are heard or answer
    NO_HEIR = "no-heir"  # `nodes` leave the cluster with an address that no other server could take over


class Failure(StrEnum):
    """What went wrong in a run that had begun."""

    REFUSED_BY_DAEMON = "refused-by-daemon"  # keepalived does not take the configuration
    NOT_TESTED = "not-tested"  # the configuration could not even be shown to it
    NOT_ACTIVATED = "not-activated"  # the live file or the daemon is not what it should be
    WAITED_IN_VAIN = "waited-in-vain"  # an address did not go where it should
    NOT_SETTLED = "not-settled"  # at the end not exactly one server had each address
    PACKAGES = "packages"  # they could not be recorded, installed or removed
    PACKAGES_BUSY = "packages-busy"  # another process did not stop working on them
    NOT_REMOVED = "not-removed"  # something of floatip is left
    NOT_CONFIRMED = "not-confirmed"  # no new connection after the firewall was changed
    LEASE_LOST = "lease-lost"  # another run has the server by now, or nobody: nothing was changed by this step
    NOT_KEPT = "not-kept"  # what there is now could not be kept, so nothing was changed
    FELL_SILENT = "fell-silent"  # the connection to `node` has ended in the middle, and a new one could not be had
    OTHER_FILE = "other-file"  # at the end the live file of `node` was not the wanted one
    STEP = "step"  # a command of a step failed on `node`
    UNFIT = "unfit"  # a server cannot do what was asked, or what stands in for it cannot
    NOT_HANDED_OVER = "not-handed-over"  # the addresses, before a reboot: nothing was rebooted
    NOT_HANDED_BACK = "not-handed-back"  # the addresses, after a reboot


class Cause(StrEnum):
    """The likely reason for a failure."""

    VRRP_DROPPED = "vrrp-dropped"  # they do not hear each other
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """How a step ended on a server."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    FAILED = "failed"


class TrialResult(StrEnum):
    """How a health check ended that was run once, before the daemon runs it."""

    WELL = "well"
    FAILED = "failed"
    NOT_RUN = "not-run"  # its user may not run it, or it is not there
    OVERDUE = "overdue"  # it did not finish in time
    UNKNOWN = "unknown"  # it could not be tried


@dataclass(frozen=True, slots=True)
class Planned:
    """What will be done. `instances`: the kind of change of each; `moved`: instance → where it was moved to."""

    cluster: str
    kind: Kind
    instances: Mapping[str, Kind]
    moved: Mapping[str, str]
    notice: Said = SILENT


@dataclass(frozen=True, slots=True)
class Remark:
    """A problem of the inventory, of a host or of its firewall; see `floatip.model.problems`."""

    path: str
    code: str
    level: Level
    message: Said
    hint: Said = SILENT

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
    """A step begins. `begin`: seconds since the epoch; `of`: how many steps the run has; `what`: its name."""

    begin: float
    of: int
    what: Said = SILENT


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
    message: Said = SILENT
    said: str = ""


@dataclass(frozen=True, slots=True)
class CheckSeen:
    """What the daemon of a server says of a health check at the end. `said`: what it printed when it was tried."""

    node: str
    check: str
    health: Health
    message: Said = SILENT
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
