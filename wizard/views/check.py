"""Everything at once, before anything is written."""

from __future__ import annotations

import time

from flask import Blueprint, redirect, render_template, request, url_for
from markupsafe import Markup

from floatip.keepalived import forecast, render
from floatip.keepalived.conf import masked
from floatip.model.cluster import Cluster
from floatip.model.inventory import beside_files, directory
from floatip.model.problems import Level, Problem
from floatip.operate.running import difference
from wizard.context import context
from wizard.drafts import Draft, Stale
from wizard.hosts import deployed, discovery
from wizard.hosts.background import Task
from wizard.pages import PAGES, groups, network_scan, preview, review
from wizard.pages.base import Page, Summed
from wizard.show import highlight, outlook, pictures, raw_lines, tabs
from wizard.views import waiting
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
    look = context().looks.of(draft) if cluster and tabs.is_saved(draft) else None
    known = look.draft if look else draft
    states = discovery.states(known)
    seen = outlook.see(cluster, states) if cluster else None
    others = directory.claims([cluster] if cluster else [], context().inventories.path(draft.name))
    problems = [
        network_scan.vrid_problem(draft, name, context().scans.answers(draft, name, 0))
        for name in review.instances(draft)
    ]
    shown: review.Shown = {}
    late = [review.remark(problem, draft, shown) for problem in outlook.consentable(seen.problems if seen else ())]
    found += [review.remark(problem, draft, shown) for problem in [*absent, *others, *problems] if problem]
    updates = "HX-Request" in request.headers  # what stands above it on the page stays as it is
    return render_template(
        "check.html",
        draft=draft,
        remarks=found if updates else [*found, *late],
        late=late if updates else [],
        unsaved=_unsaved(draft, cluster),
        saved=bool(cluster) and not deployed.drafted(draft, context().inventories),
        answers=_answers(draft),
        groups=review.instances(draft),
        command=context().inventories.command(draft.name or "NAME"),
        cluster=cluster,
        outlook=seen,
        files=outlook.files(cluster, states) if cluster else {},
        failures=discovery.failures(known),
        at=time.strftime("%H:%M:%S", time.localtime(look.at)) if look and look.at else "",
        waits=_waits(look.task, cluster) if look and look.task and cluster else {},
        lines=raw_lines.of(cluster) if cluster else [],
        confs=_confs(cluster) if cluster else {},
        pictures=[] if not cluster else [pictures.topology(cluster, instance) for instance in cluster.instances],
        events=forecast.foresee(cluster) if cluster else (),
        several=len(review.instances(draft)) > 1,
    )


def _waits(task: Task[Draft], cluster: Cluster) -> dict[str, object]:
    """Who is being asked, for as long as that takes."""
    servers = {node.name: node.name in task.answered for node in cluster.nodes}
    return {"what": waiting.LOOKING, "servers": servers, "seconds": time.time() - task.begun}


def _unsaved(draft: Draft, cluster: Cluster | None) -> tuple[str, ...]:
    """A diff from the saved file to the draft."""
    known = deployed.saved(draft, context().inventories) if cluster else None
    return difference(known[0], cluster) if known else ()


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


def _answers(draft: Draft) -> list[tuple[str, list[tuple[Page, Summed]]]]:
    """Group → its answers, each with the page that asks for it; what all have in common first, without a name."""
    names = review.instances(draft)
    parts = [("", names[0], False), *((name, name, True) for name in names)]
    return [
        (title, [(page, row) for page in PAGES if page.grouped is grouped for row in page.summary(draft, name)])
        for title, name, grouped in parts
    ]


def _confs(cluster: Cluster) -> dict[str, list[Markup]]:
    return {node.name: highlight.lines(masked(render.keepalived_conf(cluster, node.name))) for node in cluster.nodes}
