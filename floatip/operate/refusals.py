"""Why something is not done to a cluster that runs."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from floatip.model.messages import Said, one_after_the_other


class Code(StrEnum):
    """Why something is not done."""

    NO_SUCH_SERVER = "no-such-server"
    NO_SUCH_INSTANCE = "no-such-instance"
    NO_PART = "no-part"  # the server is not in the instance
    NOT_ASKED = "not-asked"  # the server cannot be asked
    CHECK_FAILS = "check-fails"
    NOT_RUNNING = "not-running"  # its keepalived is no master and no backup
    NOT_BACK = "not-back"  # from its reboot
    THERE_ALREADY = "there-already"  # what was to be moved
    NOT_ONE_HOLDER = "not-one-holder"
    ELSEWHERE = "elsewhere"  # a device that floatip does not manage has the address, or would have it
    NO_SUCH_FAULT = "no-such-fault"  # in this instance
    DRILL_FAILED = "drill-failed"
    NOT_DEPLOYED = "not-deployed"  # the servers run something else than the inventory says, or nothing
    BUSY = "busy"  # another run has the servers
    NOT_RESERVED = "not-reserved"  # the servers' leases cannot be had for another reason


MISNAMED = frozenset({Code.NO_SUCH_SERVER, Code.NO_SUCH_INSTANCE, Code.NO_PART, Code.NO_SUCH_FAULT})
"""Those for which no server had to be asked: what was typed is wrong."""


class Unfit(Exception):
    """It would not do any good, or would do harm: `code` and `reason` say why. Nothing was changed.

    `node`: the server because of which, where there is one.
    """

    def __init__(self, code: Code, reason: Said, node: str = "") -> None:
        self.code, self.reason, self.node = code, reason, node
        super().__init__(reason)


def all_unfit(reasons: Iterable[Unfit]) -> Unfit:
    """One for several servers: the code is the first one's, and every reason is told."""
    first, *others = reasons
    return Unfit(first.code, one_after_the_other(unfit.reason for unfit in (first, *others)), first.node)
