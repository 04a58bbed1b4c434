"""What is said of servers, of a plan and of what is wrong, to people on the terminal and to programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pyinfra import logger

from floatip.change.pins import Moves
from floatip.change.plan import Plan
from floatip.deploy.lifecycle.refusal import Refusing
from floatip.deploy.session import lease_callback, leasing
from floatip.hosts.host_state import HostState
from floatip.language.telling import tell
from floatip.model.cluster import Cluster
from floatip.model.messages import Said, say
from floatip.model.problems import LABELS, Level, Problem
from floatip.runs import detached
from floatip.runs.events import Planned, Refusal, Remark
from floatip.server_side.lease import model
from floatip.server_side.pending import change
from floatip.server_side.pending.model import whole_again as within


def remark(name: str, code: str, level: Level, message: Said, *, prefix: str = "    ") -> None:
    """A warning, or anything less. `prefix`: pyinfra's for the host, in the middle of a step."""
    (logger.warning if level is Level.WARNING else logger.info)(f"{prefix}{tell(message)}")
    detached.tell(Remark(f"nodes.{name}", code, level, message))


def leases(found: Mapping[str, HostState]) -> None:
    """Who is at work there now: it may be over before something is changed."""
    for name, state in found.items():
        if lease := leasing.at_work(state):
            remark(name, "in-use", Level.WARNING, model.described(name, lease))


def changes(found: Mapping[str, HostState]) -> None:
    """Whose change was not brought to its end, as far as can be seen."""
    for name, state in found.items():
        if state.change and not (state.lease and state.lease.run == state.change.run == lease_callback.lent()):
            remark(name, "under-way", Level.WARNING, change.described(name, state.change))


def moved(found: Moves) -> None:
    """Which addresses are not where an election would have them."""
    for instance, node in found.to.items():
        message = say(
            "{instance} was moved to {node} and stays there until it is moved again (floatip move).",
            instance=instance,
            node=node,
        )
        logger.info(f"    {tell(message)}")


def planned(cluster: Cluster, plan: Plan, moved: Moves) -> None:
    """What will be done, why, and what a client notices of it."""
    message = say("Plan for {cluster}: {notice}", cluster=cluster.name, notice=plan.notice)
    logger.info(f"--> {tell(message)}")
    for reason in plan.reasons:
        logger.info(f"    {tell(reason)}")
    detached.tell(Planned(cluster.name, plan.kind, plan.kinds, moved.to, plan.notice))


def whole_again(plan: Plan, advert_int: float) -> None:
    """What happens where the run is cut off, if there is anything to cut. `advert_int`: the slowest, in seconds."""
    if plan.steps:
        message = say(
            "If this run is interrupted, the servers agree on one configuration by themselves within {seconds} s.",
            seconds=within(advert_int),
        )
        logger.info(f"    {tell(message)}")


def problems(found: Iterable[Problem]) -> None:
    """What is wrong: programs are told all of it, and people what does not end the run."""
    for problem in found:
        detached.tell(Remark.of(problem))
        if problem.level is not Level.ERROR:
            logger.warning(f"    {tell(LABELS[problem.level])}: {line(problem)}")


def line(problem: Problem) -> str:
    """A problem for people, on one line."""
    return " ".join([f"{problem.path}:", *(tell(part) for part in (problem.message, problem.hint) if part)])


def refusal(code: Refusal, title: Said, found: Iterable[Problem]) -> Refusing:
    """A run that does not begin, for these reasons."""
    return Refusing(code, title, more=[f"  - {line(problem)}" for problem in found])
