"""Who holds what at this moment."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, render_template, request
from markupsafe import Markup

from floatip.model.cluster import Cluster
from floatip.operate import fleet, status
from floatip.operate.status import Row
from wizard.context import context
from wizard.hosts import background
from wizard.show import history, pictures
from wizard.views.drafts import deployed_of, of_now

blueprint = Blueprint("status", __name__, url_prefix="/cluster/<key>")
RECENT = 3  # things that were done lately


@blueprint.get("/status")
def show(key: str) -> str:
    """Who holds what at this moment; kept nowhere."""
    draft, running = deployed_of(key)
    cluster = running.cluster
    seen = context().watchers.newest(cluster, background.SOON) if cluster else None
    rows = status.read(cluster, seen.found if seen else {}) if cluster else []
    return render_template(
        "status.html",
        **of_now(draft, running, seen),
        rows=rows,
        failures=seen.failures if seen else {},
        at_work=[*status.full(seen.found), *status.at_work(seen.found)] if seen else [],
        elsewhere=fleet.elsewhere(running, seen),
        age=status.age,
        pictures=_pictures(cluster, rows if seen else []) if cluster else [],
        entries=history.of(draft, context(), RECENT),
        follow=request.args.get("follow") == "yes",
    )


def _pictures(cluster: Cluster, rows: Sequence[Row]) -> list[Markup]:
    """Each group of addresses, as it is."""
    first = {row.instance: row for row in reversed(rows)}
    return [pictures.topology(cluster, instance, first.get(instance.name), live=True) for instance in cluster.instances]
