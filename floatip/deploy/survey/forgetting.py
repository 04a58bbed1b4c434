"""A member that is gone for good is forgotten, but only where nothing speaks for its being there: it does not answer,
and no server hears adverts of this cluster but those of its members."""

from __future__ import annotations

from collections.abc import Mapping

from pyinfra import logger
from pyinfra.api import Host, State

from floatip.change.members import Left
from floatip.change.plan import leaving as planner
from floatip.deploy.lifecycle.refusal import Refusing
from floatip.deploy.session import outsider
from floatip.deploy.survey.notices import remark
from floatip.hosts import connection, network_scan, network_script
from floatip.hosts.host_state import HostState
from floatip.hosts.network_scan import Advert
from floatip.language.telling import tell
from floatip.model.cluster import Cluster
from floatip.model.messages import say
from floatip.model.problems import Level
from floatip.runs.events import Refusal

ADVERTS = 3  # that a master would have sent while one listens


def forget(
    current: State,
    cluster: Cluster,
    hosts: Mapping[str, Host],
    states: Mapping[str, HostState],
    left: list[Left],
) -> None:
    """Refusing where one of them is not gone."""
    if not left:
        return
    for leaver in left:
        _refuse_answering(current, hosts, leaver)
    strange = _listened(current, cluster, hosts, states)
    for leaver in left:
        _refuse_heard(leaver, strange)
        message = say(
            "{name} is forgotten, and nothing was removed there. If it is switched on again with its old "
            "configuration, it may take the address back.",
            name=leaver.name,
        )
        remark(leaver.name, "forgotten", Level.WARNING, message)


def _refuse_answering(current: State, hosts: Mapping[str, Host], leaver: Left) -> None:
    try:
        outsider.connected(current, hosts, leaver)
    except outsider.Unreachable:
        return
    message = say(
        "{name} (SSH {place}) answers, so it was not forgotten, and no server was changed. Run this with "
        "`--dismiss {name}` instead.",
        name=leaver.name,
        place=leaver.known.place,
    )
    raise Refusing(Refusal.STILL_THERE, message, [leaver.name])


def _refuse_heard(leaver: Left, strange: list[Advert]) -> None:
    if strange:
        message = say(
            "{name} was not forgotten, and no server was changed. {source} still sends adverts of this cluster on "
            "{interface}: switch that server off, or stop keepalived there.",
            name=leaver.name,
            source=strange[0].source,
            interface=strange[0].interface,
        )
        raise Refusing(Refusal.STILL_THERE, message, [leaver.name])


def _listened(
    current: State, cluster: Cluster, hosts: Mapping[str, Host], states: Mapping[str, HostState]
) -> list[Advert]:
    """The adverts of this cluster that none of its servers sends. Refusing where one of them could not listen."""
    seconds = _patience(cluster, states)
    logger.info(
        "    %s", tell(say("Listening for {seconds} s for adverts of other servers.", seconds=f"{seconds:.0f}"))
    )
    scripts = {name: network_script.script(_interfaces(cluster, name), (), seconds) for name in hosts}
    answers = connection.each(
        hosts, lambda name: connection.run(current, hosts[name], scripts[name], timeout=int(seconds) + 20)
    )
    own = frozenset[str]().union(*(state.held for state in states.values()))
    return [
        advert
        for name, answer in answers.items()
        for advert in _adverts(name, answer, _interfaces(cluster, name))
        if advert.source not in own and _ours(advert, cluster)
    ]


def _adverts(name: str, answer: connection.Answer, interfaces: list[str]) -> tuple[Advert, ...]:
    try:
        found = network_scan.parse(answer.stdout.splitlines())
        not_listened = sorted(set(interfaces) - set(found.listened))
    except ValueError:
        not_listened = interfaces
    if not_listened:
        message = say(
            "{name} could not listen on {interfaces}, so no server was changed.",
            name=name,
            interfaces=", ".join(not_listened),
        )
        raise Refusing(Refusal.NOT_EXAMINED, message, [name])
    return found.adverts


def _interfaces(cluster: Cluster, name: str) -> list[str]:
    return sorted({part.interface for instance in cluster.instances_of(name) if (part := instance.member(name))})


def _ours(advert: Advert, cluster: Cluster) -> bool:
    """By number or by address: the inventory may have another one of these by now."""
    return any(
        advert.virtual_router_id == instance.virtual_router_id
        or set(advert.addresses) & {str(address.ip) for address in instance.virtual_ipaddress}
        for instance in cluster.instances
    )


def _patience(cluster: Cluster, states: Mapping[str, HostState]) -> float:
    """Seconds in which a master would have been heard, whether it has the old settings or the new ones."""
    try:
        live = [instance for state in states.values() for instance in planner.running(state.text("conf") or "")]
    except ValueError:
        live = []
    return max(
        network_script.SECONDS, 1 + ADVERTS * max(instance.advert_int for instance in (*cluster.instances, *live))
    )
