"""Devices that share the addresses and that nobody manages here, and where the password is that they ask for."""

from __future__ import annotations

from typing import Any

from wtforms import FieldList, Form, FormField, HiddenField, StringField

from floatip.model import passwords
from floatip.model.messages import say
from floatip.model.settings import DEVICE, Scope, setting
from wizard.drafts import Draft
from wizard.pages import repeated
from wizard.pages.base import Page, block, field, keep, put, show

MOST = 4
AUTHENTICATION = setting(Scope.INSTANCE, "authentication")
NOWHERE = "?"
"""What a draft keeps of an answer that says neither a variable nor a file: it may be the password itself."""


class _Named(Form):
    """What it is called."""

    was = HiddenField()
    name = StringField(say("Name"))


DeviceForm: type[Form] = type("DeviceForm", (_Named,), {row.asked: field(row) for row in DEVICE})


class DevicesForm(Form):
    """None, or some of them."""

    devices: Any = FieldList(FormField(DeviceForm), max_entries=MOST)
    authentication = field(AUTHENTICATION)


class Devices(Page):
    """Asked for by those who want it."""

    slug = "devices"
    title = say("Does another device share the addresses?")
    short = say("Other devices")
    form = DevicesForm
    each = "devices"
    paths = (
        (r"vrrp_instances\.INSTANCE\.foreign\.([^.]*)", r"devices-\1-name"),
        (r"vrrp_instances\.INSTANCE\.foreign", "devices-0-name"),
    )
    settings, authentication = DEVICE, AUTHENTICATION

    def wanted(self, draft: Draft) -> bool:
        """Once there is a device, or a password that only devices ask for."""
        blocks = [block(draft, name) for name in draft.data.get("vrrp_instances", {})]
        return any(block.get("foreign") or block.get("authentication") for block in blocks)

    def rows(self, draft: Draft, instance: str) -> list[str]:
        """One a device."""
        return list(_devices(draft, instance))

    def fill(self, draft: Draft, instance: str) -> dict[str, Any]:
        """One row a device; an empty one where there is none yet."""
        rows = [_row(name, device) for name, device in _devices(draft, instance).items()]
        source = show(block(draft, instance).get("authentication"))
        return {"devices": rows or [_row("", {})], "authentication": "" if source == NOWHERE else source}

    def make(self, draft: Draft, instance: str, typed: Any = None) -> Any:
        """What may be a password is neither kept nor shown again."""
        form = super().make(draft, instance, typed)
        source = (form.authentication.data or "").strip()
        form.misplaced = bool(source) and not passwords.SOURCE.fullmatch(source)
        form.authentication.data = "" if form.misplaced else source
        return form

    def apply(self, form: Any, draft: Draft, instance: str) -> None:
        """A device of which nothing is said is none."""
        old, settings = _devices(draft, instance), block(draft, instance)
        new: dict[str, Any] = {}
        for entry in form.devices:
            values = entry.form
            if any((values[name].data or "").strip() for name in ("name", *(row.asked for row in DEVICE))):
                device = dict(old.get(values.was.data or "", {}))
                for row in DEVICE:
                    keep(row, device, values[row.asked])
                new[repeated.free((values["name"].data or "").strip(), "-", new)] = device
        put(settings, "foreign", new, {})
        put(settings, "authentication", NOWHERE if form.misplaced else form.authentication.data, "")

    def add_row(self, form: Any, action: str) -> bool:
        """`add`, or `remove-0`, `remove-1`…"""
        return repeated.change(form.devices, action, MOST, _row("", {}))

    def answers(self, draft: Draft, instance: str) -> list[tuple[str, str]]:
        """One line a device; that there is none is said too."""
        shown: list[tuple[str, str]] = [
            (
                name,
                say("{address}, priority {priority}", address=device.get("address"), priority=device.get("priority")),
            )
            for name, device in _devices(draft, instance).items()
        ]
        source = self.fill(draft, instance)["authentication"]
        shown += [(AUTHENTICATION.label, source)] if source else []
        return shown or [("", say("no other device"))]


def _devices(draft: Draft, instance: str) -> dict[str, dict[str, Any]]:
    found = block(draft, instance).get("foreign")
    named = found.items() if isinstance(found, dict) else ()
    return {str(name): device for name, device in named if isinstance(device, dict)}


def _row(name: str, device: dict[str, Any]) -> dict[str, Any]:
    return {"was": name, "name": name, **{row.asked: show(device.get(row.key)) for row in DEVICE}}
