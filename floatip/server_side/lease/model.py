"""A lease as it was found on a server: untrusted text, read strictly."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from floatip.model import paths
from floatip.model.messages import Said, one_after_the_other, say

SECONDS = 30
"""How long a lease lasts that nobody renews, by the uptime of the server: clocks are set, uptimes are not."""
LONGEST = 400  # characters of a lease that are read at all

SHOW = f"""[ -f {paths.LEASE} ] && echo "lease=$(head -c {LONGEST} {paths.LEASE} 2>/dev/null)\""""
"""A line of the scripts that find out how a server is, whose `up=` is its uptime."""


class What(StrEnum):
    """What a run is there for."""

    DEPLOY = "deploy"
    MOVE = "move"
    DRILL = "drill"
    REBOOT = "reboot"
    REMOVE = "remove"
    CHECK = "check"


WORDS: Mapping[What, Said] = {
    What.DEPLOY: say("a deploy"),
    What.MOVE: say("a move"),
    What.DRILL: say("a failover test"),
    What.REBOOT: say("a reboot"),
    What.REMOVE: say("a removal"),
    What.CHECK: say("a check"),
}

# The version of this format, then: run, until, since (both in seconds of the server's uptime), what, the address that
# the run comes from, its process, user@host.
LINE = re.compile(
    r"1 ([0-9a-f]{32}) ([0-9]{1,10}) ([0-9]{1,10}) (deploy|move|drill|reboot|remove) ([0-9A-Za-z.:%]{1,60}|-) "
    r"([0-9a-f:-]{1,100}|-) ([A-Za-z0-9@._+?-]{1,100})"
)


@dataclass(frozen=True, slots=True)
class Lease:
    """Who may change a server. `left`: seconds until it expires, by the server's uptime, negative where it has;
    `age`: seconds since it was taken; `origin`: the address that the server sees the run come from, or empty;
    `process`: see `floatip.runs.lock.process`."""

    run: str
    left: int
    age: int
    what: What
    origin: str
    process: str
    who: str

    @property
    def in_force(self) -> bool:
        """Whether it has not expired."""
        return self.left > 0


def read(text: str, up: int) -> Lease | None:
    """The lease that is in this text, at this uptime; None where there is none that can be understood."""
    found = LINE.fullmatch(text[:LONGEST].strip())
    if found is None:
        return None
    run, until, since, what, origin, process, who = found.groups()
    return Lease(
        run,
        int(until) - up,
        max(0, up - int(since)),
        What(what),
        "" if origin == "-" else origin,
        "" if process == "-" else process,
        who,
    )


def shown(values: Mapping[str, Sequence[str]]) -> Lease | None:
    """The lease in force, from the `lease=` and `up=` of a script; None where there is none."""
    up = re.match(r"[0-9]{1,10}(?=\.)", next(iter(values.get("up", [])), ""))
    found = read(values["lease"][0], int(up[0])) if up and values.get("lease") else None
    return found if found and found.in_force else None


def as_dict(lease: Lease) -> dict[str, object]:
    """For JSON."""
    return {
        "run": lease.run,
        "what": lease.what,
        "who": lease.who,
        "from": lease.origin,
        "since_seconds": lease.age,
        "expires_in": lease.left,
    }


def described(node: str, lease: Lease | None) -> Said:
    """Who has a server, from where, since when."""
    if lease is None:
        return say("Another run is changing {node}.", node=node)
    begun = time.time() - lease.age
    values = {
        "node": node,
        "what": WORDS[lease.what],
        "who": lease.who,
        "since": time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(begun)),
    }
    if lease.origin:
        return say("{node} is in use: {what} by {who} from {origin}, since {since}.", **values, origin=lease.origin)
    return say("{node} is in use: {what} by {who}, since {since}.", **values)


def refusal(node: str, lease: Lease | None, step: int) -> Said:
    """Why a run does not begin, and what can be done. `step`: the process of a step that is still at work there."""
    ways = [described(node, lease), say("No server was changed.")]
    if step:
        ways.append(say("That run is still doing a step there (process {step}).", step=step))
    elif lease is not None:
        ways.append(
            say(
                "Wait until it ends. If that run is gone, its lease expires within {seconds} s; "
                "`floatip unlock FILE` ends it at once.",
                seconds=max(1, lease.left),
            )
        )
    return one_after_the_other(ways)


def lost(node: str, lease: Lease | None) -> Said:
    """Why a step is not done in the middle of a run."""
    why = (
        described(node, lease) if lease else say("Its lease on {node} is gone: it was unlocked or rebooted.", node=node)
    )
    return one_after_the_other([why, say("This run changes nothing more there.")])
