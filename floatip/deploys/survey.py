"""The whole cluster, looked at once: the inventory, then all hosts, then the plan.

deploy.py runs once for each host, in parallel. The first of them surveys all hosts of the run; the
others wait for its result, so that each host is asked once and every host acts on the same plan.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import gevent
from gevent.lock import RLock
from pyinfra import inventory, logger
from pyinfra.api import Host, State
from pyinfra.api.exceptions import DeployError
from pyinfra.api.facts import get_fact
from pyinfra.context import ctx_host, ctx_state

from floatip import detached, firewall, intent, local, moves, parse, preflight, render, timing
from floatip import plan as planner
from floatip.cluster import Cluster
from floatip.deploys import watched
from floatip.events import Planned, Refusal, Refused, Remark
from floatip.facts.host_state import HostStateFact
from floatip.fields import Wrong
from floatip.host_state import HostState
from floatip.moves import Moves
from floatip.problems import Level, Problem, errors
from floatip.words import Said, say

SETTLE_POLL = 0.3  # seconds
REFUSALS = {
    planner.Obstacle.LEFT_OUT: Refusal.LEFT_OUT,
    planner.Obstacle.DEPLOY_FIRST: Refusal.DEPLOY_FIRST,
}

_lock = RLock()
_surveys: WeakKeyDictionary[State, dict[str, Survey] | Refusing] = WeakKeyDictionary()


class Refusing(DeployError):
    """The run does not begin; `event` has the code. `more`: lines below the message, for the terminal."""

    def __init__(self, code: Refusal, message: Said, nodes: Iterable[str] = (), *, more: Iterable[str] = ()) -> None:
        self.event = Refused(code, message, tuple(nodes))
        super().__init__("\n".join([message, *more]))


@dataclass(frozen=True, slots=True)
class Survey:
    """One cluster of the run: what it shall be, what was found, what will be done.

    `states`, `wanted` and `firewalls` hold the hosts of this run only (`--limit`).
    """

    cluster: Cluster
    hosts: Mapping[str, Host]
    states: Mapping[str, HostState]
    wanted: Mapping[str, str]
    firewalls: Mapping[str, firewall.Plan]
    plan: planner.Plan
    moves: Moves


def this_cluster() -> Survey:
    """The survey of the cluster that the present host belongs to; DeployError where anything is wrong."""
    with _lock:
        current = ctx_state.get()
        if current not in _surveys:
            _stop_on_any_failure(current)
            watched.watch(current)
            try:
                _surveys[current] = _all_clusters(current)
            except Refusing as error:
                detached.tell(error.event)
                _surveys[current] = error
        found = _surveys[current]
    if isinstance(found, DeployError):
        raise found
    return found[_group(ctx_host.get())]


def option(name: str) -> bool:
    """A switch given with `--data NAME=true`."""
    value = inventory.get_override_data().get(name, False)
    if not isinstance(value, bool):
        raise Refusing(
            Refusal.OPTION, say("--data {name}=… takes true or false, not {value}.", name=name, value=repr(value))
        )
    return value


def _asked() -> dict[str, str]:
    """Which server shall lead which instance from now on, as `--data floatip_move=…` asks for."""
    asked = inventory.get_override_data().get("floatip_move")
    try:
        return {} if asked is None else moves.from_option(str(asked))
    except Wrong as wrong:
        message = say("--data floatip_move=… {text} {hint}", text=wrong.text, hint=wrong.hint)
        raise Refusing(Refusal.OPTION, message) from None


def _stop_on_any_failure(current: State) -> None:
    # Without this, pyinfra goes on with the other hosts when one has failed, and a half-changed pair is what
    # nobody wants. Locked, because pyinfra restores the locked settings after it has read deploy.py.
    current.config.FAIL_PERCENT = 0
    current.config.lock_current_state()


def _group(of: Host) -> str:
    for name in of.groups:
        if "vrrp_instances" in inventory.get_group_data(name):
            return str(name)
    message = say(
        "{name} belongs to no floatip cluster: no group of this inventory has 'vrrp_instances'. "
        "`floatip check FILE` tells more.",
        name=of.name,
    )
    raise Refusing(Refusal.NO_CLUSTER, message, [of.name])


def _all_clusters(current: State) -> dict[str, Survey]:
    limited = [one for one in current.inventory if current.is_host_in_limit(one)]
    groups = list(dict.fromkeys(_group(one) for one in limited))
    clusters = {name: _parsed(name) for name in groups}
    for cluster in clusters.values():
        _alone(cluster)
    _refuse_unreachable(current, limited)
    found = _states(current, limited)
    return {name: _survey(cluster, limited, found, current) for name, cluster in clusters.items()}


def _parsed(group: str) -> Cluster:
    members = [(one.name, inventory.get_host_data(one.name)) for one in inventory.get_group(group)]
    parsed = parse.parse(group, members, inventory.get_group_data(group))
    _tell(parsed.problems)
    if parsed.cluster is None:
        raise _refusal(Refusal.INVENTORY, say("The inventory cannot be used:"), errors(parsed.problems))
    return parsed.cluster


def _alone(cluster: Cluster) -> None:
    try:
        local.hold(cluster)
    except local.Busy as busy:
        raise Refusing(Refusal.BUSY, busy.message) from None
    except OSError as error:
        message = say(
            "{file} cannot be written, so no host was changed: {why}.", file=error.filename, why=error.strerror
        )
        raise Refusing(Refusal.UNWRITABLE, message) from None


def _refuse_unreachable(current: State, limited: list[Host]) -> None:
    missing = [one.name for one in limited if one not in current.active_hosts]
    if missing:
        message = say(
            "No connection to {names} (see above), so no host was changed. "
            "With --limit the others can be deployed alone.",
            names=", ".join(missing),
        )
        raise Refusing(Refusal.UNREACHABLE, message, missing)


def _states(current: State, hosts: list[Host]) -> dict[str, HostState]:
    def read(one: Host) -> HostState | None:
        with ctx_state.use(current), ctx_host.use(one):
            found: HostState | None = get_fact(current, one, HostStateFact, apply_failed_hosts=False)
            return found

    jobs = {one.name: gevent.spawn(read, one) for one in hosts}
    gevent.joinall(list(jobs.values()))
    states = {name: found for name, job in jobs.items() if (found := job.get()) is not None}
    silent = [name for name in jobs if name not in states]
    if silent:
        message = say("{names} could not be examined (see above), so no host was changed.", names=", ".join(silent))
        raise Refusing(Refusal.NOT_EXAMINED, message, silent)
    return states


def _settled(cluster: Cluster, hosts: list[Host], found: dict[str, HostState], current: State) -> dict[str, HostState]:
    """The states once the address has stopped moving, or after the time in which it should have: a plan that
    names the holder would otherwise be out of date before it runs."""
    until = time.monotonic() + timing.settle_bound(cluster)
    while intent.restless(cluster, found) and time.monotonic() < until:
        gevent.sleep(SETTLE_POLL)
        found = _states(current, hosts)
    return found


def _survey(cluster: Cluster, limited: list[Host], found: Mapping[str, HostState], current: State) -> Survey:
    hosts = {one.name: one for one in limited if one.name in {node.name for node in cluster.nodes}}
    states = {name: found[name] for name in hosts}
    removing = option("floatip_remove")
    problems = preflight.check(cluster, states, replace=option("floatip_replace") or removing)
    if removing:
        problems = tuple(problem for problem in problems if problem.code in ("not-root", "not-debian"))
    _tell(problems)
    if errors(problems):
        raise _refusal(Refusal.HOSTS, say("The hosts are not ready, and none was changed:"), errors(problems))
    lead, moved = _asked(), moves.known(cluster, moves.noted(states))
    if lead:
        moved = moves.moved(cluster, moved, lead, int(time.time()))
    _remind(moved)
    cluster = moves.applied(cluster, moved)
    wanted = {name: render.keepalived_conf(cluster, name) for name in hosts}
    try:
        steps = intent.steps(cluster, wanted, states, lead)
        if steps.kind >= planner.Kind.IDENTITY or lead:
            states = _settled(cluster, list(hosts.values()), states, current)
            steps = intent.steps(cluster, wanted, states, lead)
        firewalls = {name: intent.firewall_plan(cluster, name, one) for name, one in states.items()}
    except planner.PlanError as error:
        raise Refusing(REFUSALS[error.code], error.message, error.nodes) from None
    except firewall.FirewallError as error:
        raise Refusing(Refusal.FIREWALL, Said(error)) from None
    if not removing:
        _announce(cluster, steps, moved)
    return Survey(cluster, hosts, states, wanted, firewalls, steps, moved)


def _remind(moved: Moves) -> None:
    for instance, node in moved.to.items():
        logger.info(f"    {instance} was moved to {node} and stays there until it is moved again (floatip move).")


def _announce(cluster: Cluster, plan: planner.Plan, moved: Moves) -> None:
    logger.info(f"--> Plan for {cluster.name}: {plan.notice}")
    for reason in plan.reasons:
        logger.info(f"    {reason}")
    detached.tell(Planned(cluster.name, plan.kind, plan.kinds, moved.to, plan.notice))


def _tell(problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        detached.tell(Remark.of(problem))
        if problem.level is not Level.ERROR:
            logger.warning(f"    {problem.level.value}: {problem}")


def _refusal(code: Refusal, title: Said, problems: tuple[Problem, ...]) -> Refusing:
    return Refusing(code, title, more=[f"  - {problem}" for problem in problems])
