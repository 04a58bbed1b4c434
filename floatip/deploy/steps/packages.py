"""Running a script about packages: once more for as long as another process works on them, and a person is told."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable

import gevent
from pyinfra import logger
from pyinfra.api import Host, State

from floatip.deploy.operations.packages import BUSY, UNREACHED
from floatip.deploy.operations.scripts import Work
from floatip.deploy.session import leasing
from floatip.deploy.survey.notices import remark
from floatip.hosts import connection
from floatip.language.telling import tell
from floatip.model.messages import say
from floatip.model.problems import Level
from floatip.runs import detached
from floatip.runs.events import Failed, Failure

PATIENCE = 300.0  # seconds; unattended-upgrades takes some minutes
AGAIN = 2.0  # seconds between two tries


def work(script: str | None) -> Work | None:
    """The script as an operation's work; nothing where there is none."""
    return (lambda state, host: run(state, host, script)) if script is not None else None


def run(state: State, host: Host, script: str) -> bool:
    """Run it until nobody else has the packages, or for as long as PATIENCE says; tell what went wrong."""
    answer, lock = _patiently(state, host, script)
    for name, line in _repositories(_marked(answer, UNREACHED)).items():
        what = say(
            "{node}: the package repository {name} could not be read: {said}", node=host.name, name=name, said=line
        )
        remark(host.name, "repository-unreachable", Level.WARNING, what, prefix=host.print_prefix)
    if answer.ok:
        return True
    said = lock or answer.stderr.strip()
    if answer.lost:
        code, message = Failure.LEASE_LOST, answer.lost
    elif lock:
        code = Failure.PACKAGES_BUSY
        message = say(
            "{node}: after {seconds} s another process is still working on the packages: {said}",
            node=host.name,
            seconds=f"{PATIENCE:.0f}",
            said=said,
        )
    else:
        code = Failure.PACKAGES
        message = say("The packages of {node} could not be changed: “{said}”", node=host.name, said=said)
    logger.error(f"{host.print_prefix}{tell(message)}")
    detached.tell(Failed(code, message, host.name, said))
    return False


def _patiently(state: State, host: Host, script: str) -> tuple[connection.Answer, str]:
    """What it answered in the end, and which lock was not to be had even then."""
    until, deadline = time.monotonic() + PATIENCE, ""
    while True:
        answer = leasing.step(state, host, script, timeout=None)
        lock = next(iter(_marked(answer, BUSY)), "")
        if answer.ok or not lock or time.monotonic() > until:
            return answer, lock
        if lock != deadline:
            _wait(host, lock)
            deadline = lock
        gevent.sleep(AGAIN)


def _marked(answer: connection.Answer, mark: str) -> list[str]:
    return [line.removeprefix(mark) for line in answer.stdout.splitlines() if line.startswith(mark)]


def _wait(host: Host, lock: str) -> None:
    message = say(
        "{node}: another process is working on the packages. Waiting for it, {seconds} s at most: {said}",
        node=host.name,
        seconds=f"{PATIENCE:.0f}",
        said=lock,
    )
    remark(host.name, "packages-busy", Level.INFO, message, prefix=host.print_prefix)


def _repositories(lines: Iterable[str]) -> dict[str, str]:
    """Name → what apt says of it; its other lines name none."""
    found = (re.match(r"Failed to fetch (\S+)|The repository '([^']*)'", line) for line in lines)
    return {match[1] or match[2]: match.string for match in found if match}
