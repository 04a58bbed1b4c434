"""Looking after a cluster that runs: why is it not well, does it really move; moving, rebooting and removing it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from floatip.change import differences
from floatip.model.cluster import Cluster, Instance
from floatip.operate import doctor, handover, status
from floatip.operate.doctor import examining
from floatip.operate.drill import FAULTS, diagram
from floatip.operate.drill.report import TOLERATED
from floatip.operate.running import Running, not_deployed
from floatip.server_side.lease.model import What
from wizard.context import context
from wizard.drafts import Draft
from wizard.hosts import deployed
from wizard.show import drills, pictures
from wizard.views.cluster import deployed_of
from wizard.views.run import begun

PATIENCE = 2.0  # seconds for a look at the servers, before a page is shown without one
blueprint = Blueprint("care", __name__, url_prefix="/cluster/<key>")


@blueprint.get("/doctor")
def diagnose(key: str) -> str:
    """Every cause that can be seen, and each server's file beside what it should be. Takes some seconds."""
    draft, running = deployed_of(key)
    cluster = running.cluster or draft.parsed().cluster or abort(404)  # what was never deployed is the finding
    [case] = examining.examine([cluster])
    states = {name: one.state for name, one in case.seen.items()}
    return render_template(
        "doctor.html",
        draft=draft,
        findings=doctor.diagnose(case),
        files=differences.of(cluster, states),
        failures=case.failures,
        running=running,
        drafted=deployed.drafted(draft, context().inventories),
        saved=draft.name in context().inventories.names(),
    )


@blueprint.post("/move")
def move(key: str) -> Response | tuple[str, int]:
    """Hand the addresses over to a server, where that does no harm; then watch it."""
    draft, running = deployed_of(key)
    try:
        cluster, file = _deployed(draft, running)
        to = handover.plan_move(cluster, request.form.get("node", ""), anew=True)
    except handover.Unfit as unfit:
        return _refused(draft, unfit)
    return begun(file, What.MOVE, node=request.form["node"], to=to)


@blueprint.get("/reboot")
def reboot(key: str) -> str | tuple[str, int]:
    """What a reboot does, and of which server."""
    draft, running = deployed_of(key)
    try:
        cluster, _ = _deployed(draft, running)
    except handover.Unfit as unfit:
        return _refused(draft, unfit)
    seen = context().watchers.newest(cluster, PATIENCE)
    kept = handover.kept(cluster, seen) if seen else {}
    names = [one.name for one in cluster.nodes if one.name not in kept]
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
    except handover.Unfit as unfit:
        return _refused(draft, unfit)
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
        names=[one.name for one in cluster.nodes],
        addresses=[str(one.ip) for each in cluster.instances for one in each.virtual_ipaddress],
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
    with suppress(handover.Unfit):
        return _deployed(draft, running)
    return deployed.saved(draft, context().inventories) or abort(404)


def _refused(draft: Draft, unfit: handover.Unfit) -> tuple[str, int]:
    return render_template("refused.html", draft=draft, reason=unfit.reason), 409


@blueprint.get("/drill")
def drill(key: str) -> str | tuple[str, int]:
    """Choose a fault, watch it, see what came of it; or of an earlier one (`?of=` its key)."""
    draft, running = deployed_of(key)
    cluster = running.cluster
    if cluster is None:
        return _refused(draft, not_deployed())
    latest, of = context().drills.latest(cluster.name), request.args.get("of")
    report = latest.report if latest else None
    if of is not None and not (latest and latest.under_way):
        latest, report = None, drills.kept(cluster.name, of)
        if report is None:
            abort(404)
    instance = _instance(cluster, request.args.get("instance"))
    return render_template(
        "drill.html",
        draft=draft,
        faults=FAULTS,
        choices=drills.choices(cluster, instance),
        instance=instance,
        instances=cluster.instances,
        address=str(instance.virtual_ipaddress[0].ip),
        observer=dict(cluster.client).get("ssh_hostname", ""),
        latest=latest,
        running=running,
        drafted=deployed.drafted(draft, context().inventories),
        rows=_now(cluster) if latest and latest.under_way else [],
        stages=drills.STAGES,
        strip=pictures.pings,
        longest=diagram.longest,
        report=report,
        tolerated=TOLERATED,
        picture=pictures.timeline,
        earlier=drills.earlier(cluster.name),
        when=drills.when,
    )


@blueprint.post("/drill")
def begin_drill(key: str) -> Response | tuple[str, int]:
    """Cause it."""
    draft, running = deployed_of(key)
    cluster = running.cluster
    if cluster is None:
        return _refused(draft, not_deployed())
    fault, node = request.form.get("fault", ""), request.form.get("node") or None
    if fault not in FAULTS or (node and node not in {one.name for one in cluster.nodes}):
        abort(400)
    instance = _instance(cluster, request.form.get("instance"))
    context().drills.start(cluster, fault, instance.name, node)
    return redirect(url_for("care.drill", key=key), 303)


def _instance(cluster: Cluster, name: str | None) -> Instance:
    """The group of addresses that is asked for; the first where none is."""
    return next((one for one in cluster.instances if name in (None, one.name)), None) or abort(404)


def _now(cluster: Cluster) -> list[status.Row]:
    """Who has each address at this moment, as far as that is known already."""
    seen = context().watchers.newest(cluster, 0)
    return status.read(cluster, seen.found) if seen else []
