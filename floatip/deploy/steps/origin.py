"""After a proof the servers remember who deployed what, so that other computers see that it was not they."""

from __future__ import annotations

import time

from pyinfra import logger
from pyinfra.api import State

from floatip.change import origin
from floatip.deploy.session import leasing
from floatip.deploy.survey.result import Survey
from floatip.hosts import connection
from floatip.language.telling import tell
from floatip.model import paths
from floatip.model.messages import say
from floatip.runs.lock import process
from floatip.server_side import shell
from floatip.server_side.lease.model import What


def remember(survey: Survey, state: State) -> None:
    """Note it on each server of a deploy that has changed something, and took all of them."""
    whole = {node.name for node in survey.asked.nodes} == set(survey.hosts)
    if not (whole and leasing.held(state) and leasing.what(state) is What.DEPLOY):
        return
    text = origin.record(survey.asked, process.who(), time.time())
    answers = connection.each(survey.hosts, lambda name: leasing.step(state, survey.hosts[name], script(text)))
    for name, answer in answers.items():
        if not answer.ok:
            message = say("Could not record on {node} who deployed it: {why}", node=name, why=answer.stderr[-300:])
            logger.warning(f"    {tell(message)}")


def script(text: str) -> str:
    """What puts the note there, whole."""
    return shell.script(shell.put(paths.ORIGIN, text, "0644"))
