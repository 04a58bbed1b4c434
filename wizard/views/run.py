"""A run, watched: safe to close, to come back to, and to look at from another start of the wizard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from floatip.model.inventory.data import group_data, hosts_data
from floatip.operate.running import difference
from floatip.runs import jobs
from floatip.runs.jobs import Run
from floatip.server_side.lease.model import What
from wizard import language
from wizard.context import context
from wizard.drafts import Draft, own
from wizard.show import drills, outcome, progress, run_titles
from wizard.views.start import unusable

blueprint = Blueprint("run", __name__, url_prefix="/run")


@blueprint.post("/")
def start() -> Response | tuple[str, int]:
    """Deploy an inventory; where that is under way already, watch it."""
    name = request.form.get("name", "")
    if name not in context().inventories.names():
        abort(404)
    file = context().inventories.directory / f"{name}.py"
    return begun(file, What.DEPLOY, replace=request.form.get("replace") == "yes")


def begun(file: Path, what: What, *, node: str = "", **more: Any) -> Response | tuple[str, int]:
    """To the page of a run that has begun; or why it cannot begin."""
    runs, spoken = context().runs, language.current()
    return started(file.stem, lambda: jobs.start(runs, file, what, node=node, language=spoken, **more))


def started(name: str, start: Callable[[], str]) -> Response | tuple[str, int]:
    """To the page of the run that was started, whose key `start` tells; or why it was not. `name`: of its inventory."""
    try:
        key = start()
    except jobs.Unusable as failed:
        return unusable(name, failed.problems)
    except jobs.Busy as busy:
        return render_template("busy.html", run=busy.run, title=run_titles.title(busy.run)), 409
    return redirect(url_for("run.watch", key=key), 303)


@blueprint.get("/<key>")
def watch(key: str) -> str:
    """The steps so far, and what came of them."""
    run = jobs.read(context().runs, key) or abort(404)
    found = progress.steps(run.events)
    return render_template(
        "run.html",
        run=run,
        title=run_titles.title(run),
        began=drills.when(run.key),
        state=run_titles.state(run),
        draft=next((draft for draft in context().drafts.all() if _describes(draft, run)), None),
        notable=progress.of_note(found),
        idle=[step for step in found if step.idle],
        elapsed=progress.elapsed(found, going=run.code is None),
        labels=progress.WORDS,
        names=sorted({name for step in found for name in step.states}),
        outcome=outcome,
        ended=sum(step.end is not None for step in found),
        total=0 if run.what is What.REBOOT else progress.total(run.events),  # it has two deploys, or none
        log=progress.plain(run.log).removesuffix("\n").split("\n") if run.log else [],
        earlier=_earlier(run),
    )


@blueprint.post("/<key>/again")
def again(key: str) -> Response:
    """The inventory of a deploy as a draft: what is there is lost by nothing, and it goes the way of every change."""
    run = jobs.read(context().runs, key) or abort(404)
    was = jobs.was(context().runs, run) if run.what is What.DEPLOY else None
    if was is None or was.name not in context().inventories.names():
        abort(404)
    hosts = [[name, dict(data)] for name, data in hosts_data(was)]
    draft = context().drafts.new(name=was.name, hosts=hosts, data=group_data(was))
    return redirect(url_for("check.show", key=draft.key), 303)


def _earlier(run: Run) -> tuple[str, ...]:
    """The difference from the inventory of a deploy to the one that is saved now; nothing where that cannot be told."""
    now = own.saved(context().inventories.files().get(run.inventory.stem))
    was = jobs.was(context().runs, run) if run.what is What.DEPLOY and run.code is not None and now else None
    return difference(was, now) if was else ()


def _describes(draft: Draft, run: Run) -> bool:
    return run.inventory.name == f"{draft.name}.py" and draft.name in context().inventories.names()


@blueprint.post("/<key>/stop")
def stop(key: str) -> Response:
    """No further step after the present one."""
    if jobs.read(context().runs, key) is None:
        abort(404)
    jobs.stop(context().runs, key)
    return redirect(url_for("run.watch", key=key), 303)
