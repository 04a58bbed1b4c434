"""Who answers for the addresses at the end of a run: asked while the proof goes on, since it takes a second to
be sure that nobody else does."""

from __future__ import annotations

from collections.abc import Mapping

import gevent
from pyinfra.api import State

from floatip.deploy.survey import answering
from floatip.deploy.survey.result import Survey
from floatip.deploy.transaction.holders import holders
from floatip.model.cluster import Instance
from floatip.runs.events import Proved

Seen = Mapping[str, frozenset[str] | None]
"""Server → the addresses that it has; None where it did not answer."""


def floating(survey: Survey) -> list[tuple[Instance, str]]:
    """All floating addresses of a cluster, each with its instance."""
    return [(instance, str(address.ip)) for instance in survey.cluster.instances for address in instance.addresses]


def holder(seen: Seen, address: str) -> str:
    """Who has it; nobody where it may be a node outside this run."""
    return next(iter(holders(seen, frozenset({address}))[address]), "")


def managed(instance: Instance, name: str) -> bool | None:
    """True for a device that floatip does not manage: that it answers is how it was found."""
    return True if name in {device.node for device in instance.foreign} else None


class Asking:
    """All servers ask at the same time, each in its own network, from here on."""

    def __init__(self, survey: Survey, state: State, seen: Seen) -> None:
        self.survey = survey
        self.held = _held(survey, seen)
        self.askers: dict[str, str] = {}
        pairs: dict[str, list[tuple[str, str]]] = {}
        for instance, address, name in self.held:
            if member := answering.asker(instance, address, name, survey.hosts):
                self.askers[address] = member.node
                pairs.setdefault(member.node, []).append((instance.floating(address).device(member), address))
        self.job = gevent.spawn(answering.ask, state, survey.hosts, pairs)

    def about(self, seen: Seen) -> bool:
        """Whether these are the holders that it was about."""
        return self.held == _held(self.survey, seen)

    def events(self) -> list[Proved]:
        """Who holds each address, and whether it is the holder who answers."""
        answers = self.job.get()
        return [self._event(answers, *entry) for entry in self.held]

    def _event(self, answers: answering.Answers, instance: Instance, address: str, name: str) -> Proved:
        if asked := managed(instance, name):
            return Proved(address, name, asked, instance.name)
        macs = answers.get(self.askers.get(address, ""), {}).get(address)
        own = answering.own(instance, address, name, self.survey.states[name]) if name else frozenset()
        answered, others = _answered(macs, own)
        return Proved(address, name, answered, instance.name, others)


def _held(survey: Survey, seen: Seen) -> list[tuple[Instance, str, str]]:
    return [(instance, address, holder(seen, address)) for instance, address in floating(survey)]


def _answered(macs: frozenset[str] | None, own: frozenset[str]) -> tuple[bool | None, tuple[str, ...]]:
    """Whether the holder answers, and who else does."""
    return (None, ()) if macs is None or not own else (bool(macs & own), tuple(sorted(macs - own)))
