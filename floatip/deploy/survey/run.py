"""The whole cluster, looked at once: the inventory, then all hosts, then the plan.

deploy.py runs once for each host, in parallel. The first of them surveys all hosts of the run; the
others wait for its result, so that each host is asked once and every host acts on the same plan.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from types import ModuleType
from weakref import WeakKeyDictionary

from gevent.lock import RLock
from pyinfra import inventory
from pyinfra.api import Host, State
from pyinfra.api.exceptions import DeployError
from pyinfra.context import ctx_host, ctx_state

from floatip import firewall
from floatip.change import pins, requirements
from floatip.change import plan as planner
from floatip.deploy.lifecycle import callbacks, interruption, recording
from floatip.deploy.lifecycle.refusal import Refusing
from floatip.deploy.session import host_states, leasing
from floatip.deploy.survey import answering, departures, notices, run_options
from floatip.deploy.survey.departures import Departures
from floatip.deploy.survey.outdated import outdated
from floatip.deploy.survey.result import Survey
from floatip.hosts import preflight
from floatip.hosts.host_state import HostState
from floatip.keepalived import render, timing
from floatip.model import parse
from floatip.model.cluster import Cluster
from floatip.model.messages import say
from floatip.model.problems import errors
from floatip.model.rules import several
from floatip.runs import detached, pyinfra_run
from floatip.runs.events import Refusal
from floatip.server_side.lease.model import What

REFUSALS = {
    planner.Obstacle.UNCLEAR: Refusal.UNCLEAR,
    planner.Obstacle.LEFT_OUT: Refusal.LEFT_OUT,
    planner.Obstacle.DEPLOY_FIRST: Refusal.DEPLOY_FIRST,
    planner.Obstacle.NO_HEIR: Refusal.NO_HEIR,
}

STEP = 2.0  # seconds, at most, that a server takes for a step as a rule
_lock = RLock()
_surveys: WeakKeyDictionary[State, dict[str, Survey] | Refusing] = WeakKeyDictionary()


def this_cluster() -> Survey:
    """The survey of the cluster that the present host belongs to; DeployError where anything is wrong."""
    with _lock:
        current = ctx_state.get()
        if current not in _surveys:
            _stop_on_any_failure(current)
            interruption.Ending(lambda: _patience(current), lambda: leasing.leave(current)).install()
            _known_as_a_module(str(current.current_deploy_filename))
            callbacks.watch(current)
            current.add_callback_handler(recording.Noting(lambda: _whole(current)))
            try:
                _surveys[current] = _all_clusters(current)
            except Refusing as error:
                detached.tell(error.event)
                _surveys[current] = error
        found = _surveys[current]
    if isinstance(found, DeployError):
        raise found
    return found[run_options.cluster_of(ctx_host.get())]


def _stop_on_any_failure(current: State) -> None:
    # Without this, pyinfra goes on with the other hosts when one has failed, and a half-changed pair is what
    # nobody wants. Locked, because pyinfra restores the locked settings after it has read deploy.py.
    current.config.FAIL_PERCENT = 0
    current.config.lock_current_state()


def _known_as_a_module(file: str) -> None:
    # For each operation pyinfra asks `inspect` where it was called. Of a file that belongs to no module, as deploy.py,
    # which is executed, `inspect` looks through all modules again each time: a third of a run that changes nothing.
    module = ModuleType(file)
    module.__file__ = file
    sys.modules.setdefault(file, module)


def _all_clusters(current: State) -> dict[str, Survey]:
    limited = [one for one in current.inventory if current.is_host_in_limit(one)]
    run_options.check_options()
    groups = list(dict.fromkeys(run_options.cluster_of(one) for one in limited))
    clusters = {name: _parsed(name) for name in groups}
    if problems := errors(one for some in several.check(list(clusters.values())).values() for one in some):
        raise notices.refusal(Refusal.INVENTORY, say("The inventory cannot be used:"), problems)
    _refuse_unreachable(current, limited)

    look = partial(host_states.states, current, limited)
    found = host_states.at_rest(look(), look)
    for cluster in clusters.values():
        _check(cluster, {one: found[one] for one in found if one in _members(cluster)})
    gone = {name: _departures(current, cluster, limited, found) for name, cluster in clusters.items()}
    surveys = {name: _survey(cluster, limited, found, look, gone[name]) for name, cluster in clusters.items()}
    notices.leases(found)
    notices.changes(found)
    for survey in surveys.values():
        notices.moved(survey.moves)
        if not run_options.option(pyinfra_run.REMOVE):
            notices.planned(survey.cluster, survey.plan, survey.moves)
            answering.remark_taken(current, survey)
            notices.whole_again(survey.plan, requirements.slowest(survey.wanted, survey.states))
    hosts = {one.name: one for one in limited}
    for survey in surveys.values():
        departures.announce(survey.departures)
        hosts |= survey.departures.hosts
    leasing.watch(current, leasing.Alone(current, hosts, _what(), lambda: _again(current, limited, clusters, surveys)))
    return surveys


def _again(current: State, limited: list[Host], clusters: Mapping[str, Cluster], surveys: Mapping[str, Survey]) -> None:
    """Look again, now that nobody else can change anything; Refusing where that makes another plan."""

    look = partial(host_states.states, current, limited)
    found = look()
    gone = {name: departures.again(current, survey.departures) for name, survey in surveys.items()}
    fresh = {name: _survey(cluster, limited, found, look, gone[name]) for name, cluster in clusters.items()}
    changed = [one for name, survey in surveys.items() for one in outdated(survey, fresh[name])]
    if changed:
        message = say(
            "{names} changed after this plan was made, so no server was changed. Run it again.",
            names=", ".join(changed),
        )
        raise Refusing(Refusal.OUTDATED, message, changed)


def _what() -> What:
    if run_options.option(pyinfra_run.REMOVE):
        return What.REMOVE
    return What.MOVE if run_options.lead() else What.DEPLOY


def _parsed(group: str) -> Cluster:
    members = [(one.name, inventory.get_host_data(one.name)) for one in inventory.get_group(group)]
    parsed = parse.parse(group, members, inventory.get_group_data(group))
    problems = (*parsed.problems, *run_options.misplaced(group, inventory.get_group(group)))
    notices.problems(problems)
    if parsed.cluster is None or errors(problems):
        raise notices.refusal(Refusal.INVENTORY, say("The inventory cannot be used:"), errors(problems))
    return parsed.cluster


def _refuse_unreachable(current: State, limited: list[Host]) -> None:
    missing = [one.name for one in limited if one not in current.active_hosts]
    if missing:
        message = say(
            "No connection to {names}, so no host was changed. With --limit the others can be deployed alone.",
            names=", ".join(missing),
        )
        raise Refusing(Refusal.UNREACHABLE, message, missing)


def _members(cluster: Cluster) -> set[str]:
    return {node.name for node in cluster.nodes}


def _check(cluster: Cluster, states: Mapping[str, HostState]) -> None:
    removing = run_options.option(pyinfra_run.REMOVE)
    problems = preflight.check(cluster, states, replace=run_options.option(pyinfra_run.REPLACE) or removing)
    if removing:
        problems = tuple(problem for problem in problems if problem.code in preflight.ALWAYS)
    notices.problems(problems)
    if errors(problems):
        raise notices.refusal(Refusal.HOSTS, say("The hosts are not ready, and none was changed:"), errors(problems))


def _departures(current: State, cluster: Cluster, limited: list[Host], found: Mapping[str, HostState]) -> Departures:
    hosts = {one.name: one for one in limited if one.name in _members(cluster)}
    states = {name: found[name] for name in hosts}
    return departures.departures(current, cluster, hosts, states, removing=run_options.option(pyinfra_run.REMOVE))


def _survey(
    cluster: Cluster,
    limited: list[Host],
    found: Mapping[str, HostState],
    look: Callable[[], dict[str, HostState]],
    gone: Departures,
) -> Survey:
    """What will be done. `look`: reads all hosts anew; `gone`: who leaves before anything else is done."""
    hosts, asked = {one.name: one for one in limited if one.name in _members(cluster)}, cluster
    states = {name: found[name] for name in hosts}
    _refuse_part_of_a_change(cluster, states)
    lead, moved = run_options.lead(), pins.known(cluster, pins.noted(states))
    if lead:
        moved = pins.moved(cluster, moved, lead, int(time.time()))
    cluster = pins.applied(cluster, moved)
    wanted = {name: render.keepalived_conf(cluster, name) for name in hosts}
    try:
        gone = departures.planned(cluster, states, gone)
        steps = requirements.steps(cluster, wanted, departures.after(states, gone), lead)
        if steps.kind >= planner.Kind.IDENTITY or lead:
            host_states.settled(cluster, states, look)
            gone = departures.planned(cluster, states, gone, sure=True)
            steps = requirements.steps(cluster, wanted, departures.after(states, gone), lead)
        firewalls = {name: requirements.firewall_plan(cluster, name, one) for name, one in states.items()}
    except planner.PlanError as error:
        raise Refusing(REFUSALS[error.code], error.message, error.nodes) from None
    except firewall.FirewallError as error:
        raise Refusing(Refusal.FIREWALL, error.message) from None
    return Survey(cluster, hosts, states, wanted, firewalls, steps, moved, asked, gone)


def _refuse_part_of_a_change(cluster: Cluster, states: Mapping[str, HostState]) -> None:
    """A change that was cut off concerns all servers of a cluster."""
    left_out = sorted(_members(cluster) - set(states))
    changing = requirements.under_way(states)
    if left_out and changing:
        message = say(
            "A change was interrupted on {names}; {others} may be affected too. Run it without --limit, or wait until "
            "the servers have finished it or rolled it back.",
            names=", ".join(changing),
            others=", ".join(left_out),
        )
        raise Refusing(Refusal.UNDER_WAY, message, left_out)


def _whole(current: State) -> list[Cluster]:
    """The clusters of which every server takes part in this run."""
    surveys = _surveys.get(current)
    if not isinstance(surveys, dict):
        return []
    return [one.asked for one in surveys.values() if set(one.hosts) == _members(one.asked)]


def _patience(current: State) -> int:
    """Seconds that the changes of this run take at most, from the first step to the proof or back again."""
    surveys = _surveys.get(current)
    if not isinstance(surveys, dict):
        return 0
    return round(sum(_seconds(one) for one in surveys.values()))


def _seconds(survey: Survey) -> float:
    waits = sum(step.timeout if isinstance(step, planner.Wait) else STEP for step in survey.plan.steps)
    return 2 * waits + timing.settle_bound(survey.cluster)
