"""A deploy, watched: safe to close, to come back to, and to look at from another start of the wizard."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from floatip import background
from floatip.background import Run
from wizard import progress
from wizard.drafts import Draft
from wizard.views.start import drafts, inventories

blueprint = Blueprint("run", __name__, url_prefix="/run")


def directory() -> Path:
    """Where runs are kept."""
    found: Path = current_app.extensions["runs"]
    return found


@blueprint.post("/")
def start() -> Response:
    """Deploy an inventory; where that is under way already, watch it."""
    name = request.form.get("name", "")
    if name not in inventories().names():
        abort(404)
    key = background.start(
        directory(), inventories().directory / f"{name}.py", replace=request.form.get("replace") == "yes"
    )
    return redirect(url_for("run.watch", key=key), 303)


@blueprint.get("/<key>")
def watch(key: str) -> str:
    """The steps so far."""
    run = background.read(directory(), key) or abort(404)
    found = progress.timed(progress.steps(run.log), run.times)
    if run.reboot:
        found = progress.of_note(found)
    return render_template(
        "run.html",
        run=run,
        title=progress.title(run),
        stopped=progress.stopped(run),
        draft=next((one for one in drafts().all() if _describes(one, run)), None),
        steps=found,
        names=sorted({name for step in found for name in step.states}),
        complaints=progress.complaints(run.log, run.refused) if run.code else [],
        proof=progress.proof(run.log),
        ended=sum(end is not None for _, end in run.times),
        log=progress.plain(run.log),
    )


def _describes(draft: Draft, run: Run) -> bool:
    return run.inventory.name == f"{draft.name}.py" and draft.name in inventories().names()


@blueprint.post("/<key>/stop")
def stop(key: str) -> Response:
    """No further step after the present one."""
    if background.read(directory(), key) is None:
        abort(404)
    background.stop(directory(), key)
    return redirect(url_for("run.watch", key=key), 303)
