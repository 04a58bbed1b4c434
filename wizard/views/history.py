"""Everything that was begun for a cluster on this computer."""

from __future__ import annotations

from flask import Blueprint, render_template

from floatip.operate import fleet
from wizard.context import context
from wizard.show import history
from wizard.views.drafts import deployed_of

blueprint = Blueprint("history", __name__, url_prefix="/cluster/<key>")


@blueprint.get("/history")
def show(key: str) -> str:
    """The newest first."""
    draft, running = deployed_of(key)
    seen = context().watchers.newest(running.cluster, 0) if running.cluster else None
    shown = {"entries": history.of(draft, context()), "elsewhere": fleet.elsewhere(running, seen)}
    return render_template("history.html", draft=draft, running=running, **shown)
