"""What must work on a server that has the address."""

from __future__ import annotations

from typing import Any

from wtforms import FieldList, Form, FormField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from floatip.model.messages import Said, say
from floatip.model.settings import CHECKS, KINDS
from wizard.drafts import Draft
from wizard.language import tell
from wizard.pages import repeated
from wizard.pages.base import Page, block, dict_in, field, filled, keep, number, put, show

MOST = 8


class _Target(Form):
    """What is looked at."""

    was = HiddenField()
    name = StringField(say("Name"))
    kind = SelectField(say("The server is healthy while"), choices=[], validate_choice=False)
    target = StringField(say("Which one"))
    here = StringField(say("Weight for this floating address, if another"))


CheckForm: type[Form] = type("CheckForm", (_Target,), {row.key: field(row) for row in CHECKS})


class ChecksForm(Form):
    """None, or some of them."""

    scripts: Any = FieldList(FormField(CheckForm), max_entries=MOST)


class Checks(Page):
    """Asked for by those who want it. Each check counts for the group that it was added to."""

    slug = "checks"
    title = say("What must work on a server?")
    short = say("Health checks")
    form = ChecksForm
    each = "scripts"
    paths = (
        (r"vrrp_scripts\.([^.]*)", r"scripts-\1-name"),
        (rf"vrrp_scripts\.([^.]+)\.(?:{'|'.join(KINDS)})", r"scripts-\1-target"),
    )
    settings = CHECKS

    def wanted(self, draft: Draft) -> bool:
        """Once there is a check."""
        return bool(draft.data.get("vrrp_scripts"))

    def rows(self, draft: Draft, instance: str) -> list[str]:
        """One a check."""
        return list(_scripts(draft))

    def fill(self, draft: Draft, instance: str) -> dict[str, Any]:
        """One row a check; an empty one where there is none yet."""
        weights = _weights(block(draft, instance))
        rows = [{**_row(name, script), "here": weights.get(name, "")} for name, script in _scripts(draft).items()]
        return {"scripts": rows or [_row("", {}, "check_1")]}

    def make(self, draft: Draft, instance: str, typed: Any = None) -> Any:
        """The kinds of check, in the reader's language."""
        form = super().make(draft, instance, typed)
        for entry in form.scripts:
            _offer(entry)
        return form

    def apply(self, form: Any, draft: Draft, instance: str) -> None:
        """What is not asked here stays with its check; one without a target is none."""
        old = _scripts(draft)
        new: dict[str, dict[str, Any]] = {}
        renamed: dict[str, str] = {}
        weights: dict[str, Any] = {}
        for entry in form.scripts:
            values = entry.form
            if (values.target.data or "").strip():
                name = repeated.free((values["name"].data or "").strip(), "_", new)
                new[name] = _script(values, dict(old.get(values.was.data or "", {})))
                if values.was.data in old:
                    renamed[values.was.data] = name
                if values.here.raw_data:
                    weights[name] = number(values.here.data)
        put(draft.data, "vrrp_scripts", new, {})
        added = [name for name in new if name not in renamed.values()]
        for each in draft.data.get("vrrp_instances", {}):
            settings = dict_in(draft.data["vrrp_instances"], each)
            tracked = _raw_tracked(settings)
            kept = [_called(check, renamed) for check in tracked if _name(check) in renamed or _name(check) not in old]
            if each == instance:
                kept = [_weighing(entry, weights) for entry in (*kept, *added)]
            put(settings, "track_script", kept, [])

    def add_row(self, form: Any, action: str) -> bool:
        """`add`, or `remove-0`, `remove-1`…"""
        rows = form.scripts
        changed = repeated.change(rows, action, MOST, _row("", {}, f"check_{len(rows) + 1}"))
        for entry in rows:
            _offer(entry)
        return changed

    def answers(self, draft: Draft, instance: str) -> list[tuple[str, str]]:
        """One line a check; that there is none is said too."""
        rows = [_row(name, script) for name, script in _scripts(draft).items()]
        tracked = _tracked(block(draft, instance))
        shown: list[tuple[str, str]] = [(row["name"], _description(row)) for row in rows if row["name"] in tracked]
        return shown or [("", say("nothing is checked"))]


def _description(row: dict[str, Any]) -> Said:
    kind, target, weight = KINDS[row["kind"]].label, row["target"], row["weight"]
    if weight in ("", "0"):
        return say("{kind}: {target}", kind=kind, target=target)
    return say("{kind}: {target}; weight\u00a0{weight}", kind=kind, target=target, weight=weight)


def _scripts(draft: Draft) -> dict[str, dict[str, Any]]:
    found = draft.data.get("vrrp_scripts")
    named = found.items() if isinstance(found, dict) else ()
    return {str(name): script for name, script in named if isinstance(script, dict)}


def _row(name: str, script: dict[str, Any], suggested: str = "") -> dict[str, Any]:
    kind = next((kind for kind in KINDS if kind in script), "process")
    numbers = {row.key: filled(row, script) for row in CHECKS}
    return {"was": name, "name": name or suggested, "kind": kind, "target": show(script.get(kind)), **numbers}


def _offer(entry: Any) -> None:
    entry.form.kind.choices = [SelectChoice(kind, tell(check.label)) for kind, check in KINDS.items()]


def _script(values: Any, script: dict[str, Any]) -> dict[str, Any]:
    for kind in KINDS:
        script.pop(kind, None)
    kind = values.kind.data if values.kind.data in KINDS else "process"
    script = {kind: values.target.data.strip(), **script}
    for row in CHECKS:
        keep(row, script, values[row.key])
    return script


def _tracked(settings: dict[str, Any]) -> list[str]:
    return [_name(entry) for entry in _raw_tracked(settings)]


def _raw_tracked(settings: dict[str, Any]) -> list[Any]:
    """Names, or dicts with a weight."""
    found = settings.get("track_script", [])
    return found if isinstance(found, list) else []


def _weights(settings: dict[str, Any]) -> dict[str, str]:
    """Health check → the weight that it has in an instance, where that is another one."""
    tracked = (entry for entry in _raw_tracked(settings) if isinstance(entry, dict))
    return {_name(entry): show(entry.get("weight")) for entry in tracked}


def _weighing(entry: object, typed: dict[str, Any]) -> object:
    """With the weight that was typed; where none was asked for, what was there stays."""
    name = _name(entry)
    if name not in typed:
        return entry
    return name if typed[name] == "" else {"script": name, "weight": typed[name]}


def _name(entry: object) -> str:
    return str(entry.get("script", "")) if isinstance(entry, dict) else str(entry)


def _called(entry: Any, renamed: dict[str, str]) -> object:
    name = renamed.get(_name(entry), _name(entry))
    return {**entry, "script": name} if isinstance(entry, dict) else name
