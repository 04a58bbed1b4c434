"""Why a cluster is not well."""

from __future__ import annotations

import time

from flask import Blueprint, abort, redirect, render_template, url_for

from floatip.change import differences
from floatip.model.cluster import Cluster
from floatip.operate import doctor
from floatip.operate.doctor import examining
from floatip.operate.running import Running
from wizard.context import context
from wizard.drafts import Draft, own
from wizard.hosts import deployed
from wizard.views import waiting
from wizard.views.drafts import Answer, deployed_of

FRESH = 15.0  # seconds for which an examination is not repeated unasked
blueprint = Blueprint("diagnosis", __name__, url_prefix="/cluster/<key>")


@blueprint.get("/doctor")
def show(key: str) -> Answer:
    """Every cause that can be seen, and each server's file beside what it should be. Takes some seconds."""
    draft, running = deployed_of(key)
    cluster = _examined(draft, running)
    wanted = _examination(key, cluster)
    task = context().background.task(wanted, lambda: examining.examine([cluster]), time.time() - FRESH)
    if not task.done:
        return waiting.page(draft, task, waiting.LISTENING)
    [case] = task.result.result()
    states = {name: seen.state for name, seen in case.seen.items()}
    return render_template(
        "doctor.html",
        draft=draft,
        findings=doctor.diagnose(case),
        files=differences.of(cluster, states),
        failures=case.failures,
        when=time.strftime("%H:%M:%S", time.localtime(task.at)),
        running=running,
        drafted=deployed.drafted(draft, context().inventories),
        saved=draft.name in context().inventories.names(),
    )


@blueprint.post("/doctor")
def again(key: str) -> Answer:
    """An earlier examination is not enough."""
    context().background.forget(_examination(key, _examined(*deployed_of(key))))
    return redirect(url_for("diagnosis.show", key=key), 303)


def _examined(draft: Draft, running: Running) -> Cluster:
    """What was never deployed is the finding."""
    return running.cluster or draft.parsed().cluster or abort(404)


def _examination(key: str, cluster: Cluster) -> object:
    return "doctor", key, own.digest(cluster)
