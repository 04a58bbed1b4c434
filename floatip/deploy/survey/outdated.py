"""Whether a plan is void: made from what another run, or a person, has changed since."""

from __future__ import annotations

from floatip.change.plan import Kind, Step
from floatip.deploy.survey import departure_plan
from floatip.deploy.survey.result import Survey
from floatip.hosts.host_state import HostState


def outdated(old: Survey, new: Survey) -> list[str]:
    """The servers because of which the old plan is void; none where it still holds.

    Who holds an address only matters where the order of the steps depends on it: an election may take place any time.
    """
    changed = [name for name in old.states if _basis(old, name) != _basis(new, name)]
    changed += departure_plan.outdated(old.departures, new.departures)
    ordered = old.plan.kind >= Kind.IDENTITY or new.plan.kind >= Kind.IDENTITY
    if ordered and not changed and old.plan.steps != new.plan.steps:
        return list(old.states)
    return changed


def _basis(survey: Survey, name: str) -> tuple[object, ...]:
    """Everything that what is done on a server is made from."""
    steps = {step.conf for step in survey.plan.steps if isinstance(step, Step) and step.node == name}
    return (_found(survey.states[name]), survey.wanted[name], survey.firewalls[name], steps)


def _found(state: HostState) -> tuple[object, ...]:
    enabled = {unit: state.enabled(unit) for unit in state.units}
    return (
        state.files,
        state.packages,
        enabled,
        state.pending,
        state.boot,
        state.systemd,
        state.nonlocal_bind,
        state.managers,
    )
