"""A finished cluster gets a name and becomes an inventory."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, redirect, render_template, request, url_for

from floatip.change import ownership
from floatip.model.messages import say
from floatip.model.parse import Parsed
from floatip.model.problems import Problem
from wizard import language
from wizard.context import context
from wizard.drafts import Draft, Stale, own
from wizard.hosts import discovery, practice
from wizard.show import outlook
from wizard.views.drafts import Answer, based_on, draft_of, keep

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
    return _question(draft, draft.aside.get("name", offered))


@blueprint.post("/save")
def save(key: str) -> Answer:
    """Write the inventory. One that is there already and says something else is replaced only when asked for."""
    draft, typed = draft_of(key), request.form.get("name", "").strip()
    if request.form.get("action") == "back":
        draft.aside["name"] = typed
        keep(draft)
        return redirect(url_for("check.show", key=key), 303)
    draft.name = typed
    parsed, switched, replace = draft.parsed(), language.switched(), request.form.get("replace") == "yes"
    wrong = _wrong(draft, parsed)
    differs = bool(not wrong and parsed.cluster and context().inventories.differs(parsed.cluster))
    if switched and "objected" not in request.form:
        return _question(draft, typed)
    if wrong:
        return _question(draft, typed, problems=wrong), 422
    if parsed.cluster is None:
        return redirect(url_for("check.show", key=key), 303)
    if differs and (switched or not replace):
        return _question(draft, typed, differs=True, replace=replace), 409
    if switched:
        return _question(draft, typed)
    draft.aside.pop("name", None)
    draft.base = own.digest(parsed.cluster)
    try:
        context().drafts.save(draft, based_on())
    except Stale:
        return redirect(url_for("check.show", key=key), 303)
    context().inventories.save(parsed.cluster)
    return redirect(url_for("save.saved", key=key), 303)


def _wrong(draft: Draft, parsed: Parsed) -> list[Problem]:
    """Why it cannot be called so."""
    wrong = [problem for problem in parsed.problems if problem.path == "name"]
    return wrong or ([OF_THE_LAB] if practice.described_by(context().inventories.path(draft.name)) else [])


def _question(
    draft: Draft, name: str, *, problems: Sequence[Problem] = (), differs: bool = False, replace: bool = False
) -> str:
    shown = {"name": name, "problems": problems, "differs": differs, "replace": replace}
    return render_template("save.html", draft=draft, **shown)


@blueprint.get("/saved")
def saved(key: str) -> Answer:
    """What was written, and what can be done with it."""
    draft = draft_of(key)
    if draft.name not in context().inventories.names():
        return redirect(url_for("check.show", key=key), 303)
    cluster, states = draft.parsed().cluster, discovery.states(draft)
    return render_template(
        "saved.html",
        draft=draft,
        file=f"{draft.name}.py",
        directory=context().inventories.directory,
        command=context().inventories.command(draft.name),
        text=context().inventories.text(draft.name),
        foreign=outlook.foreign(states),
        others=ownership.others(cluster, states) if cluster else {},
    )
