"""Taking over what the servers run already: their files, found or pasted, become the answers of a draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask import Blueprint, abort, redirect, render_template, request, url_for

from floatip.keepalived.adopt import Adopted, Question, adopt, masked, together
from wizard import language
from wizard.context import context
from wizard.drafts import Draft, Stale
from wizard.hosts import discovery
from wizard.views.drafts import Answer, draft_of, keep

blueprint = Blueprint("adopt", __name__, url_prefix="/cluster/<key>/adopt")


@blueprint.get("")
def show(key: str) -> str:
    """The files that were found, to be looked at, or pasted where a server could not be."""
    draft = draft_of(key)
    files = _found(draft) | _pasted(draft)
    return render_template("adopt.html", draft=draft, files=files, failures=discovery.failures(draft))


@blueprint.post("")
def take(key: str) -> Answer:
    """Keep what was pasted; then ask what the files do not say, if there is anything."""
    draft = draft_of(key)
    files = {name: request.form.get(f"file-{number}", "") for number, name in enumerate(_names(draft))}
    draft.aside["files"] = {name: masked(text) for name, text in files.items() if not _same(text, _found(draft)[name])}
    place = request.url if language.switched() else _back(draft) if request.form.get("action") == "back" else None
    if place:
        keep(draft)
        return redirect(place, 303)
    draft.aside["answers"] = {}
    keep(draft)
    return redirect(url_for("adopt.ask", key=key), 303) if _adopted(draft).questions else _filled(draft)


@blueprint.get("/questions")
def ask(key: str) -> Answer:
    """What the files do not say, each with the obvious answer filled in."""
    draft = draft_of(key)
    return render_template("adopt_questions.html", draft=draft, questions=_adopted(draft).questions)


@blueprint.post("/questions")
def answer(key: str) -> Answer:
    """Take the answers; one of them may bring up another question."""
    draft = draft_of(key)
    asked = _adopted(draft).questions
    draft.aside["answers"] = _typed(asked)
    back = url_for("adopt.show", key=key) if request.form.get("action") == "back" else None
    if place := request.url if language.switched() else back:
        keep(draft)
        return redirect(place, 303)
    known = {question.key for question in asked}
    if any(question.key not in known for question in _adopted(draft).questions):
        keep(draft)
        return redirect(url_for("adopt.ask", key=key), 303)
    return _filled(draft)


def _typed(asked: Sequence[Question]) -> dict[str, str]:
    blanks = [question.blank(name) for question in asked for name, _ in question.choices]
    return {blank: request.form[f"answer-{blank}"].strip() for blank in blanks if f"answer-{blank}" in request.form}


def _adopted(draft: Draft) -> Adopted:
    states = discovery.states(draft)
    texts = {**dict.fromkeys(_names(draft), ""), **_found(draft), **_pasted(draft)}
    files = {name: replace(states[name].source, text=text) if name in states else text for name, text in texts.items()}
    given = draft.aside.get("answers")
    answers = {str(blank): str(text) for blank, text in given.items()} if isinstance(given, dict) else {}
    return adopt(files, {name: state.addresses for name, state in states.items()}, answers)


def _filled(draft: Draft) -> str:
    """Fill the draft, and tell what became of every line that is no answer."""
    found = _adopted(draft)
    for host in draft.hosts:
        host[1].update(found.hosts[str(host[0])], vrrp=found.vrrp[str(host[0])])
    draft.goal = ""
    draft.data = {
        **{key: draft.data[key] for key in ("firewall", "log_file", "nonlocal_bind") if key in draft.data},
        **found.data,
    }
    try:
        context().drafts.save(draft, draft.version)
    except Stale:
        abort(409)
    groups = len(found.data["vrrp_instances"])
    return render_template("adopted.html", draft=draft, findings=together(found.findings), groups=groups)


def _found(draft: Draft) -> dict[str, str]:
    states = discovery.states(draft)
    return {name: masked(states[name].text("conf") or "") if name in states else "" for name in _names(draft)}


def _pasted(draft: Draft) -> dict[str, str]:
    """What somebody has made of them."""
    pasted: dict[str, str] = draft.aside.get("files", {})
    return {name: pasted[name] for name in _names(draft) if name in pasted}


def _same(text: str, other: str) -> bool:
    return text.splitlines() == other.splitlines()  # browsers send other line ends


def _back(draft: Draft) -> str:
    """To the question before: who wants to adopt is sent here by the one about the network."""
    return url_for("questions.page", key=draft.key, slug="servers" if draft.goal == "adopt" else "network")


def _names(draft: Draft) -> list[str]:
    return [str(host[0]) for host in draft.hosts]
