"""The survey of one cluster: its parse, its servers, who leaves, and the plan; refusals before any change."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from pyinfra import inventory
from pyinfra.api import Host, State

from floatip import firewall
from floatip.change import ownership, pins, requirements
from floatip.change import plan as planner
from floatip.deploy.lifecycle.refusal import Refusing
from floatip.deploy.session import host_states
from floatip.deploy.survey import departure_plan, departures, notices, run_options
from floatip.deploy.survey.departure_plan import Departures
from floatip.deploy.survey.result import Survey
from floatip.hosts import preflight
from floatip.hosts.host_state import HostState
from floatip.keepalived import render
from floatip.model import parse, passwords
from floatip.model.cluster import Cluster
from floatip.model.inventory import beside_files
from floatip.model.messages import say
from floatip.model.problems import Level, errors
from floatip.runs import pyinfra_run
from floatip.runs.events import Refusal

REFUSALS = {
    planner.Obstacle.UNCLEAR: Refusal.UNCLEAR,
    planner.Obstacle.LEFT_OUT: Refusal.LEFT_OUT,
    planner.Obstacle.DEPLOY_FIRST: Refusal.DEPLOY_FIRST,
    planner.Obstacle.NO_HEIR: Refusal.NO_HEIR,
}


def parsed_cluster(group: str) -> Cluster:
    """The cluster that a group of the inventory describes; Refusing where it cannot be used."""
    members = [(host.name, inventory.get_host_data(host.name)) for host in inventory.get_group(group)]
    parsed = parse.parse(group, members, inventory.get_group_data(group))
    cluster, problems = parsed.cluster, (*parsed.problems, *run_options.misplaced(group, inventory.get_group(group)))
    if cluster is not None and not run_options.option(pyinfra_run.REMOVE):
        cluster, unknown = passwords.resolved(cluster, Level.ERROR)
        cluster, absent = beside_files.texts(cluster, run_options.directory(), Level.ERROR)
        problems = (*problems, *unknown, *absent)
    notices.problems(problems)
    if cluster is None or errors(problems):
        raise notices.refusal(Refusal.INVENTORY, say("The inventory cannot be used:"), errors(problems))
    return cluster


def members_of(cluster: Cluster) -> set[str]:
    """The names of its servers."""
    return {node.name for node in cluster.nodes}


def check(cluster: Cluster, states: Mapping[str, HostState]) -> None:
    """Refusing where a host is not what the inventory says."""
    removing, replacing = run_options.option(pyinfra_run.REMOVE), run_options.option(pyinfra_run.REPLACE)
    problems = preflight.check(cluster, states, replace=replacing or removing)
    if removing:
        problems = tuple(problem for problem in problems if problem.code in preflight.ALWAYS)
    if not replacing:
        problems = (*problems, *ownership.problems(cluster, states))
    notices.problems(problems)
    if errors(problems):
        raise notices.refusal(Refusal.HOSTS, say("The servers are not ready, and none was changed:"), errors(problems))


def departing(current: State, cluster: Cluster, limited: list[Host], found: Mapping[str, HostState]) -> Departures:
    """Who leaves the cluster; Refusing where nobody has asked for that."""
    hosts = {host.name: host for host in limited if host.name in members_of(cluster)}
    states = {name: found[name] for name in hosts}
    return departures.departures(current, cluster, hosts, states, removing=run_options.option(pyinfra_run.REMOVE))


def survey_of(
    cluster: Cluster,
    limited: list[Host],
    found: Mapping[str, HostState],
    look: Callable[[], dict[str, HostState]],
    gone: Departures,
) -> Survey:
    """What will be done. `look`: reads all hosts anew; `gone`: who leaves before anything else is done."""
    hosts, asked = {host.name: host for host in limited if host.name in members_of(cluster)}, cluster
    states = {name: found[name] for name in hosts}
    _refuse_part_of_a_change(cluster, states)
    lead, moved = pins.spread(cluster, run_options.lead()), pins.known(cluster, pins.noted(states))
    if lead:
        moved = pins.moved(cluster, moved, lead, int(time.time()))
    cluster = pins.applied(cluster, moved)
    wanted = {name: render.keepalived_conf(cluster, name) for name in hosts}
    try:
        gone = departure_plan.planned(cluster, states, gone)
        steps = requirements.steps(cluster, wanted, departure_plan.after(states, gone), lead)
        if lead or any(isinstance(step, planner.Wait) for step in steps.steps):  # somebody takes over from somebody
            host_states.settled(cluster, states, look)
            gone = departure_plan.planned(cluster, states, gone, sure=True)
            steps = requirements.steps(cluster, wanted, departure_plan.after(states, gone), lead)
        firewalls = {name: requirements.firewall_plan(cluster, name, state) for name, state in states.items()}
    except planner.PlanError as error:
        raise Refusing(REFUSALS[error.code], error.message, error.nodes) from None
    except firewall.FirewallError as error:
        raise Refusing(Refusal.FIREWALL, error.message) from None
    return Survey(cluster, hosts, states, wanted, firewalls, steps, moved, asked, gone)


def _refuse_part_of_a_change(cluster: Cluster, states: Mapping[str, HostState]) -> None:
    """A change that was cut off concerns all servers of a cluster."""
    left_out = sorted(members_of(cluster) - set(states))
    changing = requirements.under_way(states)
    if left_out and changing:
        message = say(
            "A change was interrupted on {names}; {others} may be affected too. Run it without --limit, or wait until "
            "the servers have finished it or rolled it back.",
            names=", ".join(changing),
            others=", ".join(left_out),
        )
        raise Refusing(Refusal.UNDER_WAY, message, left_out)
