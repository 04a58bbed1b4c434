"""The part of the proof that is about routes and rules: whoever has the addresses has them, and nobody else.

keepalived adds them with the addresses, and where the kernel refuses one it only logs that.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

import gevent
from pyinfra.api import State

from floatip.deploy.survey.result import Survey
from floatip.deploy.transaction.holders import POLL
from floatip.hosts import connection, kernel_routes
from floatip.hosts.kernel_routes import KEEPALIVED, KINDS, SCRIPT, Entry, matches
from floatip.model.cluster import Instance
from floatip.model.messages import Said, say
from floatip.runs.events import Failed, Failure

PATIENCE = 3.0  # seconds from the addresses to the routes
Seen = Mapping[str, Mapping[str, list[Entry]]]
"""Server → kind → what the kernel has."""


def misplaced(survey: Survey, state: State, holders: Mapping[str, str]) -> Failed | None:
    """What is wrong with the first route or rule where something is. `holders`: instance → who has its addresses."""
    lines = [(instance, kind, line) for instance in survey.cluster.instances for kind, line in _lines(instance)]
    until = time.monotonic() + PATIENCE
    while lines:
        seen = _look(survey, state)
        wrong = next(filter(None, (_wrong(*line, holders, seen) for line in lines)), None)
        if wrong is None:
            return None
        if time.monotonic() > until:
            return Failed(Failure.ROUTES, wrong[1], wrong[0])
        gevent.sleep(POLL)
    return None


def _look(survey: Survey, state: State) -> Seen:
    answers = connection.each(survey.hosts, lambda name: connection.run(state, survey.hosts[name], SCRIPT, timeout=5))
    return {name: kernel_routes.parse(answer.stdout) for name, answer in answers.items() if answer.ok}


def _lines(instance: Instance) -> Iterator[tuple[str, str]]:
    for kind in KINDS:
        yield from ((kind, line) for line in getattr(instance, kind))


def _wrong(instance: Instance, kind: str, line: str, holders: Mapping[str, str], seen: Seen) -> tuple[str, Said] | None:
    holder = holders.get(instance.name, "")
    for name, entries in seen.items():
        there = [entry for entry in entries[kind] if matches(kind, line, entry)]
        values = {"node": name, "instance": instance.name, "line": line}
        if name == holder and not there:
            return name, say("{node} has the addresses of {instance}, but not {line}. Its log says why.", **values)
        if name != holder and instance.member(name) and any(_of_keepalived(kind, entry) for entry in there):
            return name, say("{node} has {line}, but not the addresses of {instance}.", **values)
    return None


def _of_keepalived(kind: str, entry: Entry) -> bool:
    return kind == "virtual_routes" or str(entry.get("protocol")) in KEEPALIVED
