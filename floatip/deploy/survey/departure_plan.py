"""How members that were taken out of the inventory leave: who takes over, and whether that still holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from pyinfra import logger
from pyinfra.api import Host, State

from floatip.change import requirements
from floatip.change.members import Left
from floatip.change.plan import Live, PlanError
from floatip.change.plan import leaving as planner
from floatip.change.plan.leaving import Leave
from floatip.deploy.session import outsider
from floatip.deploy.survey.notices import remark
from floatip.hosts import preflight
from floatip.hosts.host_state import HostState, Link
from floatip.hosts.worker_answers import words_of
from floatip.language.telling import tell
from floatip.model.cluster import Cluster
from floatip.model.messages import say
from floatip.model.problems import Level


@dataclass(frozen=True, slots=True)
class Leaver:
    """A server that this run takes out of the cluster, over a connection of its own."""

    left: Left
    host: Host
    state: HostState


@dataclass(frozen=True, slots=True)
class Departures:
    """`leaving`: whom this run takes out of the cluster, and `leave`: how their addresses go; `kept`: whom the servers
    must not forget yet."""

    leaving: tuple[Leaver, ...] = ()
    kept: tuple[Left, ...] = ()
    leave: Leave = field(default_factory=Leave)

    @property
    def hosts(self) -> dict[str, Host]:
        """Those that are changed."""
        return {leaver.left.name: leaver.host for leaver in self.leaving}


NOBODY: Final = Departures()


def planned(cluster: Cluster, states: Mapping[str, HostState], found: Departures, *, sure: bool = False) -> Departures:
    """With how their addresses go. PlanError, or Refusing, where that cannot be. `sure`: see
    `floatip.change.plan.leaving`."""
    leaving = {leaver.left.name: _live(leaver.state) for leaver in found.leaving}
    live = {name: requirements.live(state) for name, state in states.items()}
    try:
        return replace(found, leave=planner.leave(leaving, live | leaving, cluster.floating, sure=sure))
    except PlanError:
        raise
    except ValueError as error:
        raise outsider.not_examined(found.leaving[0].left, words_of(error)) from None


def after(states: Mapping[str, HostState], found: Departures) -> dict[str, HostState]:
    """The others as they will be found once all of them have left."""
    result = dict(states)
    for address, heir in found.leave.heirs.items():
        length = 128 if ":" in address else 32
        link = Link("", True, frozenset({f"{address}/{length}"}))
        result[heir] = replace(result[heir], links=(*result[heir].links, link))
    return result


def announce(found: Departures) -> None:
    """Say who leaves, and who takes over what."""
    for leaver in found.leaving:
        message = say(
            "{name} (SSH {place}) leaves the cluster, and floatip is removed there.",
            name=leaver.left.name,
            place=leaver.left.known.place,
        )
        remark(leaver.left.name, "leaving", Level.INFO, message)
    for address, heir in found.leave.heirs.items():
        logger.info("    %s", tell(say("{address} goes to {heir} first.", address=address, heir=heir)))


def again(current: State, found: Departures) -> Departures:
    """Look at those that leave once more."""
    return replace(
        found,
        leaving=tuple(
            replace(leaver, state=outsider.look(current, leaver.left, leaver.host)) for leaver in found.leaving
        ),
    )


def outdated(old: Departures, new: Departures) -> list[str]:
    """Those that are not what the plan was made from."""
    pairs = zip(old.leaving, new.leaving, strict=True)
    changed = [leaver.left.name for leaver, other in pairs if _basis(leaver.state) != _basis(other.state)]
    return changed or [leaver.left.name for leaver in old.leaving if old.leave != new.leave]


def _basis(state: HostState) -> tuple[object, ...]:
    return state.files, state.packages, state.boot


def _live(state: HostState) -> Live:
    """As the planner sees it; with a configuration of somebody's own, there is nothing to hand over."""
    found = requirements.live(state)
    return found if preflight.is_ours(found.conf or "") else replace(found, conf=None)
