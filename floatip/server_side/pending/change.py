"""What a server keeps of a change that is under way: the file `change`, written by the run and read by `watch.pl`, by
the next run, and by whoever looks at the server. What a server answers is untrusted, and read strictly.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from floatip.model import paths
from floatip.model.messages import Said, say
from floatip.server_side import shell
from floatip.server_side.lease.model import WORDS, What
from floatip.server_side.pending.model import Known, Way

FIRST = "floatip-change 1"
LONGEST = 40_000  # characters that are read at all
SHOW = f"""[ -f {paths.CHANGE} ] && echo "change=$(head -n 2 {paths.CHANGE} | tail -n 1 | head -c 400)\""""
"""A line of the scripts that find out how a server is."""
LINE = re.compile(r"run ([0-9a-f]{32}) (deploy|move) ([0-9]{1,12}) ([0-9]{1,5}) ([01]) ([A-Za-z0-9@._+?-]{1,100})")


@dataclass(frozen=True, slots=True)
class Brief:
    """Whose change it is. `since`: seconds since the epoch, by the run's clock; `within`: how many seconds after the
    run's last sign of life it will be over; `ran`: whether keepalived ran before it."""

    run: str
    what: What
    since: int
    within: int
    ran: bool
    who: str


@dataclass(frozen=True, slots=True)
class Files:
    """The files that change together; None: there is none."""

    conf: str | None
    check: str | None
    moved: str | None

    def texts(self) -> dict[str, str | None]:
        """Kind → text."""
        return {"conf": self.conf, "check": self.check, "moved": self.moved}


@dataclass(frozen=True, slots=True)
class Change:
    """One server's part. `sides`: the text of each file that it has on its way, and on which side of the change that
    is; `addresses`: instance → the addresses by which a server is known to lead."""

    brief: Brief
    known: Known
    previous: Files
    wanted: Files
    sides: Mapping[str | None, Way]
    addresses: Mapping[str, frozenset[str]]


PLACES = {"conf": (paths.KEEPALIVED_CONF, 0o640), "check": (paths.CHECK_SCRIPT, 0o755), "moved": (paths.MOVED, 0o644)}


def kept(run: str, way: Way, kind: str) -> str:
    """Where a file is kept."""
    return f"{paths.CHANGE_DIRECTORY}/{'previous' if way is Way.BACK else run}.{kind}"


def write(change: Change) -> str:
    """The text of the file."""
    return "\n".join([FIRST, brief_line(change.brief), *_lines(change), ""])


def brief_line(brief: Brief) -> str:
    """The line that says whose it is."""
    return f"run {brief.run} {brief.what} {brief.since} {brief.within} {int(brief.ran)} {brief.who}"


def _lines(change: Change) -> Iterator[str]:
    yield f"advert_int {change.known.advert_int:g}"
    yield f"lease {paths.LEASE}"
    yield f"lock {paths.LEASE_LOCK}"
    yield f"mark {paths.PENDING}"
    for copy in (paths.PREVIOUS_CONF, paths.FOREIGN_CONF):
        yield f"copy {copy}"
    for kind, (path, mode) in PLACES.items():
        yield f"place {kind} {mode:o} {path}"
    for way, files in ((Way.BACK, change.previous), (Way.ON, change.wanted)):
        for kind, text in files.texts().items():
            yield f"sum {way} {kind} {shell.checksum(text)}"
    for text, side in change.sides.items():
        yield f"side {side} {shell.checksum(text)}"
    for way, voices in ((Way.BACK, change.known.previous), (Way.ON, change.known.wanted)):
        for name, voice in sorted(voices.items()):
            yield f"instance {name} {way} {voice}"
    for name, addresses in sorted(change.addresses.items()):
        for address in sorted(addresses):
            yield f"address {name} {address}"
    for member in sorted(change.known.members):
        yield f"member {member}"


def read(text: str | None) -> Brief | None:
    """Whose change it is, from the text of a server's file; None where there is none that can be understood."""
    lines = (text or "")[:LONGEST].splitlines()
    return brief(lines[1]) if len(lines) > 1 and lines[0] == FIRST else None


def brief(line: str) -> Brief | None:
    """The same, from its line."""
    found = LINE.fullmatch(line.strip())
    if found is None:
        return None
    run, what, since, within, ran, who = found.groups()
    return Brief(run, What(what), int(since), int(within), ran == "1", who)


def described(node: str, brief: Brief) -> Said:
    """That a change is under way there, whose, and when it will be over."""
    return say(
        "A change is in progress on {node}: {what} by {who}, started {since}. If that run is gone, the servers finish "
        "the change or roll it back by themselves within {seconds} s.",
        node=node,
        what=WORDS[brief.what],
        who=brief.who,
        since=time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(brief.since)),
        seconds=brief.within,
    )


def as_dict(brief: Brief) -> dict[str, object]:
    """For JSON."""
    return {
        "run": brief.run,
        "what": brief.what,
        "who": brief.who,
        "since": brief.since,
        "within_seconds": brief.within,
    }
