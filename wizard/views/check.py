"""Everything at once, before anything is written."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from markupsafe import Markup

from floatip.keepalived import forecast, render
from floatip.keepalived.conf import masked
from floatip.model.cluster import Cluster
from floatip.model.inventory import beside_files, directory
from floatip.model.problems import Level, Problem
from wizard.context import context
from wizard.drafts import Draft, Stale
from wizard.hosts import discovery
from wizard.pages import PAGES, groups, network_scan, preview, review
from wizard.pages.base import Page
from wizard.show import highlight, outlook, pictures
from wizard.views.drafts import Answer, based_on, draft_of

blueprint = Blueprint("check", __name__, url_prefix="/cluster/<key>")


@blueprint.get("/check")
def show(key: str) -> str:
    """Everything at once, before anything is written."""
    draft = draft_of(key)
    cluster, absent = preview.usable(draft), tuple[Problem, ...]()
    if cluster:
        cluster, absent = beside_files.texts(cluster, context().inventories.directory, Level.WARNING)
    found = [remark for remark in review.remarks(draft) if remark.problem.path != "name"]
    seen = outlook.see(cluster, discovery.states(draft)) if cluster else None
    others = directory.claims([cluster] if cluster else [], context().inventories.path(draft.name))
    heard = [
        network_scan.vrid_problem(draft, name, context().scans.heard(draft, name, 0))
        for name in review.instances(draft)
    ]
    shown: review.Shown = {}
    found += [
        review.remark(problem, draft, shown)
        for problem in [*absent, *others, *outlook.consentable(seen.problems if seen else ()), *heard]
        if problem
    ]
    return render_template(
        "check.html",
        draft=draft,
        remarks=found,
        rows=_rows(draft),
        groups=review.instances(draft),
        command=context().inventories.command(draft.name or "NAME"),
        cluster=cluster,
        outlook=seen,
        failures=discovery.failures(draft),
        confs=_confs(cluster) if cluster else {},
        pictures=[] if not cluster else [pictures.topology(cluster, instance) for instance in cluster.instances],
        events=forecast.foresee(cluster) if cluster else (),
        several=len(review.instances(draft)) > 1,
    )


@blueprint.post("/groups")
def group(key: str) -> Answer:
    """One more group of addresses, or one less."""
    draft, gone = draft_of(key), request.form.get("remove")
    name = groups.add(draft) if gone is None else groups.remove(draft, gone)
    try:
        context().drafts.save(draft, based_on())
    except Stale:
        return redirect(url_for("check.show", key=key), 303)
    if gone is not None:
        return redirect(url_for("check.show", key=key), 303)
    return redirect(url_for("questions.page", key=key, slug="network", instance=name), 303)


def _rows(draft: Draft) -> list[tuple[Page, str, list[tuple[str, str]]]]:
    """(page, group, its answers): what all groups have in common first."""
    names = review.instances(draft)
    common = [(page, names[0]) for page in PAGES if not page.grouped]
    of_groups = [(page, name) for name in names for page in PAGES if page.grouped]
    return [(page, name, page.answers(draft, name)) for page, name in common + of_groups]


def _confs(cluster: Cluster) -> dict[str, Markup]:
    return {node.name: highlight.conf(masked(render.keepalived_conf(cluster, node.name))) for node in cluster.nodes}
