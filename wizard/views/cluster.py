"""The pages of one draft, from the first question to the finished inventory."""

from __future__ import annotations

import time
from collections.abc import Collection
from contextlib import suppress
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from floatip.keepalived import forecast, render
from floatip.model.cluster import Cluster
from floatip.operate import handover
from floatip.operate import status as floatip_status
from floatip.operate.running import Running
from floatip.runs import pyinfra_run
from wizard import language
from wizard.context import context
from wizard.drafts import Draft, Stale
from wizard.hosts import deployed, discovery, host_keys
from wizard.pages import BY_SLUG, PAGES, after, before, confirmations, groups, preview, review
from wizard.pages import asked as questions
from wizard.pages import network_scan as ears_
from wizard.pages.base import Page, block
from wizard.show import highlight, outlook, pictures

blueprint = Blueprint("cluster", __name__, url_prefix="/cluster/<key>")
CHECKS = BY_SLUG["checks"]
STATUS_PATIENCE = 4.0  # seconds for the first answer: what is shown shall be true within five
Answer = str | Response | tuple[str, int]


@blueprint.get("/<slug>")
def page(key: str, slug: str) -> Answer:
    """One question, with what was answered before. Coming back from the check, its remarks are shown."""
    draft, asked = draft_of(key), _page(slug)
    if asked.looks and not discovery.current(draft) and not review.blocking(review.of_page(draft, PAGES[0], "")):
        _look(draft)
    if asked.looks and host_keys.unknown(draft) and request.args.get("look") != "no":
        return redirect(url_for("cluster.keys", key=key), 303)
    instance = _instance(draft)
    if asked.looks and draft.goal == "adopt":
        return redirect(url_for("adopt.show", key=key), 303)
    form = asked.make(draft, instance)
    found = review.of_page(draft, asked, _instance(draft)) if request.args.get("from") == "check" else []
    if asked.hears:
        context().ears.begin(draft, instance)
        _propose(draft, instance, form)
    return _question(draft, asked, form, found)


@blueprint.post("/<slug>")
def answer(key: str, slug: str) -> Answer:
    """Keep what was typed; go on where the core has nothing against it."""
    draft, asked = draft_of(key), _page(slug)
    instance, action = _instance(draft), request.form.get("action", "")
    form, switched = asked.make(draft, instance, request.form), language.switched()
    if asked.asks and action == "suggest":
        return _suggested(draft, asked, instance)
    if asked.add_row(form, action):
        return _question(draft, asked, form, [])
    asked.apply(form, draft, instance)
    if switched and "both" in request.form:
        return _both(draft, draft_of(key), asked, instance)
    try:
        context().drafts.save(draft, based_on())
    except Stale as stale:
        return _both(draft, stale.stored, asked, instance)
    if switched:
        objected = _objected(draft, asked, instance, again=True) if "objected" in request.form else None
        return objected or redirect(request.url, 303)
    if action == "back":
        return redirect(_back(draft, asked), 303)
    if asked.looks and action == "look":
        _look(draft)
        return redirect(_same(key, asked), 303)
    objected = _objected(draft, asked, instance)
    if objected:
        return objected
    if asked.looks:
        context().ears.begin(draft, instance)
    if action == "checks":
        return _go_on(draft, CHECKS)
    return _go_on(draft, None if request.args.get("from") == "check" else after(draft, asked))


@blueprint.post("/<slug>/preview")
def show(key: str, slug: str) -> str:
    """What the servers would get with what is typed at this moment."""
    draft, asked = draft_of(key), _page(slug)
    files = preview.preview(draft, asked, _instance(draft), request.form)
    return render_template("preview.html", files=files)


@blueprint.get("/keys")
def keys(key: str) -> Answer:
    """The keys that were never confirmed."""
    return _keys(draft_of(key))


@blueprint.post("/keys")
def confirm(key: str) -> Answer:
    """Those that somebody has compared become known, and the servers are looked at again. Whatever else is pressed, the
    ticks stay."""
    draft, ticked = draft_of(key), request.form.getlist("fingerprint")
    places = {
        "back": url_for("cluster.page", key=key, slug="servers"),
        "without": url_for("cluster.page", key=key, slug="network", look="no"),
    }
    place = request.url if language.switched() else places.get(request.form.get("action", ""))
    if place:
        draft.aside["keys"] = ticked
        keep(draft)
        return redirect(place, 303)
    left = {one.server for one in host_keys.confirm(host_keys.unknown(draft), set(ticked))}
    draft.aside.pop("keys", None)
    _look(draft)
    if left & {one.server for one in host_keys.unknown(draft)}:
        return _keys(draft, left), 422
    return redirect(url_for("cluster.page", key=key, slug="network"), 303)


