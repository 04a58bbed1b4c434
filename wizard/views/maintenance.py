"""Moving, rebooting and removing a cluster that runs."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from floatip.model.cluster import Cluster
from floatip.operate import handover, refusals
from floatip.operate.running import Running, not_deployed
from floatip.runs import jobs
from floatip.server_side.lease.model import What
from wizard import language
from wizard.context import context
from wizard.drafts import Draft
from wizard.drafts.inventories import Inventories
from wizard.hosts import background, deployed
from wizard.hosts.background import Task
from wizard.views import waiting
from wizard.views.drafts import Answer, deployed_of, draft_of, of_now
from wizard.views.run import begun, started

LONGEST = 63  # characters of a server's name
GOOD_FOR = 60.0  # seconds for which it is said again why nothing was done: afterwards the servers may be different
blueprint = Blueprint("maintenance", __name__, url_prefix="/cluster/<key>")


@blueprint.get("/maintain")
def show(key: str) -> str:
    """What can be done with a cluster that runs, at this moment."""
    draft, running = deployed_of(key)
    cluster = running.cluster
    seen = context().watchers.newest(cluster, background.SOON) if cluster else None
    return render_template(
        "maintain.html",
        **of_now(draft, running, seen),
        cluster=cluster,
        seen=seen,
        moves=handover.moves_to(cluster, seen) if cluster else {},
        spared=bool(cluster and seen and len(handover.kept(cluster, seen)) < len(cluster.nodes)),
    )


@blueprint.post("/move")
def move(key: str) -> Answer:
    """Hand the addresses over to a server, where that does no harm; then watch it."""
    return _begin(draft_of(key), What.MOVE, request.form.get("node", "")[:LONGEST])


@blueprint.get("/reboot")
def reboot(key: str) -> str | tuple[str, int]:
    """What a reboot does, and of which server."""
    draft, running = deployed_of(key)
    try:
        cluster, _ = _deployed(draft, running, context().inventories)
    except refusals.Unfit as unfit:
        return refused(draft, unfit)
    seen = context().watchers.newest(cluster, background.SOON)
    kept = handover.kept(cluster, seen) if seen else {}
    names = [node.name for node in cluster.nodes if node.name not in kept]
    drafted = deployed.drafted(draft, context().inventories)
    return render_template("reboot.html", draft=draft, names=names, kept=kept, running=running, drafted=drafted)


@blueprint.post("/reboot")
def begin_reboot(key: str) -> Answer:
    """Take a server through it, where another one can stand in; then watch it."""
    return _begin(draft_of(key), What.REBOOT, request.form.get("node", "")[:LONGEST])


@blueprint.get("/begun/<any(move, reboot):what>")
def result(key: str, what: str) -> Answer:
    """What came of a move or a reboot, once the servers were checked for it. This begins nothing."""
    draft, wanted = draft_of(key), (key, What(what), request.args.get("node", ""))
    task = context().background.known(wanted)
    if task is None or (task.at and task.at < time.time() - GOOD_FOR):
        return redirect(url_for("maintenance.show", key=key), 303)
    return _result(draft, task) if task.done else waiting.page(draft, task)


def _begin(draft: Draft, what: What, node: str) -> Answer:
    """Check the servers beside the page, and start what they are fit for."""
    here, spoken = context(), language.current()

    def work() -> str:
        cluster, file = _deployed(draft, here.deployed.of(draft), here.inventories)
        to = handover.plan_move(cluster, node, anew=True) if what is What.MOVE else None
        if what is What.REBOOT:
            handover.plan_absence(cluster, node)
        return jobs.start(here.runs, file, what, node=node, to=to, language=spoken)

    task = here.background.task((draft.key, what, node), work, time.time())
    if task.done:
        return _result(draft, task)
    return redirect(url_for("maintenance.result", key=draft.key, what=what.value, node=node), 303)


def _result(draft: Draft, task: Task[str]) -> Answer:
    try:
        return started(draft.name, task.result.result)
    except refusals.Unfit as unfit:
        return refused(draft, unfit)


@blueprint.get("/remove")
def remove(key: str) -> str:
    """What a removal does, and what stays."""
    draft, running = deployed_of(key)
    return _removal(draft, *_removable(draft, running))


@blueprint.post("/remove")
def begin_remove(key: str) -> Response | tuple[str, int]:
    """Take the cluster off its servers, where that was confirmed; then watch it."""
    draft, running = deployed_of(key)
    cluster, file = _removable(draft, running)
    if request.form.get("sure") != "yes":
        return _removal(draft, cluster, file, unsure=True), 422
    return begun(file, What.REMOVE)


def _removal(draft: Draft, cluster: Cluster, file: Path, *, unsure: bool = False) -> str:
    return render_template(
        "remove.html",
        draft=draft,
        file=file.name,
        names=[node.name for node in cluster.nodes],
        addresses=[str(address.ip) for each in cluster.instances for address in each.addresses],
        log_file=cluster.log_file,
        unsure=unsure,
    )


def _deployed(draft: Draft, running: Running, inventories: Inventories) -> tuple[Cluster, Path]:
    """What runs, with an inventory that says just that. Unfit where there is none."""
    if running.cluster is None:
        raise not_deployed()
    return running.cluster, deployed.file(running, draft, inventories)


def _removable(draft: Draft, running: Running) -> tuple[Cluster, Path]:
    """What is taken off the servers: what runs, or else what was saved, so that its leftovers can be."""
    with suppress(refusals.Unfit):
        return _deployed(draft, running, context().inventories)
    return deployed.saved(draft, context().inventories) or abort(404)


def refused(draft: Draft, unfit: refusals.Unfit) -> tuple[str, int]:
    """The page that says why it cannot be done."""
    return render_template("refused.html", draft=draft, reason=unfit.reason), 409
