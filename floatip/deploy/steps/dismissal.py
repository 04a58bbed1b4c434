"""Members leave the cluster: their addresses are handed over, then floatip is taken away there.

First of all, while the other servers still run what they ran with them, and let their adverts in: so all hear each
other until those are silent. They are remembered until it was seen that nothing is left there.
"""

from __future__ import annotations

from dataclasses import replace

from pyinfra import host, logger
from pyinfra.api import Host, State

from floatip import firewall
from floatip.change.plan import Kind, Plan
from floatip.deploy.operations import scripts
from floatip.deploy.operations.packages import purge_script
from floatip.deploy.session import host_states, leasing
from floatip.deploy.steps import packages, removal
from floatip.deploy.survey.departure_plan import Leaver
from floatip.deploy.survey.result import Survey
from floatip.deploy.transaction.transaction import Transaction
from floatip.hosts import connection
from floatip.language.telling import tell
from floatip.model.messages import Said, say
from floatip.runs import detached
from floatip.runs.events import Failed, Failure


def dismiss(survey: Survey) -> None:
    """Have those go that shall. The first host does it for them, since they have no operations."""
    first = host.name == next(iter(survey.hosts))
    leaving = survey.departures.leaving
    if not leaving:
        return
    names = ", ".join(leaver.left.name for leaver in leaving)
    scripts.call(
        name=say("Hand over the addresses of {node}", node=names),
        work=(lambda state, _: _hand_over(survey, state)) if first and survey.departures.leave.steps else None,
    )
    for leaver in host.loop(leaving):
        scripts.call(
            name=say("Remove floatip from {node}", node=leaver.left.name),
            work=_removal(survey, leaver) if first else None,
        )


def _hand_over(survey: Survey, state: State) -> bool:
    """As in any change of the configuration: where something fails, all have again what they had."""
    change = Transaction(_with_all(survey))
    if all(change.take(state, step) for step in survey.departures.leave.steps):
        change.finish()
        return True
    return False


def _with_all(survey: Survey) -> Survey:
    """The cluster as it was, with those that leave: in the end all have what they had."""
    leaving, steps = survey.departures.leaving, survey.departures.leave.steps
    states = {**survey.states, **{leaver.left.name: leaver.state for leaver in leaving}}
    wanted = {name: found.text("conf") or "" for name, found in states.items()}
    hosts = {**survey.hosts, **survey.departures.hosts}
    return replace(survey, hosts=hosts, states=states, wanted=wanted, plan=Plan(Kind.RELOAD, steps))


def _removal(survey: Survey, leaver: Leaver) -> scripts.Work:
    return lambda state, _: _remove(survey, leaver, state)


def _remove(survey: Survey, leaver: Leaver, state: State) -> bool:
    """What `floatip remove` does on a server, and a look afterwards."""
    found = host_states.again(state, leaver.host)
    if found is None:
        return _failed(leaver.host, say("{node} does not answer any more.", node=leaver.left.name))
    try:
        accept = firewall.remove(firewall.observe(found.firewall))
    except firewall.FirewallError as error:
        return _failed(leaver.host, error.message)
    purge = purge_script(found.text("record"))
    first = (removal.stop_script(found), removal.files_script(found), accept)
    last = (removal.service_script(found), removal.record_script(found))
    done = (
        all(_run(state, leaver.host, script) for script in first)
        and (purge is None or packages.run(state, leaver.host, purge))
        and all(_run(state, leaver.host, script) for script in last)
        and removal.look(state, leaver.host)
        and _is_silent(survey, leaver, state)
    )
    if done:
        leasing.let_go(state, leaver.host)
        logger.info(
            "    %s",
            tell(say("{node} has left the cluster, and nothing of floatip is left there.", node=leaver.left.name)),
        )
    return done


def _run(state: State, on: Host, script: str | None) -> bool:
    answer = leasing.step(state, on, script) if script is not None else None
    if answer is None or answer.ok:
        return True
    said = answer.stderr.strip()
    if answer.lost:
        return _failed(on, answer.lost, Failure.LEASE_LOST)
    return _failed(on, say("The removal failed on {node}: “{said}”", node=on.name, said=said), said=said)


def _is_silent(survey: Survey, leaver: Leaver, state: State) -> bool:
    """Whether it has none of the addresses, whoever has put them there."""
    held = connection.held(state, leaver.host)
    if held is None:
        return _failed(leaver.host, say("{node} does not answer any more.", node=leaver.left.name))
    if still := sorted(held & (survey.cluster.floating | set(survey.departures.leave.heirs))):
        return _failed(
            leaver.host, say("{node} still has {addresses}.", node=leaver.left.name, addresses=", ".join(still))
        )
    return True


def _failed(on: Host, message: Said, code: Failure = Failure.NOT_REMOVED, said: str = "") -> bool:
    logger.error(f"{on.print_prefix}{tell(message)}")
    detached.tell(Failed(code, message, on.name, said))
    return False
