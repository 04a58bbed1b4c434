"""Looking after a cluster that runs: why is it not well, and handing an address over on purpose."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from floatip import background, care, doctor, drift, looking, moves
from floatip.drill import FAULTS, draw
from wizard import drills
from wizard.drills import Drills
from wizard.views.cluster import draft_of
from wizard.views.run import directory
from wizard.views.start import inventories

blueprint = Blueprint("care", __name__, url_prefix="/cluster/<key>")


@blueprint.get("/doctor")
def diagnose(key: str) -> str:
    """Every cause that can be seen, and each server's file beside what it should be. Takes some seconds."""
    draft = draft_of(key)
    cluster = draft.parsed().cluster or abort(404)
    case = looking.examine(cluster)
    states = {name: one.state for name, one in case.seen.items()}
    return render_template(
        "doctor.html",
        draft=draft,
        findings=doctor.diagnose(case),
        files=drift.of(cluster, states),
        failures=case.failures,
    )


@blueprint.post("/move")
def move(key: str) -> Response | tuple[str, int]:
    """Hand the addresses over to a server, where that does no harm; then watch it."""
    draft = draft_of(key)
    cluster = draft.parsed().cluster
    if cluster is None or draft.name not in inventories().names():
        abort(404)
    try:
        to = care.plan_move(cluster, request.form.get("node", ""))
    except care.Unfit as unfit:
        return render_template("refused.html", draft=draft, reason=unfit.reason), 409
    run = background.start(directory(), inventories().directory / f"{draft.name}.py", move=moves.option(to))
    return redirect(url_for("run.watch", key=run), 303)


@blueprint.get("/drill")
def drill(key: str) -> str:
    """Choose a fault, watch it, see what came of it."""
    draft = draft_of(key)
    cluster = draft.parsed().cluster or abort(404)
    latest = _drills().latest(cluster.name)
    report = latest.report if latest else None
    return render_template(
        "drill.html",
        draft=draft,
        faults=FAULTS,
        names=[node.name for node in cluster.nodes],
        latest=latest,
        picture=Markup(draw.picture(report)) if report else "",
        earlier=drills.earlier(cluster.name),
    )


@blueprint.post("/drill")
def begin_drill(key: str) -> Response:
    """Cause it."""
    cluster = draft_of(key).parsed().cluster or abort(404)
    fault, node = request.form.get("fault", ""), request.form.get("node") or None
    if fault not in FAULTS or (node and node not in {one.name for one in cluster.nodes}):
        abort(400)
    _drills().start(cluster, fault, node)
    return redirect(url_for("care.drill", key=key), 303)


def _drills() -> Drills:
    found: Drills = current_app.extensions["drills"]
    return found
