"""The whole cluster, looked at once: the inventory, then all hosts, then the plan.

deploy.py runs once for each host, in parallel. The first of them surveys all hosts of the run; the
others wait for its result, so that each host is asked once and every host acts on the same plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from weakref import WeakKeyDictionary

from gevent.lock import RLock
from pyinfra.api import Host, State
from pyinfra.api.exceptions import DeployError
from pyinfra.context import ctx_host, ctx_state

import floatip
from floatip.change import members, requirements
from floatip.change import plan as planner
from floatip.deploy.lifecycle import callbacks, history, interruption, recording
from floatip.deploy.lifecycle.refusal import Refusing
from floatip.deploy.session import host_states, lease_callback, leasing
from floatip.deploy.survey import answering, departure_plan, notices, run_options
from floatip.deploy.survey.cluster import check, departing, members_of, parsed_cluster, survey_of
from floatip.deploy.survey.outdated import outdated
from floatip.deploy.survey.result import Survey
from floatip.hosts import connection, undelayed
from floatip.hosts.host_state import HostState
from floatip.keepalived import timing
from floatip.model.cluster import Cluster
from floatip.model.messages import all_of, say
from floatip.model.problems import errors
from floatip.model.rules import several
from floatip.runs import detached, pyinfra_run, pyinfra_words
from floatip.runs.events import Refusal
from floatip.server_side.lease.model import What

STEP = 2.0  # seconds, at most, that a server takes for a step as a rule
_lock = RLock()
_surveys: WeakKeyDictionary[State, dict[str, Survey] | Refusing] = WeakKeyDictionary()


def this_cluster() -> Survey:
    """The survey of the cluster that the present host belongs to; DeployError where anything is wrong."""
    with _lock:
        current = ctx_state.get()
        if current not in _surveys:
            pyinfra_words.speak()
            _stop_on_any_failure(current)
            interruption.Ending(lambda: _patience(current), lambda: leasing.leave(current)).install()
            _write_down(current)
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


def _all_clusters(current: State) -> dict[str, Survey]:
    limited = [host for host in current.inventory if current.is_host_in_limit(host)]
    run_options.check_options()
    groups = list(dict.fromkeys(run_options.cluster_of(host) for host in limited))
    clusters = {name: parsed_cluster(name) for name in groups}
    if problems := errors(problem for some in several.check(list(clusters.values())).values() for problem in some):
        raise notices.refusal(Refusal.INVENTORY, say("The inventory cannot be used:"), problems)
    _refuse_unreachable(current, limited)
    for host in limited:
        undelayed.undelay(connection.transport(host))  # pyinfra may have connected without us

    look = partial(host_states.states, current, limited)
    found = host_states.at_rest(look(), look)
    _refuse_newer(found)
    found = host_states.with_programs(current, limited, clusters.values(), found)
    for cluster in clusters.values():
        check(cluster, {text: found[text] for text in found if text in members_of(cluster)})
    gone = {name: departing(current, cluster, limited, found) for name, cluster in clusters.items()}
    surveys = {name: survey_of(cluster, limited, found, look, gone[name]) for name, cluster in clusters.items()}
    notices.leases(found)
    notices.changes(found)
    removing = run_options.option(pyinfra_run.REMOVE)
    taken = connection.each(() if removing else surveys, lambda name: answering.taken(current, surveys[name]))
    for name, survey in surveys.items():
        notices.moved(survey.moves)
        if not removing:
            notices.planned(survey.cluster, survey.plan, survey.moves)
            for other in taken[name]:
                answering.remark(*other)
            notices.whole_again(survey.plan, requirements.slowest(survey.wanted, survey.states))
    hosts = {host.name: host for host in limited}
    for survey in surveys.values():
        departure_plan.announce(survey.departures)
        hosts |= survey.departures.hosts
    leasing.watch(
        current,
        lease_callback.LeaseCallback(current, hosts, _what(), lambda: _again(current, limited, clusters, surveys)),
    )
    return surveys


def _again(current: State, limited: list[Host], clusters: Mapping[str, Cluster], surveys: Mapping[str, Survey]) -> None:
    """Look again, now that nobody else can change anything; Refusing where that makes another plan."""

    look = partial(host_states.states, current, limited)
    found = look()
    gone = {name: departure_plan.again(current, survey.departures) for name, survey in surveys.items()}
    fresh = {name: survey_of(cluster, limited, found, look, gone[name]) for name, cluster in clusters.items()}
    changed = [text for name, survey in surveys.items() for text in outdated(survey, fresh[name])]
    if changed:
        message = say(
            "{names} changed after this plan was made, so no server was changed. Run it again.",
            names=", ".join(changed),
        )
        raise Refusing(Refusal.OUTDATED, message, changed)


def _write_down(current: State) -> None:
    try:
        what, to = _what(), run_options.lead()
    except Refusing:
        what, to = What.DEPLOY, {}  # it is refused in a moment, for that
    history.keep(current, run_options.file(), what, to)


def _what() -> What:
    if run_options.option(pyinfra_run.REMOVE):
        return What.REMOVE
    return What.MOVE if run_options.lead() else What.DEPLOY


def _refuse_newer(found: Mapping[str, HostState]) -> None:
    if newer := members.newer(found):
        message = say(
            "floatip {version} deployed {names}, with settings that this version ({own}) does not know. No "
            "server was changed. Use floatip {version} or later.",
            names=all_of(newer),
            version=max(newer.values()),
            own=floatip.__version__,
        )
        raise Refusing(Refusal.NEWER, message, list(newer))


def _refuse_unreachable(current: State, limited: list[Host]) -> None:
    missing = [host.name for host in limited if host not in current.active_hosts]
    if missing:
        message = say(
            "No connection to {names}, so no server was changed. With --limit the others can be deployed alone.",
            names=", ".join(missing),
        )
        raise Refusing(Refusal.UNREACHABLE, message, missing)


def _whole(current: State) -> list[Cluster]:
    """The clusters of which every server takes part in this run."""
    surveys = _surveys.get(current)
    if not isinstance(surveys, dict):
        return []
    return [survey.asked for survey in surveys.values() if set(survey.hosts) == members_of(survey.asked)]


def _patience(current: State) -> int:
    """Seconds that the changes of this run take at most, from the first step to the proof or back again."""
    surveys = _surveys.get(current)
    if not isinstance(surveys, dict):
        return 0
    return round(sum(_seconds(survey) for survey in surveys.values()))


def _seconds(survey: Survey) -> float:
    waits = sum(step.timeout if isinstance(step, planner.Wait) else STEP for step in survey.plan.steps)
    return 2 * waits + timing.settle_bound(survey.cluster)
