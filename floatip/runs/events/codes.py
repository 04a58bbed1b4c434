"""The codes of events: why a run did not begin, what went wrong, how a step ended."""

from __future__ import annotations

from enum import StrEnum


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
    NEWER = "newer"  # a later floatip has deployed `nodes`, and left what this one does not know
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
    ROUTES = "routes"  # at the end a route or a rule was not where the addresses are
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
