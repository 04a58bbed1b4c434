"""Files of the servers to take along, before anything is saved."""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, request, url_for

from floatip.model.cluster import Cluster
from floatip.model.inventory import beside_files
from floatip.model.problems import Level
from wizard.context import context
from wizard.drafts import Draft, bundle
from wizard.pages import BY_SLUG, preview
from wizard.views.drafts import Answer, draft_of
from wizard.views.rendering import instance_of

blueprint = Blueprint("files", __name__, url_prefix="/cluster/<key>")


@blueprint.post("/<slug>/files")
def typed(key: str, slug: str) -> Answer:
    """A file, or all of them, with what is typed at this moment."""
    draft, asked = draft_of(key), BY_SLUG.get(slug) or abort(404)
    present = preview.typed_in(draft, asked, instance_of(draft), request.form)
    if request.form.get("take") == "zip":
        cluster = preview.usable(present)
        return zipped(cluster) if cluster else redirect(url_for("questions.page", key=key, slug=slug), 303)
    return _conf(present, request.form.get("take", ""))


@blueprint.get("/files/<name>")
def conf(key: str, name: str) -> Answer:
    """keepalived.conf of a server."""
    return _conf(draft_of(key), name)


@blueprint.get("/zip")
def download(key: str) -> Answer:
    """The inventory, every file that the servers would get, and the commands."""
    cluster = preview.usable(draft_of(key))
    return zipped(cluster) if cluster else redirect(url_for("check.show", key=key), 303)


def zipped(cluster: Cluster) -> Response:
    """All of them."""
    cluster, _ = beside_files.texts(cluster, context().inventories.directory, Level.WARNING)
    head = {"Content-Disposition": f"attachment; filename=floatip-{cluster.name}.zip"}
    return Response(bundle.made(cluster), mimetype="application/zip", headers=head)


def _conf(draft: Draft, name: str) -> Response:
    file = preview.preview(draft, draft).get(name) or abort(404)
    head = {"Content-Disposition": "attachment; filename=keepalived.conf"}
    return Response(file.text, mimetype="text/plain", headers=head)
