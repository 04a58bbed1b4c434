"""Host keys that were never confirmed, and their confirmation."""

from __future__ import annotations

from collections.abc import Collection

from flask import Blueprint, redirect, render_template, request, url_for

from wizard import language
from wizard.drafts import Draft
from wizard.hosts import host_keys
from wizard.views.drafts import Answer, draft_of, keep

blueprint = Blueprint("keys", __name__, url_prefix="/cluster/<key>")


@blueprint.get("/keys")
def show(key: str) -> Answer:
    """The keys that were never confirmed."""
    return _keys(draft_of(key))


@blueprint.post("/keys")
def confirm(key: str) -> Answer:
    """Those that somebody has compared become known, and the servers are looked at again. Whatever else is pressed, the
    ticks stay."""
    draft, ticked = draft_of(key), request.form.getlist("fingerprint")
    places = {
        "back": url_for("questions.page", key=key, slug="servers"),
        "without": url_for("questions.page", key=key, slug="network", look="no"),
    }
    place = request.url if language.switched() else places.get(request.form.get("action", ""))
    if place:
        draft.aside["keys"] = ticked
        keep(draft)
        return redirect(place, 303)
    shown = host_keys.unknown(draft)
    left = {host_key.server for host_key in host_keys.confirm(shown, set(ticked))}
    known = {host_key.server for host_key in shown} - left
    draft.aside.pop("keys", None)
    draft.found = {name: answer for name, answer in draft.found.items() if name and name not in known}  # asked anew
    keep(draft)
    if left:
        return _keys(draft, left), 422
    return redirect(url_for("questions.page", key=key, slug="network"), 303)


def _keys(draft: Draft, left: Collection[str] = ()) -> str:
    ticked = draft.aside.get("keys", [])
    return render_template("keys.html", draft=draft, keys=host_keys.unknown(draft), ticked=ticked, left=left)
