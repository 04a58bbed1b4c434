"""The packages, and a record of what was there before."""

from __future__ import annotations

from pyinfra import host

from floatip.deploys.survey import Survey
from floatip.operations import hosts
from floatip.words import say

NEEDED = ("keepalived",)
FOR_LOG = ("rsyslog", "logrotate")


def missing(survey: Survey, name: str) -> list[str]:
    """The packages that a node lacks."""
    wanted = [*NEEDED, *(FOR_LOG if survey.cluster.log_file else ())]
    return [package for package in wanted if package not in survey.states[name].packages]


def packages(survey: Survey) -> None:
    """Install what is missing."""
    found = survey.states[host.name]
    lacking = missing(survey, host.name)
    hosts.record(name=say("Record what was there before"), missing=lacking, known=found.text("record") is not None)
    hosts.packages(name=say("Install packages"), missing=lacking)
