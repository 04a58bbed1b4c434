"""The questions of one draft, from the first to the last."""

from __future__ import annotations

import re
import time
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from floatip.model.instance import FLOATING
from wizard import language
from wizard.context import context
from wizard.drafts import Draft, Stale
from wizard.hosts import background, discovery, host_keys
from wizard.hosts.background import Task
from wizard.pages import BY_SLUG, PAGES, after, before, network_scan, preview, review
from wizard.pages.base import Page, block, floating
from wizard.views import waiting
from wizard.views.drafts import Answer, based_on, draft_of, keep
from wizard.views.rendering import both, instance_of, objected, previewed, question

GOOD_FOR = 60.0  # seconds for which an answer waits for its page
blueprint = Blueprint("questions", __name__, url_prefix="/cluster/<key>")
DETOURS = {slug: BY_SLUG[slug] for slug in ("checks", "devices")}
"""Questions for those who press a button for them."""


@blueprint.get("/<slug>")
def page(key: str, slug: str) -> Answer:
    """One question, with what was answered before. Coming back from the check, its remarks are shown."""
    draft, asked = draft_of(key), _page(slug)
    if asked.looks and not discovery.current(draft) and not review.blocking(review.of_page(draft, PAGES[0], "")):
        task = _look(draft)
        if task:
            return waiting.page(draft, task)
    if asked.looks and host_keys.unknown(draft) and request.args.get("look") != "no":
        return redirect(url_for("keys.show", key=key), 303)
    instance = instance_of(draft)
    if asked.looks and draft.goal == "adopt":
        return redirect(url_for("adopt.show", key=key), 303)
    if asked.asks and (answered := _network_asked(draft, asked, instance)):
        return answered
    form = asked.make(draft, instance)
    found = review.of_page(draft, asked, instance_of(draft)) if request.args.get("from") == "check" else []
    if asked.listens:
        listens = context().scans.begin(draft, instance, background.SOON)
        if listens and not listens.done:
            return waiting.page(draft, listens, waiting.LISTENING)
        _propose(draft, instance, form)
    return question(draft, asked, form, found)


@blueprint.post("/<slug>")
def answer(key: str, slug: str) -> Answer:
    """Keep what was typed; go on where the core has nothing against it."""
    draft, asked = draft_of(key), _page(slug)
    instance, action = instance_of(draft), request.form.get("action", "")
    form, switched = asked.make(draft, instance, request.form), language.switched()
    if asked.asks and action == "suggest":
        return _suggested(draft, asked, instance, request.form.get(FLOATING, "").strip(), time.time())
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
        return objection or redirect(_same(key, asked, "look"), 303)
    if action == "back":
        return redirect(_back(draft, asked), 303)
    if asked.looks and action == "look":
        draft.found.pop("", None)  # it is asked again by the page
        keep(draft)
        return redirect(_same(key, asked), 303)
    objection = _questioned(draft, asked, instance) or objected(draft, asked, instance)
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
    present = preview.typed_in(draft, asked, instance_of(draft), request.form)
    place = {"page": asked, "instance": request.args.get("instance")}
    return render_template("preview.html", draft=draft, **place, **previewed(draft, present))


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


def _look(draft: Draft) -> Task[dict[str, Any]] | None:
    """Ask its servers what they are like, and keep that; the asking, where it takes its time."""
    key, tasks = ("look", draft.key, discovery.connections(draft)), context().background
    task = tasks.task(key, lambda: discovery.ask(draft), time.time() - GOOD_FOR)
    if not task.done:
        return task
    tasks.forget(key)
    draft.found = task.result.result()
    keep(draft)
    return None


def _questioned(draft: Draft, asked: Page, instance: str) -> Response | None:
    """To the page that waits, where the network has to be asked whether an address is free; not where somebody has read
    what it said, and goes on."""
    if not asked.asks or "anyway" in request.form or review.blocking(review.of_page(draft, asked, instance)):
        return None
    now = time.time()
    task = context().scans.asking(draft, instance, floating(draft, instance), now)
    return None if task is None or task.done else redirect(_waits(draft, asked, confirm=f"{now:.3f}"), 303)


def _network_asked(draft: Draft, asked: Page, instance: str) -> Answer | None:
    """What comes of the page that waits; nothing where it was not on the way here."""
    confirm, suggest = (_time(request.args.get(name, "")) for name in ("confirm", "suggest"))
    if suggest:
        return _suggested(draft, asked, instance, request.args.get("typed", ""), suggest)
    if not confirm or review.blocking(review.of_page(draft, asked, instance)):
        return None
    task = context().scans.asking(draft, instance, floating(draft, instance), confirm)
    if task and not task.done:
        return waiting.page(draft, task, waiting.PINGING)
    on = None if request.args.get("from") == "check" else after(draft, asked)
    return objected(draft, asked, instance) or _go_on(draft, on)


def _time(text: str) -> float:
    """When it was asked for; 0 where it was not. What was found long ago is not true any more."""
    return max(float(text), time.time() - GOOD_FOR) if re.fullmatch(r"[0-9]{1,10}\.[0-9]{3}", text, re.ASCII) else 0.0


def _waits(draft: Draft, asked: Page, **more: str) -> str:
    kept = {name: request.args.get(name) for name in ("instance", "from")}
    return url_for("questions.page", key=draft.key, slug=asked.slug, **{**kept, **more})  # type: ignore[arg-type]


def _suggested(draft: Draft, asked: Page, instance: str, typed: str, since: float) -> Answer:
    """The question with an address that is free, beside what was typed."""
    scans = context().scans
    key = ("free", discovery.connections(draft), instance)
    task = context().background.task(key, lambda: network_scan.free_address(scans, draft, instance), since)
    if not task.done and request.method == "GET":
        return waiting.page(draft, task, waiting.PINGING)
    if not task.done:
        return redirect(_waits(draft, asked, suggest=f"{since:.3f}", typed=typed), 303)
    free = task.result.result()
    form = asked.make(draft, instance, MultiDict({FLOATING: typed or free or ""}))
    return question(draft, asked, form, [], suggested=(free or "") if typed or not free else None)


def _back(draft: Draft, asked: Page) -> str:
    """Where one came from."""
    previous = before(draft, asked)
    if request.args.get("from") == "check":
        return url_for("check.show", key=draft.key)
    if previous is None:
        return url_for("start.index")
    return url_for("questions.page", key=draft.key, slug=previous.slug, instance=request.args.get("instance"))


def _same(key: str, asked: Page, *more: str) -> str:
    """The address of this question, without what was said of the servers before they were looked at again."""
    kept = {name: request.args.get(name) for name in ("instance", "from", *more)}
    return url_for("questions.page", key=key, slug=asked.slug, **kept)  # type: ignore[arg-type]


def _page(slug: str) -> Page:
    return BY_SLUG[slug] if slug in BY_SLUG else abort(404)
