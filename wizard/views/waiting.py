"""A page that waits for servers: it says for whom and how long so far, and becomes the page that was asked for."""

from __future__ import annotations

import time
from typing import Any

from flask import Flask, Response, make_response, render_template, request

from floatip.model.messages import Said, say
from wizard.drafts import Draft
from wizard.hosts.background import Task

ASKS = "X-Waits"
"""A request of such a page, and the mark of one: any other answer to it means that the page is there."""
STAYS = (403, 500)
"""Answers at which the page stays what it is: it says by itself that the wizard was started anew, or has failed."""
LOOKING = say("The servers are being checked.")
LISTENING = say("The servers listen on their network for a few seconds.")
PINGING = say("The servers ask their network who has these addresses.")


def page(draft: Draft, task: Task[Any], what: Said = LOOKING) -> Response:
    """What is shown meanwhile."""
    servers = {str(name): name in task.answered for name, _ in draft.hosts}
    shown = {"what": what, "servers": servers, "seconds": time.time() - task.begun}
    made = make_response(render_template("waiting.html", draft=draft, **shown))
    made.headers[ASKS] = "yes"
    return made


def come_back(app: Flask) -> None:
    """Have such a page load anew, once what it waits for is there."""

    @app.after_request
    def _(answer: Response) -> Response:
        if request.headers.get(ASKS) and ASKS not in answer.headers and answer.status_code not in STAYS:
            answer.set_data("")
            answer.headers["HX-Refresh"] = "true"
        return answer
