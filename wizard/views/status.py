"""Who holds what at this moment."""

from __future__ import annotations

import time

from flask import Blueprint, render_template, request
from markupsafe import Markup

from floatip.hosts.monitor import Snapshot
from floatip.model.cluster import Cluster
from floatip.operate import fleet, status
from wizard.context import context
from wizard.hosts import deployed
from wizard.show import history, pictures
from wizard.views.drafts import deployed_of

blueprint = Blueprint("status", __name__, url_prefix="/cluster/<key>")
RECENT = 3  # things that were done lately
STATUS_PATIENCE = 4.0  # seconds for the first answer: what is shown shall be true within five


@blueprint.get("/status")
def show(key: str) -> str:
    """Who holds what at this moment; kept nowhere."""
    draft, running = deployed_of(key)
    cluster = running.cluster
    seen = context().watchers.newest(cluster, STATUS_PATIENCE) if cluster else None
    return render_template(
        "status.html",
        draft=draft,
        rows=status.read(cluster, seen.found if seen else {}) if cluster else [],
        failures=seen.failures if seen else {},
        at_work=[*status.full(seen.found), *status.at_work(seen.found)] if seen else [],
        elsewhere=fleet.elsewhere(running, seen),
        at=time.strftime("%H:%M:%S", time.localtime(seen.at)) if seen else "",
        old=max(0.0, time.time() - seen.at) if seen else None,
        age=status.age,
        running=running,
        drafted=deployed.drafted(draft, context().inventories),
        known=bool(running.record) or draft.name in context().inventories.names(),
        pictures=_pictures(cluster, seen) if cluster else [],
        entries=history.of(draft, context(), RECENT),
        follow=request.args.get("follow") == "yes",
    )


def _pictures(cluster: Cluster, seen: Snapshot | None) -> list[Markup]:
    """Each group of addresses, as it is."""
    rows = {row.instance: row for row in reversed(status.read(cluster, seen.found if seen else {}))}
    return [pictures.topology(cluster, one, rows.get(one.name)) for one in cluster.instances]
