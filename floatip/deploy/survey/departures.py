"""Members that were taken out of the inventory: the servers remember them, and a deploy does not go on as if they were
gone. It refuses, or with `--data floatip_dismiss=NAME` takes them out of the cluster, or with `--data
floatip_forget=NAME` forgets one that is gone for good. Here is what is looked at; `dismissal` does it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pyinfra import inventory
from pyinfra.api import Host, State

from floatip import firewall
from floatip.change import members
from floatip.change.members import Left
from floatip.deploy.lifecycle.refusal import Refusing
from floatip.deploy.session import outsider
from floatip.deploy.survey import forgetting
from floatip.deploy.survey.departure_plan import Departures, Leaver
from floatip.deploy.survey.notices import line, remark
from floatip.hosts import preflight
from floatip.hosts.host_state import HostState
from floatip.model import fields
from floatip.model.cluster import Cluster
from floatip.model.fields import Wrong
from floatip.model.messages import Said, all_of, one_after_the_other, say
from floatip.model.problems import Level
from floatip.runs import detached
from floatip.runs.events import Refusal, Remark
from floatip.runs.pyinfra_run import DISMISS, FORGET


def departures(
    current: State, cluster: Cluster, hosts: Mapping[str, Host], states: Mapping[str, HostState], *, removing: bool
) -> Departures:
    """Who leaves; Refusing where somebody was left behind and nobody said what to do about it.

    `hosts` and `states`: of this run. A run that has not all of them, or takes floatip away, only says who it is.
    """
    asked = {option: _names(option) for option in (DISMISS, FORGET)}
    left = members.left_behind(cluster, states)
    partial = len(states) < len(cluster.nodes)
    _check_options(cluster, asked, removing=removing, partial=partial)
    if partial or removing:
        for leaver in left:
            remark(leaver.name, "left-behind", Level.WARNING, _who(leaver))
        return Departures(kept=left)
    _refuse_unasked([leaver for leaver in left if leaver.name not in {*asked[DISMISS], *asked[FORGET]}])
    forgetting.forget(current, cluster, hosts, states, [leaver for leaver in left if leaver.name in asked[FORGET]])
    found = [_dismissed(current, cluster, hosts, leaver) for leaver in left if leaver.name in asked[DISMISS]]
    return Departures(tuple(leaver for leaver in found if leaver))


def _names(option: str) -> tuple[str, ...]:
    asked = inventory.get_override_data().get(option)
    try:
        return () if asked is None else tuple(dict.fromkeys(fields.node_name(text) for text in str(asked).split(",")))
    except Wrong as wrong:
        message = say("--data {option}=… {text} {hint}", option=option, text=wrong.text, hint=wrong.hint)
        raise Refusing(Refusal.OPTION, message) from None


def _check_options(cluster: Cluster, asked: Mapping[str, Iterable[str]], *, removing: bool, partial: bool) -> None:
    present = {node.name for node in cluster.nodes}
    for option, names in asked.items():
        if both := sorted(present.intersection(names)):
            message = say(
                "--data {option}=… is for servers that were taken out of the inventory. Still in it: {names}.",
                option=option,
                names=all_of(both),
            )
            raise Refusing(Refusal.OPTION, message, both)
        if names and (removing or partial):
            message = say(
                "--data {option}=… needs all servers of the cluster. Run it without --limit and without "
                "floatip_remove.",
                option=option,
            )
            raise Refusing(Refusal.OPTION, message)


def _who(leaver: Left) -> Said:
    return say(
        "According to {by}, {name} (SSH {place}) is a server of this cluster, but it is not in the inventory. It may "
        "still run keepalived and hold the address.",
        name=leaver.name,
        place=leaver.known.place,
        by=all_of(leaver.by),
    )


def _refuse_unasked(left: list[Left]) -> None:
    if not left:
        return
    ways = say(
        "No server was changed. Put {names} back into the inventory, or run `floatip deploy FILE --dismiss "
        "{value}` to hand the address over and remove floatip there.",
        names=all_of(leaver.name for leaver in left),
        value=",".join(leaver.name for leaver in left),
    )
    message = one_after_the_other([*(_who(leaver) for leaver in left), ways])
    raise Refusing(Refusal.LEFT_BEHIND, message, [leaver.name for leaver in left])


def _dismissed(current: State, cluster: Cluster, hosts: Mapping[str, Host], left: Left) -> Leaver | None:
    """The server, looked at; None where it is another cluster's by now, and so has left already."""
    try:
        host = outsider.connected(current, hosts, left)
    except outsider.Unreachable as failed:
        raise _unreachable(left, failed.why) from None
    state = outsider.look(current, left, host)
    record = members.parse(state.text("members"))
    if record and not members.concerns(record, cluster):
        message = say(
            "{name} belongs to the cluster {other} now, so nothing is changed there.",
            name=left.name,
            other=record.cluster,
        )
        remark(left.name, "elsewhere", Level.INFO, message)
        return None
    _refuse_unfit(cluster, left, state)
    return Leaver(left, host, state)


def _refuse_unfit(cluster: Cluster, left: Left, state: HostState) -> None:
    """Where it could not be cleared."""
    problems = preflight.check(cluster, {left.name: state}, replace=True)
    if blocking := [problem for problem in problems if problem.code in preflight.ALWAYS]:
        for problem in blocking:
            detached.tell(Remark.of(problem))
        title = say("The servers are not ready, and none was changed:")
        raise Refusing(Refusal.HOSTS, title, [left.name], more=[f"  - {line(problem)}" for problem in blocking])
    try:
        firewall.remove(firewall.observe(state.firewall))
    except firewall.FirewallError as error:
        raise Refusing(Refusal.FIREWALL, error.message, [left.name]) from None


def _unreachable(left: Left, why: str) -> Refusing:
    message = say(
        "Could not connect to {name} (SSH {place}), so no server was changed. It may still hold the address, or take "
        "it later. Run this again when it can be reached, or with `--forget {name}` if it is gone for good. "
        "The reason: {why}",
        name=left.name,
        place=left.known.place,
        why=why,
    )
    return Refusing(Refusal.UNREACHABLE, message, [left.name])
