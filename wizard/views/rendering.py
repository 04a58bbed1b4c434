"""A question as a page: with its form, with what is wrong about an answer, or with two versions of it."""

from __future__ import annotations

from flask import abort, render_template, request

from wizard.context import context
from wizard.drafts import Draft
from wizard.hosts import discovery
from wizard.pages import asked as questions
from wizard.pages import before, confirmations, network_scan, preview, review
from wizard.pages.base import Page
from wizard.show import highlight, outlook
from wizard.views.drafts import Answer, keep


def objected(draft: Draft, asked: Page, instance: str, *, again: bool = False) -> Answer | None:
    """The question with what is wrong about the answer, or doubtful where nobody has agreed to that. `again`: somebody
    wants to read that in another language, and has not gone on yet."""
    found = review.of_page(draft, asked, instance)
    if review.blocking(found):
        return question(draft, asked, asked.make(draft, instance), found), 422
    for remark in confirmations.about(draft, asked, instance, found, context().scans):
        consent = confirmations.consent(remark.problem)
        agreed = request.form.get("anyway") == consent
        if consent in draft.anyway:
            continue
        if again or not agreed:
            form = asked.make(draft, instance)
            return question(draft, asked, form, [remark], anyway=consent, agreed=agreed), 422
        draft.anyway.append(consent)
        keep(draft)
    return None


def instance_of(draft: Draft) -> str:
    """The instance that the address asks for; the first where it asks for none."""
    names = review.instances(draft)
    chosen = request.args.get("instance", names[0])
    return chosen if chosen in names else abort(404)


def question(draft: Draft, asked: Page, form: object, found: list[review.Remark], **more: object) -> str:
    """The page of a question, with its form and with what is wrong about the answer."""
    instance = instance_of(draft)
    return render_template(
        f"pages/{asked.slug}.html",
        draft=draft,
        page=asked,
        form=form,
        remarks=found,
        by_field={remark.field: remark for remark in reversed(found)},
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
        scans=context().scans.answers(draft, instance) if asked.listens else None,
        servers=network_scan.servers(draft) if asked.listens else {},
        **previewed(draft, draft),
        **{"anyway": "", "agreed": False, "suggested": None, **more},
    )


def previewed(stored: Draft, present: Draft) -> dict[str, object]:
    """What the preview of a page shows."""
    files = preview.preview(stored, present)
    shown = [(name, file, highlight.lines(file.text)) for name, file in files.items()]
    return {"files": shown, "whole": all(file.whole for file in files.values())}


def both(mine: Draft, stored: Draft, asked: Page, instance: str) -> tuple[str, int]:
    """Both versions, field by field; nothing is lost."""
    left, right = dict(asked.answers(mine, instance)), dict(asked.answers(stored, instance))
    rows = [(label, left.get(label, ""), right.get(label, "")) for label in {**left, **right}]
    other = ("version", "csrf_token", "language", "both")
    again = [(name, value) for name, value in request.form.items(multi=True) if name not in other]
    return render_template("both.html", draft=stored, page=asked, rows=rows, again=again), 409
