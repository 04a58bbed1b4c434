"""The packages, and a record of what was there before."""

from __future__ import annotations

from pyinfra import host

from floatip import actions, intent
from floatip.deploys.survey import Survey
from floatip.operations import hosts


def packages(survey: Survey) -> None:
    """Install what is missing."""
    found = survey.states[host.name]
    lacking = intent.missing(survey.cluster, found)
    hosts.record(name=actions.RECORD, missing=lacking, known=found.text("record") is not None)
    hosts.packages(name=actions.INSTALL, missing=lacking)
