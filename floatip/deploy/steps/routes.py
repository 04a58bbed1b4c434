"""The part of the proof that is about routes and rules: whoever has the addresses has them, and nobody else.

keepalived adds them with the addresses, and where the kernel refuses one it only logs that.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping

import gevent
from pyinfra.api import State

from floatip.deploy.survey.result import Survey
from floatip.deploy.transaction.holders import POLL
from floatip.hosts import connection
from floatip.model import routes
from floatip.model.cluster import Instance
from floatip.model.messages import Said, say
from floatip.runs.events import Failed, Failure

PATIENCE = 3.0  # seconds from the addresses to the routes
SCRIPT = """\
for floatip_what in 'route show table all proto 18' rule; do
    for floatip_family in -4 -6; do echo "$(ip $floatip_family -j $floatip_what | tr -d '\\n')"; done
done
"""
"""Four lines: routes of IPv4 and IPv6 that keepalived has added (its protocol is 18), all rules of both."""
KEEPALIVED = ("keepalived", "18")
KINDS = ("virtual_routes", "virtual_rules")
WORDS = {"to": "dst", "via": "gateway", "dev": "dev", "type": "type"}
Entry = Mapping[str, object]
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
    return {name: parse(answer.stdout) for name, answer in answers.items() if answer.ok}


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


def parse(text: str) -> dict[str, list[Entry]]:
    """The kernel's routes and rules, as `ip -j` prints them; what is none is left out."""
    found: list[list[Entry]] = []
    for line in text.split("\n")[: 2 * len(KINDS)]:
        try:
            read = json.loads(line or "[]")
        except ValueError:
            read = []
        found.append([route for route in read if isinstance(route, dict)] if isinstance(read, list) else [])
    found += [[]] * (2 * len(KINDS) - len(found))
    return {"virtual_routes": found[0] + found[1], "virtual_rules": found[2] + found[3]}


def matches(kind: str, line: str, entry: Entry) -> bool:
    """Whether this is the route or the rule of a line."""
    said = routes.parts(line)
    if str(entry.get("table", "main")) != said.get("table", "main"):
        return False
    if kind == "virtual_rules":
        return str(entry.get("priority")) == said["priority"]
    return all(_same(said[word], entry.get(key)) for word, key in WORDS.items() if word in said)


def _same(wanted: str, there: object) -> bool:
    """Whether the kernel means the same: it leaves the prefix of a single address out."""
    try:
        return routes.network(wanted) == routes.network(str(there))
    except ValueError:
        return wanted == there
