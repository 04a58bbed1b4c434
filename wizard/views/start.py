"""The first page, and the ways into a draft."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from floatip.model import inventory
from floatip.model.problems import Problem
from floatip.operate import status
from floatip.operate.drill import FAULTS
from floatip.runs import jobs
from wizard import guard, language
from wizard.context import context
from wizard.drafts import own
from wizard.hosts import practice
from wizard.pages import PAGES
from wizard.show import card_filter, cards, deletions, history

blueprint = Blueprint("start", __name__)
CHOSEN = ("replace", "sure", "fault", "node")
"""What pages ask that keep nothing."""
OURS = re.compile(r"/(?!/)[\w/.-]*(\?[\w=&.%+-]*)?", re.ASCII)


@blueprint.get("/start/<token>")
def enter(token: str) -> str | tuple[str, int]:
    """The one-time link."""
    return guard.enter(token)


@blueprint.get("/alive")
def alive() -> dict[str, str]:
    """Whether the wizard is there, which start of it, and what its forms have to bring along."""
    return {"start": current_app.config["START"], "token": generate_csrf()}


@blueprint.get("/")
def index() -> str:
    """How each cluster is, and what can be begun."""
    here = context()
    found, fresh = cards.cards(here)
    recent = history.entries(jobs.newest(here.runs), here.drafts.all(), here.inventories.names(), here.drills)
    wanted = card_filter.asked(request.args)
    draft, gone = request.args.get("deleted", ""), request.args.get("gone", "")
    return render_template(
        "index.html",
        every=found,
        found=wanted.found(found),
        cards=wanted.shown(found),
        fresh=wanted.drafts(fresh),
        wanted=wanted,
        many=len(found) > card_filter.MANY,
        deletions=deletions.deletions(here),
        directory=here.inventories.directory,
        lab=practice.hosts(),
        history=recent,
        faults=FAULTS,
        age=status.age,
        when=cards.when,
        by=cards.by,
        deleted=draft if here.drafts.deleted(draft) else "",
        gone=gone if here.deleted.name(gone) else "",
        gone_name=here.deleted.name(gone),
    )


def unusable(name: str, problems: Sequence[Problem]) -> tuple[str, int]:
    """Why an inventory cannot be deployed, beside its text."""
    return render_template("unusable.html", name=name, problems=problems, text=context().inventories.shown(name)), 422


@blueprint.post("/new")
def new() -> Response:
    """An empty draft."""
    draft = context().drafts.new(goal="adopt" if request.form.get("goal") == "adopt" else "")
    return redirect(url_for("questions.page", key=draft.key, slug=PAGES[0].slug), 303)


@blueprint.post("/practise")
def practise() -> Response:
    """A draft that knows how to reach the hosts of the lab, and nothing else of them."""
    found = practice.hosts()
    if found is None:
        abort(404)
    draft = context().drafts.new(name=practice.NAME, hosts=found, data=practice.settings())
    return redirect(url_for("questions.page", key=draft.key, slug=PAGES[0].slug), 303)


@blueprint.post("/edit")
def edit() -> Response | tuple[str, int]:
    """The draft of an inventory; one that floatip cannot understand is shown with the line that it stumbles over."""
    return _opened(request.form.get("name", ""), "check.show")


@blueprint.get("/of/<name>")
def cluster(name: str) -> Response | tuple[str, int]:
    """The page of a cluster, by the name of its inventory."""
    return _opened(name, "status.show")


def _opened(name: str, page: str) -> Response | tuple[str, int]:
    """One of the pages of an inventory. Its draft is made where there is none; one that nobody has changed follows the
    file."""
    here = context()
    if name not in here.inventories.names():
        abort(404)
    draft = own.of(name, here.drafts, here.inventories, here.own)
    if draft is None:
        found = inventory.raw(here.inventories.text(name), f"{name}.py")
        if isinstance(found, Problem):
            shown = {"name": name, "problem": found, "text": here.inventories.text(name)}
            return render_template("unreadable.html", **shown), 422
        hosts, data = here.inventories.whole(name, *found)
        base = own.digest(own.saved(here.inventories.files().get(name)))
        draft = here.drafts.new(name=name, hosts=hosts, data=data, base=base)
    return redirect(url_for(page, key=draft.key), 303)


@blueprint.post("/language")
def speak() -> Response:
    """Another language, and back to the page where it was asked for: one of ours, whatever the form says. What was
    chosen there goes along."""
    language.switched()
    back = request.form.get("back", "")
    if not OURS.fullmatch(back):
        return redirect(url_for("start.index"), 303)
    path, _, query = back.partition("?")
    chosen = {name: request.form[name] for name in CHOSEN if name in request.form}
    kept = urlencode({**dict(parse_qsl(query)), **chosen})
    return redirect(f"{path}?{kept}" if kept else path, 303)


@blueprint.get("/delete/<key>")
def ask(key: str) -> str:
    """Whether a draft may go, and what stays."""
    try:
        draft = context().drafts.get(key)
    except KeyError:
        abort(404)
    return render_template("delete.html", draft=draft, saved=draft.name in context().inventories.names())


@blueprint.post("/delete/<key>")
def delete(key: str) -> Response:
    """Forget a draft, until somebody wants it back; the inventory that came of it stays."""
    try:
        context().drafts.delete(key)
    except KeyError:
        abort(404)
    return redirect(url_for("start.index", deleted=key), 303)


@blueprint.post("/restore/<key>")
def restore(key: str) -> Response:
    """Have a deleted draft back."""
    try:
        context().drafts.restore(key)
    except KeyError:
        abort(404)
    return redirect(url_for("start.index"), 303)
