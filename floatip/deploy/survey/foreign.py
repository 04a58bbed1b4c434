"""Which floating addresses are with devices that floatip does not manage: the servers ask the network who answers."""

from __future__ import annotations

from collections.abc import Iterator

from pyinfra.api import State

from floatip.deploy.survey import answering
from floatip.deploy.survey.answering import Answers
from floatip.deploy.survey.result import Survey
from floatip.hosts import neighbours
from floatip.model.cluster import Cluster, Foreign, Instance


def devices(cluster: Cluster) -> Iterator[tuple[Instance, Foreign]]:
    """All of a cluster, each with its instance."""
    return ((instance, device) for instance in cluster.instances for device in instance.foreign)


def held(state: State, survey: Survey) -> dict[str, frozenset[str]]:
    """Device → the floating addresses that it answers for, as the servers see it. Nobody is asked without devices."""
    pairs: dict[str, set[tuple[str, str]]] = {}
    for instance, device in devices(survey.cluster):
        for member in instance.members if instance.foreign else ():
            if member.node in survey.hosts:
                wanted = {(member.interface, str(device.address)), *instance.places(member)}
                pairs.setdefault(member.node, set()).update(wanted)
    if not pairs:
        return {}
    answers = answering.ask(state, survey.hosts, {name: sorted(wanted) for name, wanted in pairs.items()})
    ours = frozenset(link.mac for found in survey.states.values() for link in found.links)
    found: dict[str, frozenset[str]] = {}
    for instance, device in devices(survey.cluster):
        found[device.node] = found.get(device.node, frozenset()) | _of(instance, device, answers, ours)
    return found


def _of(instance: Instance, device: Foreign, answers: Answers, ours: frozenset[str]) -> frozenset[str]:
    """It answers with the hardware address that it has itself, or with the virtual one where no server has that."""
    own = _macs(answers, str(device.address)) - ours
    if device == max(instance.foreign, key=lambda contender: contender.priority) and not instance.use_vmac:
        own |= {neighbours.virtual(instance, str(device.address))}
    return frozenset(str(address.ip) for address in instance.addresses if _macs(answers, str(address.ip)) & own)


def _macs(answers: Answers, address: str) -> frozenset[str]:
    return frozenset().union(*(macs.get(address, frozenset()) for macs in answers.values()))
