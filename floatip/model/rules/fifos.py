"""Rules on the FIFOs for changes of state: keepalived passes over what is amiss, or says so only in its log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from floatip.model.cluster import Cluster
from floatip.model.messages import say
from floatip.model.problems import Level, Problem
from floatip.model.settings.fifos import PAIRS, owner
from floatip.model.settings.scripts import ROOT

OPEN: Final = ("/tmp/", "/var/tmp/", "/dev/shm/")
"""Where anybody may make a file."""


def nothing_to_read(cluster: Cluster) -> Iterator[Problem]:
    """A program without its FIFO is never started."""
    for fifo, program in PAIRS:
        if getattr(cluster, program) is not None and getattr(cluster, fifo) is None:
            message = say("{program} has no {fifo}: keepalived would not start it.", program=program, fifo=fifo)
            yield Problem(program, "no-fifo", message, say("Set it, for example to /run/keepalived.fifo."))


def one_for_both(cluster: Cluster) -> Iterator[Problem]:
    """keepalived forgets the second one, and its program with it."""
    (first, _), (second, _) = PAIRS
    paths = [(getattr(cluster, key) or "").split(" ")[0] for key in (first, second)]
    if paths[0] and paths[0] == paths[1]:
        message = say(
            "{first} and {second} name the same FIFO: keepalived would ignore the second one.",
            first=first,
            second=second,
        )
        yield Problem(second, "same-fifo", message, say("Name another FIFO, or leave it out."))


def open_to_all(cluster: Cluster) -> Iterator[Problem]:
    """Who makes a file of that name before keepalived does, reads what it writes, or says what its program reads."""
    for key, _ in PAIRS:
        path = (getattr(cluster, key) or "").split(" ")[0]
        if path.startswith(OPEN):
            message = say("{key} is {path}: any user of a server can create files there.", key=key, path=path)
            yield Problem(key, "open-fifo", message, say("Use a path in /run."), Level.WARNING)


def readable(cluster: Cluster) -> Iterator[Problem]:
    """Only its owner can read a FIFO, and root."""
    for fifo, program in PAIRS:
        reader, user = getattr(cluster, program), owner(cluster, fifo, program)
        if getattr(cluster, fifo) and reader and reader.user.split()[0] not in (ROOT, user.split()[0]):
            message = say(
                "{fifo} belongs to {user}, so {program}, which runs as {reader}, cannot read it.",
                fifo=fifo,
                user=user,
                program=program,
                reader=reader.user,
            )
            hint = say("Name no user for the FIFO: it then belongs to the user of its program.")
            yield Problem(fifo, "fifo-unreadable", message, hint, Level.WARNING)


RULES = (nothing_to_read, one_for_both, open_to_all, readable)
