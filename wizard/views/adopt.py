"""Taking over what the servers run already: their files, found or pasted, become the answers of a draft."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request

from floatip.adopt import adopt, masked
from wizard import discovery, language
from wizard.context import context
from wizard.drafts import Draft, Stale
from wizard.views.cluster import draft_of

blueprint = Blueprint("adopt", __name__, url_prefix="/cluster/<key>/adopt")


@blueprint.get("")
def show(key: str) -> str:
    """The files that were found, to be looked at, or pasted where a server could not be."""
    draft = draft_of(key)
    states = discovery.states(draft)
    found = {name: masked(states[name].text("conf") or "") if name in states else "" for name in _names(draft)}
    return render_template("adopt.html", draft=draft, files=found, failures=discovery.failures(draft))


@blueprint.post("")
def take(key: str) -> str | tuple[str, int]:
    """Fill the draft, and tell what became of every line that is no answer."""
    draft = draft_of(key)
    files = {name: request.form.get(f"file-{number}", "") for number, name in enumerate(_names(draft))}
    if language.switched():
        return render_template("adopt.html", draft=draft, files=files, failures=discovery.failures(draft))
    found = adopt(files, discovery.states(draft))
    for host in draft.hosts:
        host[1]["vrrp"] = found.vrrp[str(host[0])]
    draft.goal = ""
    draft.data = {**{key: draft.data[key] for key in ("firewall", "log_file") if key in draft.data}, **found.data}
    try:
        context().drafts.save(draft, draft.version)
    except Stale:
        abort(409)
    groups = len(found.data["vrrp_instances"])
    return render_template("adopted.html", draft=draft, findings=found.findings, groups=groups)


def _names(draft: Draft) -> list[str]:
    return [str(host[0]) for host in draft.hosts]
