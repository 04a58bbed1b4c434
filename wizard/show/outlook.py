"""What a deploy would do, as the check page tells it: from the same model that the deploy acts on."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from floatip import firewall
from floatip.change import differences, ownership, pins, requirements
from floatip.change.plan import PlanError
from floatip.change.summary import Action, actions
from floatip.hosts import preflight
from floatip.hosts.codes import Code
from floatip.hosts.host_state import HostState
from floatip.keepalived import render
from floatip.model.cluster import Cluster, Instance
from floatip.model.messages import Said, say
from floatip.model.paths import FOREIGN_CONF
from floatip.model.problems import Level, Problem
from wizard.drafts import Draft

ASKED = (Code.FOREIGN_CONFIGURATION, Code.OTHER_CLUSTER)
"""Whose configuration is replaced only where a person says so, when it is deployed."""

UNCHANGED = say("Nothing will be changed; clients notice nothing.")


@dataclass(frozen=True, slots=True)
class Outlook:
    """`notice`: what a client will notice; `rules`: server → its firewall."""

    problems: tuple[Problem, ...]
    notice: str
    rules: Mapping[str, tuple[Said, ...]]
    actions: Sequence[Action]


def see(cluster: Cluster, states: Mapping[str, HostState]) -> Outlook | None:
    """None where not every server could be looked at."""
    if any(node.name not in states for node in cluster.nodes):
        return None
    here = {node.name: states[node.name] for node in cluster.nodes}
    moved = pins.known(cluster, pins.noted(here))
    cluster = pins.applied(cluster, moved)
    wanted = {name: render.keepalived_conf(cluster, name) for name in here}
    try:
        plan = requirements.steps(cluster, wanted, here)
        steps = actions(cluster, wanted, here, plan, moved)
        notice = plan.notice if steps else UNCHANGED
        rules = {name: requirements.firewall_plan(cluster, name, state).changes for name, state in here.items()}
    except PlanError as error:
        notice, rules, steps = error.message, {}, []
    except firewall.FirewallError as error:
        notice, rules, steps = error.message, {}, []
    found = (*preflight.check(cluster, here), *ownership.problems(cluster, here))
    return Outlook(found, notice, rules, steps)


def files(cluster: Cluster, states: Mapping[str, HostState]) -> dict[str, list[str]]:
    """Server → the changed lines of its file, of those that could be looked at."""
    return differences.rewritten(
        cluster, {node.name: states[node.name] for node in cluster.nodes if node.name in states}
    )


def foreign(states: Mapping[str, HostState]) -> list[str]:
    """The servers with a keepalived.conf that somebody else wrote."""
    texts = {name: state.text("conf") or "" for name, state in states.items()}
    return [name for name, text in texts.items() if text.strip() and not preflight.is_ours(text)]


def consentable(problems: tuple[Problem, ...]) -> list[Problem]:
    """The problems, with a file that is not this cluster's as what it is here: a question that is asked later."""
    return [
        replace(problem, hint=_ways(problem), level=Level.WARNING) if problem.code in ASKED else problem
        for problem in problems
    ]


def _ways(problem: Problem) -> Said:
    if problem.code == Code.OTHER_CLUSTER:
        return problem.hint
    return say("You are asked whether to replace it when you deploy; it is kept as {path}.", path=FOREIGN_CONF)


def at_speed(draft: Draft, instance: str, advert_int: float) -> Instance | None:
    """The instance with these seconds between two adverts; None while too little is answered."""
    shown = copy.deepcopy(draft)
    shown.name = draft.name or "cluster"
    shown.data.get("vrrp_instances", {}).get(instance, {}).update(advert_int=advert_int)
    cluster = shown.parsed().cluster
    return next((candidate for candidate in cluster.instances if candidate.name == instance), None) if cluster else None