def _keys(draft: Draft, left: Collection[str] = ()) -> str:
    ticked = draft.aside.get("keys", [])
    return render_template("keys.html", draft=draft, keys=host_keys.unknown(draft), ticked=ticked, left=left)


@blueprint.get("/check")
def check(key: str) -> str:
    """Everything at once, before anything is written."""
    draft = draft_of(key)
    cluster = preview.usable(draft)
    found = [one for one in review.remarks(draft) if one.problem.path != "name"]
    seen = outlook.see(cluster, discovery.states(draft)) if cluster else None
    heard = [ears_.vrid_problem(draft, name, context().ears.heard(draft, name, 0)) for name in review.instances(draft)]
    found += [review.remark(one, draft) for one in [*outlook.consentable(seen.problems if seen else ()), *heard] if one]
    return render_template(
        "check.html",
        draft=draft,
        remarks=found,
        rows=_rows(draft),
        groups=review.instances(draft),
        command=f"pyinfra inventories/{draft.name or 'NAME'}.py {pyinfra_run.DEPLOY}",
        cluster=cluster,
        outlook=seen,
        failures=discovery.failures(draft),
        confs=_confs(cluster) if cluster else {},
        pictures=[] if not cluster else [pictures.topology(cluster, one) for one in cluster.instances],
        events=forecast.foresee(cluster) if cluster else (),
        several=len(review.instances(draft)) > 1,
    )


@blueprint.get("/status")
def status(key: str) -> str:
    """Who holds what at this moment; kept nowhere."""
    draft, running = deployed_of(key)
    cluster = running.cluster
    seen = context().watchers.newest(cluster, STATUS_PATIENCE) if cluster else None
    return render_template(
        "status.html",
        draft=draft,
        rows=floatip_status.read(cluster, seen.found if seen else {}) if cluster else [],
        failures=seen.failures if seen else {},
        at_work=[*floatip_status.full(seen.found), *floatip_status.at_work(seen.found)] if seen else [],
        at=time.strftime("%H:%M:%S", time.localtime(seen.at)) if seen else "",
        old=max(0.0, time.time() - seen.at) if seen else None,
        age=floatip_status.age,
        running=running,
        drafted=deployed.drafted(draft, context().inventories),
        known=bool(running.record) or draft.name in context().inventories.names(),
        moves=handover.moves_to(cluster, seen) if cluster else {},
        spared=bool(cluster and seen and len(handover.kept(cluster, seen)) < len(cluster.nodes)),
        follow=request.args.get("follow") == "yes",
    )


@blueprint.post("/groups")
def group(key: str) -> Answer:
    """One more group of addresses, or one less."""
    draft, gone = draft_of(key), request.form.get("remove")
    name = groups.add(draft) if gone is None else groups.remove(draft, gone)
    try:
        context().drafts.save(draft, based_on())
    except Stale:
        return redirect(url_for("cluster.check", key=key), 303)
    if gone is not None:
        return redirect(url_for("cluster.check", key=key), 303)
    return redirect(url_for("cluster.page", key=key, slug="network", instance=name), 303)


def _rows(draft: Draft) -> list[tuple[Page, str, list[tuple[str, str]]]]:
    """(page, group, its answers): what all groups have in common first."""
    names = review.instances(draft)
    common = [(page, names[0]) for page in PAGES if not page.grouped]
    of_groups = [(page, name) for name in names for page in PAGES if page.grouped]
    return [(page, name, page.answers(draft, name)) for page, name in common + of_groups]


def _go_on(draft: Draft, following: Page | None) -> Response:
    """To the next question about the same group of addresses, or to the check."""
    if following is None:
        return redirect(url_for("cluster.check", key=draft.key), 303)
    kept: dict[str, Any] = {"instance": request.args.get("instance")}
    if following is CHECKS:
        kept["from"] = request.args.get("from")
    return redirect(url_for("cluster.page", key=draft.key, slug=following.slug, **kept), 303)


def draft_of(key: str) -> Draft:
    """The draft of this address; not found where there is none."""
    try:
        return context().drafts.get(key)
    except KeyError:
        abort(404)


def deployed_of(key: str) -> tuple[Draft, Running]:
    """A draft, and what its servers run, whatever was typed or saved since."""
    draft = draft_of(key)
    return draft, context().deployed.of(draft)


