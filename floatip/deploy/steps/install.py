"""The packages, and a record of what was there before."""

from __future__ import annotations

from pyinfra import host

from floatip.change import requirements, summary
from floatip.deploy.operations import scripts
from floatip.deploy.operations.packages import install_script, record_script
from floatip.deploy.steps import packages as patient
from floatip.deploy.survey.result import Survey


def packages(survey: Survey) -> None:
    """Install what is missing, once it stands in the record."""
    found = survey.states[host.name]
    lacking = requirements.missing(survey.cluster, found)
    record = (
        record_script(lacking, known=found.text("record")) if requirements.recording(survey.cluster, found) else None
    )
    scripts.call(name=summary.RECORD, work=patient.work(record))
    scripts.call(name=summary.INSTALL, work=patient.work(install_script(lacking) if lacking else None))
