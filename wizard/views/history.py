"""Everything that was begun for a cluster on this computer."""

from __future__ import annotations

from flask import Blueprint, render_template

from wizard.context import context
from wizard.show import history
from wizard.views.drafts import draft_of

blueprint = Blueprint("history", __name__, url_prefix="/cluster/<key>")


@blueprint.get("/history")
def show(key: str) -> str:
    """The newest first."""
    draft = draft_of(key)
    return render_template("history.html", draft=draft, entries=history.of(draft, context()))
