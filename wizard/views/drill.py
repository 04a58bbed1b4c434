"""Failover tests: whether the address really moves."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from floatip.model.cluster import Cluster, Instance
from floatip.operate import status
from floatip.operate.drill import FAULTS, diagram
from floatip.operate.drill.report import TOLERATED
from floatip.operate.running import not_deployed
from wizard import language
from wizard.context import context
from wizard.hosts import deployed
from wizard.show import comparison, drills, pictures
from wizard.views.drafts import deployed_of
from wizard.views.maintenance import refused

blueprint = Blueprint("drill", __name__, url_prefix="/cluster/<key>")


@blueprint.get("/drill")
def show(key: str) -> str | tuple[str, int]:
    """Choose a fault, watch it, see what came of it; or of an earlier one (`?of=` its key)."""
    draft, running = deployed_of(key)
    cluster = running.cluster
    if cluster is None:
        return refused(draft, not_deployed())
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
        earlier=comparison.columns(drills.earlier(cluster.name)),
        when=drills.when,
        tested=drills.when(latest.key if latest else of or ""),
    )


@blueprint.post("/drill")
def begin(key: str) -> Response | tuple[str, int]:
    """Cause it."""
    draft, running = deployed_of(key)
    cluster = running.cluster
    if cluster is None:
        return refused(draft, not_deployed())
    fault, node = request.form.get("fault", ""), request.form.get("node") or None
    if fault not in FAULTS or (node and node not in {node.name for node in cluster.nodes}):
        abort(400)
    instance = _instance(cluster, request.form.get("instance"))
    context().drills.start(cluster, fault, instance.name, node, language.current())
    return redirect(url_for("drill.show", key=key), 303)


def _instance(cluster: Cluster, name: str | None) -> Instance:
    """The group of addresses that is asked for; the first where none is."""
    return next((instance for instance in cluster.instances if name in (None, instance.name)), None) or abort(404)


def _now(cluster: Cluster) -> list[status.Row]:
    """Who has each address at this moment, as far as that is known already."""
    seen = context().watchers.newest(cluster, 0)
    return status.read(cluster, seen.found) if seen else []
