"""Looking at servers once, as values: the answers of `floatip.discover`, a child process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from floatip import heard, host_state, pyinfra_run, reach, vitals
from floatip.cluster import Cluster
from floatip.doctor import Case, Seen, aside, case
from floatip.host_state import HostState
from floatip.words import say

T = TypeVar("T")
PATIENCE = 30.0  # seconds for an answer
TIMEOUT = 40.0  # seconds for the child process


def ask(request: Sequence[Sequence[Any]], patience: float = PATIENCE) -> dict[str, Any]:
    """Server → {"lines": …} or {"error": …}. `request`: what `floatip.discover` takes; `patience`: seconds for each."""
    try:
        answer = subprocess.run(
            [sys.executable, "-m", "floatip.discover", str(patience)],
            cwd=pyinfra_run.ROOT,
            input=json.dumps(request),
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            start_new_session=True,  # away from the terminal: nobody there shall be asked for a password
            check=True,
        )
        found: dict[str, Any] = json.loads(answer.stdout)
    except subprocess.TimeoutExpired:
        return _all(request, f"no answer within {TIMEOUT:.0f} seconds")
    except (subprocess.CalledProcessError, ValueError):
        return _all(request, "the check itself failed; the terminal of the wizard may say more")
    return found


def states(cluster: Cluster, only: str | None = None) -> dict[str, HostState | str]:
    """Server → what it is like, or why that cannot be known; of all of them, or of one."""
    data = {node.name: dict(node.connection) for node in cluster.nodes if only in (None, node.name)}
    answers = ask([[name, one] for name, one in data.items()])
    return {name: told(answers.get(name), one, host_state.parse) for name, one in data.items()}


def told(answer: Any, data: Mapping[str, Any], parse: Callable[[list[str]], T]) -> T | str:
    """What a server answered, read by `parse`; or why there is nothing to read, in words."""
    try:
        if "error" in answer:
            return reach.in_words(reach.plain(str(answer["error"])), data)
        return parse([str(line) for line in answer["lines"]])
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        return say("its answer cannot be understood: {error}", error=reach.plain(str(error)))


def examine(cluster: Cluster) -> Case:
    """Everything that a diagnosis wants to know."""
    data = {node.name: dict(node.connection) for node in cluster.nodes}
    answers = ask([[name, one, _network(cluster, name)] for name, one in data.items()])
    seen: dict[str, Seen] = {}
    failures: dict[str, str] = {}
    for name in data:
        try:
            answer = answers[name]
            if "error" in answer:
                failures[name] = reach.in_words(reach.plain(str(answer["error"])), data[name])
            else:
                seen[name] = _seen(answer)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            failures[name] = say("its answer cannot be understood: {error}", error=reach.plain(str(error)))
    return case(cluster, seen, failures)


def _seen(answer: Mapping[str, Any]) -> Seen:
    lines = {key: [str(line) for line in answer[key]] for key in ("lines", "vitals", "aside", "heard")}
    state = host_state.parse(lines["lines"])
    clock = 0.0 if state.clock is None else state.clock - float(answer["at"])
    own = vitals.parse(lines["vitals"])
    return Seen(state, own, aside.parse(lines["aside"]), heard.parse(lines["heard"]), clock)


def _network(cluster: Cluster, name: str) -> dict[str, Any]:
    instances = cluster.instances_of(name)
    places = [(member.interface, one) for one in instances if (member := one.member(name))]
    pairs = [[interface, str(address.ip)] for interface, one in places for address in one.virtual_ipaddress]
    return {"doctor": True, "listen": sorted({interface for interface, _ in places}), "ask": pairs}


def _all(request: Sequence[Sequence[Any]], why: str) -> dict[str, Any]:
    return {str(one[0]): {"error": why} for one in request}
