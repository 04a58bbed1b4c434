"""A saved cluster as a whole: another name for it, its deletion, and the way back."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for

from floatip.operate.renaming import Refused
from floatip.runs import deployed, jobs
from wizard import language, renaming
from wizard.context import context
from wizard.drafts import Draft
from wizard.hosts import practice
from wizard.show import run_titles
from wizard.views.drafts import Answer, draft_of

blueprint = Blueprint("cluster", __name__)


@blueprint.get("/cluster/<key>/rename")
def rename(key: str) -> str:
    """What it shall be called."""
    draft = _saved(key)
    return render_template("rename.html", draft=draft, name=request.args.get("name", draft.name), problem=None)


@blueprint.post("/cluster/<key>/rename")
def begin_rename(key: str) -> Answer:
    """Its file, its drafts, its history and its reports get the name; no server is touched."""
    draft, typed = _saved(key), request.form.get("name", "").strip()
    if language.switched():
        return redirect(url_for("cluster.rename", key=key, name=typed), 303)
    try:
        renaming.rename(context(), draft.name, typed)
    except Refused as refused:
        return render_template("rename.html", draft=draft, name=typed, problem=refused.problem), 422
    return redirect(url_for("maintenance.show", key=key), 303)


@blueprint.get("/cluster/<key>/delete")
def delete(key: str) -> str:
    """What is deleted, and what stays."""
    return _deletion(_saved(key))


@blueprint.post("/cluster/<key>/delete")
def begin_delete(key: str) -> Answer:
    """Delete the file and its drafts, until somebody wants them back."""
    draft, here = _saved(key), context()
    if practice.described_by(here.inventories.path(draft.name)):
        abort(409)
    try:
        gone = here.deleted.delete(draft.name, here.runs)
    except jobs.Busy as busy:
        return render_template("busy.html", run=busy.run, title=run_titles.title(busy.run)), 409
    return redirect(url_for("start.index", gone=gone), 303)


@blueprint.post("/undelete/<key>")
def undelete(key: str) -> Answer:
    """Have a deleted cluster back."""
    try:
        context().deleted.restore(key)
    except KeyError:
        abort(404)
    except FileExistsError:
        abort(409)
    return redirect(url_for("start.index"), 303)


def _saved(key: str) -> Draft:
    """The draft of a saved cluster."""
    draft = draft_of(key)
    return draft if draft.name in context().inventories.names() else abort(404)


def _deletion(draft: Draft) -> str:
    record = deployed.of(draft.name, draft.hosts)
    return render_template("delete_cluster.html", draft=draft, file=f"{draft.name}.py", deployed=record is not None)
