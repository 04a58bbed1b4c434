"""Why a cluster is not well."""

from __future__ import annotations

from flask import Blueprint, abort, render_template

from floatip.change import differences
from floatip.operate import doctor
from floatip.operate.doctor import examining
from wizard.context import context
from wizard.hosts import deployed
from wizard.views.drafts import deployed_of

blueprint = Blueprint("diagnosis", __name__, url_prefix="/cluster/<key>")


@blueprint.get("/doctor")
def show(key: str) -> str:
    """Every cause that can be seen, and each server's file beside what it should be. Takes some seconds."""
    draft, running = deployed_of(key)
    cluster = running.cluster or draft.parsed().cluster or abort(404)  # what was never deployed is the finding
    [case] = examining.examine([cluster])
    states = {name: seen.state for name, seen in case.seen.items()}
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
