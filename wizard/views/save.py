"""A finished cluster gets a name and becomes an inventory, or a zip to take along."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for

from floatip import pyinfra_run
from floatip.problems import Problem
from floatip.words import say
from wizard import bundle, discovery, language, outlook, practice
from wizard.context import context
from wizard.drafts import Stale
from wizard.views.cluster import Answer, based_on, draft_of

blueprint = Blueprint("save", __name__, url_prefix="/cluster/<key>")

OF_THE_LAB = Problem(
    "name",
    "practice-inventory",
    say("This inventory describes the practice servers, and stays unchanged."),
    say("Choose another name."),
)


@blueprint.get("/save")
def name(key: str) -> str:
    """What the inventory shall be called."""
    draft = draft_of(key)
    offered = practice.NAME if practice.described_by(context().inventories.path(draft.name)) else draft.name
    return render_template("save.html", draft=draft, name=offered, problems=[], differs=False)


@blueprint.post("/save")
def save(key: str) -> Answer:
    """Write the inventory. One that is there already and says something else is replaced only when asked for."""
    draft = draft_of(key)
    draft.name = request.form.get("name", "").strip()
    if language.switched():
        return render_template("save.html", draft=draft, name=draft.name, problems=[], differs=False)
    parsed = draft.parsed()
    wrong = [one for one in parsed.problems if one.path == "name"]
    if not wrong and practice.described_by(context().inventories.path(draft.name)):
        wrong = [OF_THE_LAB]
    if wrong:
        return render_template("save.html", draft=draft, name=draft.name, problems=wrong, differs=False), 422
    if parsed.cluster is None:
        return redirect(url_for("cluster.check", key=key), 303)
    if context().inventories.differs(parsed.cluster) and request.form.get("replace") != "yes":
        return render_template("save.html", draft=draft, name=draft.name, problems=[], differs=True), 409
    try:
        context().drafts.save(draft, based_on())
    except Stale:
        return redirect(url_for("cluster.check", key=key), 303)
    context().inventories.save(parsed.cluster)
    return redirect(url_for("save.saved", key=key), 303)


@blueprint.get("/saved")
def saved(key: str) -> Answer:
    """What was written, and what can be done with it."""
    draft = draft_of(key)
    if draft.name not in context().inventories.names():
        return redirect(url_for("cluster.check", key=key), 303)
    return render_template(
        "saved.html",
        draft=draft,
        file=f"{draft.name}.py",
        command=" ".join(["pyinfra", f"inventories/{draft.name}.py", pyinfra_run.DEPLOY]),
        text=context().inventories.text(draft.name),
        foreign=outlook.foreign(discovery.states(draft)),
    )


@blueprint.get("/zip")
def download(key: str) -> Answer:
    """The inventory, every file that the servers would get, and the commands."""
    draft = draft_of(key)
    cluster = draft.parsed().cluster
    if cluster is None:
        return redirect(url_for("cluster.check", key=key), 303)
    head = {"Content-Disposition": f"attachment; filename=floatip-{cluster.name}.zip"}
    return Response(bundle.made(cluster), mimetype="application/zip", headers=head)
