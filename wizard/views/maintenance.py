"""Moving, rebooting and removing a cluster that runs."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response

from floatip.model.cluster import Cluster
from floatip.operate import handover, refusals
from floatip.operate.running import Running, not_deployed
from floatip.server_side.lease.model import What
from wizard.context import context
from wizard.drafts import Draft
from wizard.hosts import background, deployed
from wizard.views.drafts import deployed_of, of_now
from wizard.views.run import begun

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
def move(key: str) -> Response | tuple[str, int]:
    """Hand the addresses over to a server, where that does no harm; then watch it."""
    draft, running = deployed_of(key)
    try:
        cluster, file = _deployed(draft, running)
        to = handover.plan_move(cluster, request.form.get("node", ""), anew=True)
    except refusals.Unfit as unfit:
        return refused(draft, unfit)
    return begun(file, What.MOVE, node=request.form["node"], to=to)


@blueprint.get("/reboot")
def reboot(key: str) -> str | tuple[str, int]:
    """What a reboot does, and of which server."""
    draft, running = deployed_of(key)
    try:
        cluster, _ = _deployed(draft, running)
    except refusals.Unfit as unfit:
        return refused(draft, unfit)
    seen = context().watchers.newest(cluster, background.SOON)
    kept = handover.kept(cluster, seen) if seen else {}
    names = [node.name for node in cluster.nodes if node.name not in kept]
    drafted = deployed.drafted(draft, context().inventories)
    return render_template("reboot.html", draft=draft, names=names, kept=kept, running=running, drafted=drafted)


@blueprint.post("/reboot")
def begin_reboot(key: str) -> Response | tuple[str, int]:
    """Take a server through it, where another one can stand in; then watch it."""
    draft, running = deployed_of(key)
    node = request.form.get("node", "")
    try:
        cluster, file = _deployed(draft, running)
        handover.plan_absence(cluster, node)
    except refusals.Unfit as unfit:
        return refused(draft, unfit)
    return begun(file, What.REBOOT, node=node)


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


def _deployed(draft: Draft, running: Running) -> tuple[Cluster, Path]:
    """What runs, with an inventory that says just that. Unfit where there is none."""
    if running.cluster is None:
        raise not_deployed()
    return running.cluster, deployed.file(running, draft, context().inventories)


def _removable(draft: Draft, running: Running) -> tuple[Cluster, Path]:
    """What is taken off the servers: what runs, or else what was saved, so that its leftovers can be."""
    with suppress(refusals.Unfit):
        return _deployed(draft, running)
    return deployed.saved(draft, context().inventories) or abort(404)


def refused(draft: Draft, unfit: refusals.Unfit) -> tuple[str, int]:
    """The page that says why it cannot be done."""
    return render_template("refused.html", draft=draft, reason=unfit.reason), 409
