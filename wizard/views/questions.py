"""The questions of one draft, from the first to the last."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from wizard import language
from wizard.context import context
from wizard.drafts import Draft, Stale
from wizard.hosts import discovery, host_keys
from wizard.pages import BY_SLUG, PAGES, after, before, network_scan, preview, review
from wizard.pages.base import Page, block
from wizard.views.drafts import Answer, based_on, draft_of, look
from wizard.views.rendering import both, instance_of, objected, question

blueprint = Blueprint("questions", __name__, url_prefix="/cluster/<key>")
DETOURS = {slug: BY_SLUG[slug] for slug in ("checks", "devices")}
"""Questions for those who press a button for them."""


@blueprint.get("/<slug>")
def page(key: str, slug: str) -> Answer:
    """One question, with what was answered before. Coming back from the check, its remarks are shown."""
    draft, asked = draft_of(key), _page(slug)
    if asked.looks and not discovery.current(draft) and not review.blocking(review.of_page(draft, PAGES[0], "")):
        look(draft)
    if asked.looks and host_keys.unknown(draft) and request.args.get("look") != "no":
        return redirect(url_for("keys.show", key=key), 303)
    instance = instance_of(draft)
    if asked.looks and draft.goal == "adopt":
        return redirect(url_for("adopt.show", key=key), 303)
    form = asked.make(draft, instance)
    found = review.of_page(draft, asked, instance_of(draft)) if request.args.get("from") == "check" else []
    if asked.listens:
        context().scans.begin(draft, instance)
        _propose(draft, instance, form)
    return question(draft, asked, form, found)


@blueprint.post("/<slug>")
def answer(key: str, slug: str) -> Answer:
    """Keep what was typed; go on where the core has nothing against it."""
    draft, asked = draft_of(key), _page(slug)
    instance, action = instance_of(draft), request.form.get("action", "")
    form, switched = asked.make(draft, instance, request.form), language.switched()
    if asked.asks and action == "suggest":
        return _suggested(draft, asked, instance)
    if asked.add_row(form, action):
        return question(draft, asked, form, [])
    asked.apply(form, draft, instance)
    if switched and "both" in request.form:
        return both(draft, draft_of(key), asked, instance)
    try:
        context().drafts.save(draft, based_on())
    except Stale as stale:
        return both(draft, stale.stored, asked, instance)
    if switched:
        objection = objected(draft, asked, instance, again=True) if "objected" in request.form else None
        return objection or redirect(request.url, 303)
    if action == "back":
        return redirect(_back(draft, asked), 303)
    if asked.looks and action == "look":
        look(draft)
        return redirect(_same(key, asked), 303)
    objection = objected(draft, asked, instance)
    if objection:
        return objection
    if asked.looks:
        context().scans.begin(draft, instance)
    if action in DETOURS:
        return _go_on(draft, DETOURS[action])
    return _go_on(draft, None if request.args.get("from") == "check" else after(draft, asked))


@blueprint.post("/<slug>/preview")
def show(key: str, slug: str) -> str:
    """What the servers would get with what is typed at this moment."""
    draft, asked = draft_of(key), _page(slug)
    files = preview.preview(draft, asked, instance_of(draft), request.form)
    return render_template("preview.html", files=files)


def _go_on(draft: Draft, following: Page | None) -> Response:
    """To the next question about the same group of addresses, or to the check."""
    if following is None:
        return redirect(url_for("check.show", key=draft.key), 303)
    kept: dict[str, Any] = {"instance": request.args.get("instance")}
    if following in DETOURS.values():
        kept["from"] = request.args.get("from")
    return redirect(url_for("questions.page", key=draft.key, slug=following.slug, **kept), 303)


def _propose(draft: Draft, instance: str, form: Any) -> None:
    """A group number that nobody was heard to use, where none was chosen yet."""
    if "virtual_router_id" not in block(draft, instance):
        form.virtual_router_id.data = str(network_scan.suggested_vrid(draft, context().scans.answers(draft, instance)))


def _suggested(draft: Draft, asked: Page, instance: str) -> Answer:
    free = network_scan.free_address(context().scans, draft, instance)
    typed = request.form.get("virtual_ipaddress", "").strip()
    form = asked.make(draft, instance, MultiDict({"virtual_ipaddress": typed or free or ""}))
    return question(draft, asked, form, [], suggested=(free or "") if typed or not free else None)


def _back(draft: Draft, asked: Page) -> str:
    """Where one came from."""
    previous = before(draft, asked)
    if request.args.get("from") == "check":
        return url_for("check.show", key=draft.key)
    if previous is None:
        return url_for("start.index")
    return url_for("questions.page", key=draft.key, slug=previous.slug, instance=request.args.get("instance"))


def _same(key: str, asked: Page) -> str:
    """The address of this question, without what was said of the servers before they were looked at again."""
    kept = {name: request.args.get(name) for name in ("instance", "from")}
    return url_for("questions.page", key=key, slug=asked.slug, **kept)  # type: ignore[arg-type]


def _page(slug: str) -> Page:
    return BY_SLUG[slug] if slug in BY_SLUG else abort(404)
