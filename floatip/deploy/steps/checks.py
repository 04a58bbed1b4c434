"""Health checks that cannot succeed: new and changed ones are tried before the daemon runs them, and at the end the
daemon is asked about all. Neither stops a run: a check may fail rightly, and somebody holds the address.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from weakref import WeakKeyDictionary

import gevent
from pyinfra import logger
from pyinfra.api import Host, State

from floatip.deploy.operations import trials
from floatip.deploy.operations.trials import Trial
from floatip.deploy.survey.result import Survey
from floatip.hosts import connection, daemon, daemon_script
from floatip.hosts.daemon import Health
from floatip.hosts.preflight import is_ours
from floatip.keepalived import render, timing
from floatip.keepalived.conf import Statement, read
from floatip.language.telling import tell
from floatip.model.cluster import Cluster
from floatip.model.messages import NO_MESSAGE, Said, all_of, say
from floatip.model.notify import SCRIPT_USER
from floatip.model.tracking import Script
from floatip.runs import detached
from floatip.runs.events import CheckSeen, CheckTried, TrialResult

POLL = 0.5  # seconds between two looks
LONGEST = 15.0  # seconds that the daemons are waited for, whatever the times of the checks
_tried: WeakKeyDictionary[State, dict[tuple[str, str], Trial]] = WeakKeyDictionary()
Seen = dict[tuple[str, str], Health]
"""(server, health check) → what its daemon says."""


def changed(cluster: Cluster, node: str, live: str | None) -> tuple[Script, ...]:
    """The checks of a server that its live file does not run in the same way."""
    ours = live if live is not None and is_ours(live) else ""  # another's may run as another user
    found = {
        _run(statement.body)
        for statement in read(ours).statements
        if statement.keyword == "vrrp_script" and statement.body
    }
    return tuple(script for script in render.scripts_of(cluster, node) if _how(script) not in found)


def _how(script: Script) -> tuple[str, str, str]:
    return render.command_line(script), str(script.timeout), script.user


def _run(body: list[Statement]) -> tuple[str, str, str]:
    said = {statement.keyword: " ".join(statement.words[1:]) for statement in body}
    return said.get("script", ""), said.get("timeout", ""), said.get("user", SCRIPT_USER)


def tried(survey: Survey, state: State, host: Host) -> None:
    """Run the new and the changed checks of one server once, and say which do not succeed."""
    checks = changed(survey.cluster, host.name, survey.states[host.name].text("conf"))
    if not checks:
        return
    answer = connection.run(state, host, trials.script(checks), timeout=trials.longest(checks))
    found = trials.read(checks, answer.stdout.splitlines())
    for script in checks:
        trial = found[script.name]
        _tried.setdefault(state, {})[host.name, script.name] = trial
        message = NO_MESSAGE if trial.result is TrialResult.WELL else _trial_message(host.name, script, trial)
        detached.tell(CheckTried(host.name, script.name, trial.result, message, trial.said))
        if message:
            logger.warning("%s%s", host.print_prefix, tell(message))


def _trial_message(node: str, script: Script, trial: Trial) -> Said:
    code = say("exit code {code}", code=trial.code)
    values = {"node": node, "check": script.name, "user": script.user, "said": trial.said or code}
    if trial.result is TrialResult.NOT_RUN:
        return say("The user {user} cannot run the health check {check} on {node}: {said}", **values)
    if trial.result is TrialResult.OVERDUE:
        values["seconds"] = str(trials.seconds(script))
        return say("The health check {check} did not finish within {seconds} s on {node}.", **values)
    if trial.result is TrialResult.UNKNOWN:
        return say("The health check {check} could not be tried on {node}.", **values)
    return say("The health check {check} fails on {node} when run as the user {user}: {said}", **values)


def report(survey: Survey, state: State) -> None:
    """Say what the daemons make of all checks, once that can be known: a warning for each that does not succeed."""
    seen = _settled(survey, state)
    for script in survey.cluster.scripts:
        results = {node: health for (node, check), health in seen.items() if check == script.name}
        well = [node for node, health in results.items() if health is Health.WELL]
        for node, health in results.items():
            trial = _tried.get(state, {}).get((node, script.name), trials.UNKNOWN)
            said = trial.said if trial.result is not TrialResult.WELL else ""
            message = NO_MESSAGE if health is Health.WELL else _verdict(node, script.name, health, said)
            detached.tell(CheckSeen(node, script.name, health, message, said))
            if message:
                logger.warning("    %s", tell(message))
        if well:
            logger.info(
                "    %s",
                tell(say("Health check {check} succeeds on {names}", check=script.name, names=all_of(well))),
            )


def _verdict(node: str, check: str, health: Health, said: str) -> Said:
    values = {"node": node, "check": check, "said": said}
    if health is Health.UNKNOWN:
        return say("keepalived on {node} has no result of the health check {check} yet.", **values)
    if health is Health.DISABLED and said:
        return say("keepalived on {node} does not run the health check {check}: {said}", **values)
    if health is Health.DISABLED:
        return say("keepalived on {node} does not run the health check {check}.", **values)
    if said:
        return say("The health check {check} fails on {node}: {said}", **values)
    return say("The health check {check} fails on {node}.", **values)


def _settled(survey: Survey, state: State) -> Seen:
    """What the daemons say, once it agrees with what was tried; or after the time that they take to notice."""
    until = time.monotonic() + _patience(survey.cluster)
    while True:
        seen = dict(_look(survey, state)) if survey.cluster.scripts else {}
        if not any(_too_early(state, key, health) for key, health in seen.items()) or time.monotonic() > until:
            return seen
        gevent.sleep(POLL)


def _patience(cluster: Cluster) -> float:
    bounds = (max(timing.detection_bound(script), timing.recovery_bound(script)) for script in cluster.scripts)
    return min(LONGEST, max(bounds, default=0.0))


def _too_early(state: State, key: tuple[str, str], health: Health) -> bool:
    """A daemon goes on from the last results of a check that was called the same."""
    trial = _tried.get(state, {}).get(key, trials.UNKNOWN)
    if trial.result is TrialResult.UNKNOWN:
        return health is Health.UNKNOWN
    return health is Health.UNKNOWN or (health is Health.WELL) is not (trial.result is TrialResult.WELL)


def _look(survey: Survey, state: State) -> Iterator[tuple[tuple[str, str], Health]]:
    answers = connection.each(
        survey.hosts, lambda name: connection.run(state, survey.hosts[name], daemon_script.LOOK, timeout=10)
    )
    for name, answer in answers.items():
        try:
            found = daemon.parse(answer.stdout.splitlines())
        except (ValueError, KeyError, TypeError):
            found = None
        for script in render.scripts_of(survey.cluster, name):
            yield (name, script.name), found.check(script.name) if found else Health.UNKNOWN