def _look(draft: Draft) -> None:
    draft.found = discovery.ask(draft)
    keep(draft)


def keep(draft: Draft) -> None:
    """Store it, where nobody was faster."""
    with suppress(Stale):  # somebody else has just looked, or answered: their version is as good
        context().drafts.save(draft, draft.version)


def _propose(draft: Draft, instance: str, form: Any) -> None:
    """A group number that nobody was heard to use, where none was chosen yet."""
    if "virtual_router_id" not in block(draft, instance):
        form.virtual_router_id.data = str(ears_.suggested_vrid(draft, context().ears.heard(draft, instance)))


def _suggested(draft: Draft, asked: Page, instance: str) -> Answer:
    free = ears_.free_address(context().ears, draft, instance)
    typed = request.form.get("virtual_ipaddress", "").strip()
    form = asked.make(draft, instance, MultiDict({"virtual_ipaddress": typed or free or ""}))
    return _question(draft, asked, form, [], suggested=(free or "") if typed or not free else None)


def _objected(draft: Draft, asked: Page, instance: str, *, again: bool = False) -> Answer | None:
    """The question with what is wrong about the answer, or doubtful where nobody has agreed to that. `again`: somebody
    wants to read that in another language, and has not gone on yet."""
    found = review.of_page(draft, asked, instance)
    if review.blocking(found):
        return _question(draft, asked, asked.make(draft, instance), found), 422
    for remark in confirmations.about(draft, asked, instance, found, context().ears):
        consent = confirmations.consent(remark.problem)
        agreed = request.form.get("anyway") == consent
        if consent in draft.anyway:
            continue
        if again or not agreed:
            form = asked.make(draft, instance)
            return _question(draft, asked, form, [remark], anyway=consent, agreed=agreed), 422
        draft.anyway.append(consent)
        keep(draft)
    return None


def _back(draft: Draft, asked: Page) -> str:
    """Where one came from."""
    previous = before(draft, asked)
    if request.args.get("from") == "check":
        return url_for("cluster.check", key=draft.key)
    if previous is None:
        return url_for("start.index")
    return url_for("cluster.page", key=draft.key, slug=previous.slug, instance=request.args.get("instance"))


def _same(key: str, asked: Page) -> str:
    """The address of this question, without what was said of the servers before they were looked at again."""
    kept = {name: request.args.get(name) for name in ("instance", "from")}
    return url_for("cluster.page", key=key, slug=asked.slug, **kept)  # type: ignore[arg-type]


def _page(slug: str) -> Page:
    return BY_SLUG[slug] if slug in BY_SLUG else abort(404)


def _instance(draft: Draft) -> str:
    names = review.instances(draft)
    chosen = request.args.get("instance", names[0])
    return chosen if chosen in names else abort(404)


def based_on() -> int:
    """The version of the draft that the form was made from."""
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else abort(400)


def _confs(cluster: Cluster) -> dict[str, Markup]:
    return {one.name: highlight.conf(render.keepalived_conf(cluster, one.name)) for one in cluster.nodes}


def _question(draft: Draft, asked: Page, form: object, found: list[review.Remark], **more: object) -> str:
    instance = _instance(draft)
    return render_template(
        f"pages/{asked.slug}.html",
        draft=draft,
        page=asked,
        form=form,
        remarks=found,
        by_field={one.field: one for one in reversed(found)},
        number=questions(draft, asked).index(asked) + 1,
        count=len(questions(draft, asked)),
        previous=before(draft, asked),
        group=instance if len(review.instances(draft)) > 1 else "",
        instance=request.args.get("instance"),
        names=[str(host[0]) for host in draft.hosts],
        states=discovery.states(draft),
        portraits=discovery.portraits(draft),
        failures=discovery.failures(draft),
        foreign=outlook.foreign(discovery.states(draft)),
        heard=context().ears.heard(draft, instance) if asked.hears else None,
        servers=ears_.servers(draft) if asked.hears else {},
        **{"anyway": "", "agreed": False, "suggested": None, **more},
    )


def _both(mine: Draft, stored: Draft, asked: Page, instance: str) -> tuple[str, int]:
    """Both versions, field by field; nothing is lost."""
    left, right = dict(asked.answers(mine, instance)), dict(asked.answers(stored, instance))
    rows = [(label, left.get(label, ""), right.get(label, "")) for label in {**left, **right}]
    other = ("version", "csrf_token", "language", "both")
    again = [(name, value) for name, value in request.form.items(multi=True) if name not in other]
    return render_template("both.html", draft=stored, page=asked, rows=rows, again=again), 409
