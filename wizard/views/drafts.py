"""The draft that an address names, and how what a form says gets into it."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

from flask import abort, make_response, render_template, request
from werkzeug.wrappers import Response

from floatip.hosts.monitor import Snapshot
from floatip.model.cluster import Cluster
from floatip.operate import status
from floatip.operate.running import Running
from wizard import language
from wizard.context import context
from wizard.drafts import Draft, Stale
from wizard.hosts import deployed
from wizard.views import waiting

Answer = str | Response | tuple[str, int]


def draft_of(key: str) -> Draft:
    """The draft of this address; not found where there is none. One that was deleted meanwhile can be had back."""
    try:
        return context().drafts.get(key)
    except KeyError:
        return _restored(key) if context().drafts.deleted(key) else abort(404)


def _restored(key: str) -> Draft:
    """What is typed into a draft that is not there any more goes into it once somebody wants it back."""
    answered = request.endpoint == "questions.answer"
    if not answered or language.switched() or request.form.get("restore") != "yes":
        own = ("csrf_token", "language", "restore")
        again = [(name, value) for name, value in request.form.items(multi=True) if answered and name not in own]
        abort(make_response(render_template("gone.html", key=key, again=again), 410))
    with suppress(KeyError):  # it is back already
        context().drafts.restore(key)
    return context().drafts.get(key)


def deployed_of(key: str) -> tuple[Draft, Running]:
    """A draft, and what its servers run, whatever was typed or saved since. A page does not wait for them: another one
    is shown until that is known."""
    draft = draft_of(key)
    if request.method != "GET":
        return draft, context().deployed.of(draft)
    task = context().deployed.soon(draft)
    if not task.done:
        abort(waiting.page(draft, task))
    return draft, task.result.result()


def of_now(draft: Draft, running: Running, seen: Snapshot | None) -> dict[str, Any]:
    """What the pages about a cluster at this moment all show. `old`: seconds since the servers were looked at; `waits`:
    who has answered, where that goes on for the first time."""
    inventories = context().inventories
    return {
        "draft": draft,
        "running": running,
        "drafted": deployed.drafted(draft, inventories),
        "known": bool(running.record) or draft.name in inventories.names(),
        "at": time.strftime("%H:%M:%S", time.localtime(seen.at)) if seen else "",
        "waits": {} if seen or not running.cluster else _waits(running.cluster),
        "old": max(0.0, time.time() - seen.at) if seen else None,
    }


def _waits(cluster: Cluster) -> dict[str, Any]:
    """Who has answered, and how those are; a verdict has to wait for all."""
    early = context().watchers.early(cluster)
    rows = [(row.address, node) for row in status.read(cluster, early.found) for node in row.nodes]
    states = {name: [(address, node) for address, node in rows if node.name == name] for name in early.found}
    servers = {node.name: node.name in states for node in cluster.nodes}
    known = {"states": states, "failures": early.failures}
    return {"what": waiting.LOOKING, "servers": servers, "seconds": None, "early": known}


def keep(draft: Draft) -> None:
    """Store it, where nobody was faster."""
    with suppress(Stale):  # somebody else has just looked, or answered: their version is as good
        context().drafts.save(draft, draft.version)


def based_on() -> int:
    """The version of the draft that the form was made from."""
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else abort(400)
