"""What a page was answered, as rows of label and value: for the check page, and for two versions side by side."""

from __future__ import annotations

from typing import Any

from floatip.words import say
from wizard.drafts import Draft
from wizard.pages.base import Page, show


def rows(page: Page, draft: Draft, instance: str) -> list[tuple[str, str]]:
    """Label and value of every answer of a page."""
    return [row for field in page.make(draft, instance) for row in _of_field(field)]


def versions(page: Page, mine: Draft, stored: Draft, instance: str) -> list[tuple[str, str, str]]:
    """Label, my value, the stored value."""
    left, right = dict(rows(page, mine, instance)), dict(rows(page, stored, instance))
    return [(label, left.get(label, ""), right.get(label, "")) for label in {**left, **right}]


def _of_field(field: Any) -> list[tuple[str, str]]:
    if hasattr(field, "entries"):
        return [
            (say("{server}: {label}", server=next(iter(entry.form)).data, label=one.label.text), _words(one.data))
            for entry in field.entries
            for one in entry.form
            if one.data and one.type not in ("HiddenField", "SelectField")  # what they say stands in the others
        ]
    return [(field.label.text, _chosen(field) if hasattr(field, "choices") else _words(field.data))]


def _chosen(field: Any) -> str:
    """What people read of the option that was chosen."""
    return next((one.label for one in field.choices if one.value == field.data), "")


def _words(value: object) -> str:
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    return show(value)
