"""What a page is: a form, and the two ways between it and a draft. It judges nothing: `floatip.model.parse` does."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, Form, StringField, TextAreaField

from floatip.model.instance import FLOATING
from floatip.model.messages import Said, say
from floatip.model.settings import Scope, Setting, asked
from floatip.model.settings.addresses import address_of
from floatip.model.settings.groups import LINES
from floatip.model.settings.notifying import Running
from floatip.model.settings.values import Flag, Lines, Many, Text
from wizard.drafts import Draft

INSTANCE = "VI_1"
"""What the first group of floating addresses is called."""
ADDRESSES = "addresses"
"""What the rows of a form are called of which each is about a floating address."""
Summed = tuple[str, list[tuple[str, str]]]
"""What an answer is called, and what it says: a value, and what that is of, where there are several."""


class Page(ABC):
    """One topic. `rows`: what its rows are called, one a server or a health check, where it has some.

    `paths`: (pattern of a setting's path in the cluster, name of the field that asks for it), beside those of the
    settings that the table puts on this page. In the patterns INSTANCE stands for the instance that is being edited;
    groups go into the field's name.
    """

    slug: str
    title: Said
    short: Said  # what its answer is called where all of them are listed
    form: type[Form]
    looks = False  # at the servers, before it asks
    listens = False  # what the servers heard in their network
    asks = False  # the network about what was answered
    grouped = True  # asked for every group of addresses by itself
    each = ""
    paths: tuple[tuple[str, str], ...] = ()

    @abstractmethod
    def fill(self, draft: Draft, instance: str) -> dict[str, Any]:
        """What the form shows for this draft."""

    @abstractmethod
    def apply(self, form: Any, draft: Draft, instance: str) -> None:
        """Put what was typed into the draft, right or wrong."""

    def make(self, draft: Draft, instance: str, typed: Any = None) -> Any:
        """The form, with what was typed, or else with what the draft says."""
        return self.form(typed) if typed is not None else self.form(data=self.fill(draft, instance))

    def add_row(self, form: Any, action: str) -> bool:
        """Change the number of rows, where a button for that was pressed."""
        return False

    def wanted(self, draft: Draft) -> bool:
        """Whether it is one of the questions that everybody is asked."""
        return True

    def rows(self, draft: Draft, instance: str) -> list[str]:
        """What the rows of its form are about, in their order; the core calls it by name."""
        return [str(host[0]) for host in draft.hosts]

    def answers(self, draft: Draft, instance: str) -> list[tuple[str, str]]:
        """Label and value of every answer."""
        return [row for field in self.make(draft, instance) for row in _answer(field)]

    def summary(self, draft: Draft, instance: str) -> list[Summed]:
        """Every answer as briefly as can be, for whoever knows the question; what stands alone needs no label."""
        rows = self.answers(draft, instance)
        return [(self.short, rows if self.each else [("", value) for _, value in rows])]

    def field_of(self, path: str, instance: str) -> str | None:
        """The field that the setting at `path` is asked with; None where it is not on this page."""
        for pattern, name in (*self.paths, *(_place(row, self.each) for row in asked(self.slug))):
            found = re.fullmatch(pattern.replace("INSTANCE", re.escape(instance)), path)
            if found:
                return found.expand(name)
        return None


def _place(row: Setting, each: str) -> tuple[str, str]:
    """The path of a setting, or of one of its values, and its field."""
    paths = {
        Scope.CLUSTER: "",
        Scope.INSTANCE: r"vrrp_instances\.INSTANCE\.",
        Scope.MEMBER: r"nodes\.([^.]+)\.vrrp\.INSTANCE\.",
        Scope.NODE: r"nodes\.([^.]+)\.",
        Scope.SERVER: r"nodes\.([^.]+)\.",
        Scope.DEVICE: r"vrrp_instances\.INSTANCE\.foreign\.([^.]+)\.",
        Scope.CHECK: r"vrrp_scripts\.([^.]+)\.",
        Scope.ADDRESS: r"vrrp_instances\.INSTANCE\.virtual_ipaddress\.(\d+)\.",
    }
    rows = ADDRESSES if row.scope is Scope.ADDRESS else each
    name = row.asked if "(" not in paths[row.scope] or row.asked == FLOATING else rf"{rows}-\1-{row.asked}"
    within = "" if row.key == FLOATING else r"(?:\.\w+)?"  # their options have fields of their own
    return rf"{paths[row.scope]}{row.key}(?:\.\d+{within})?", name


def field(row: Setting) -> Any:
    """What asks for a setting in a form."""
    if isinstance(row.value, Lines):
        return TextAreaField(row.label)
    return BooleanField(row.label) if isinstance(row.value, Flag) else StringField(row.label)


def filled(row: Setting, block: dict[str, Any]) -> Any:
    """A raw setting as its field shows it."""
    value = block.get(row.key, row.default)
    if isinstance(row.value, Flag):
        return value is True
    if isinstance(row.value, Lines):
        return "\n".join(map(show, value)) if isinstance(value, list | tuple) else show(value)
    if isinstance(row.value, Many):
        between, several = "; " if row in LINES else ", ", isinstance(value, list | tuple)
        return between.join(_shown(row, item) for item in value) if several else show(value)
    if isinstance(row.value, Running):
        return row.value.shown(value)
    return show(row.value.plain(value) if row.key not in block and value is not None else value)


def keep(row: Setting, block: dict[str, Any], answer: Any) -> None:
    """Put what was typed into a block; the default is left out, and what was not asked stays."""
    if isinstance(row.value, Flag):
        put(block, row.key, bool(answer.data), row.default)
    elif answer.raw_data and isinstance(row.value, Lines):
        put(block, row.key, [line.strip() for line in (answer.data or "").splitlines() if line.strip()], [])
    elif answer.raw_data and isinstance(row.value, Many):
        kept = block.get(row.key, ())
        placed = (
            {address_of(address): address for address in kept if isinstance(address, dict)}
            if isinstance(kept, list)
            else {}
        )
        between = r"\s*;\s*" if row in LINES else r"[\s,;]+"
        parts = filter(None, re.split(between, (answer.data or "").strip()))
        put(block, row.key, [placed.get(word, row.value.item.typed(word)) for word in parts], [])
    elif answer.raw_data:
        typed = (answer.data or "").strip() if isinstance(row.value, Text | Running) else number(answer.data)
        put(block, row.key, None if typed == "" and row.default is None else typed, row.default)


def _shown(row: Setting, item: object) -> str:
    """One of several values; of a floating address only that, since its options stay with it."""
    return address_of(item) or str(row.value.item.field(item))  # type: ignore[attr-defined]


def labels(form: Any) -> dict[str, str]:
    """Id of every field that a form asks with → what it is called there; a row's name is the row's, not its own."""
    found: dict[str, str] = {}
    for field in form:
        if hasattr(field, "entries"):
            for entry in field.entries:
                found |= {field.id: field.label.text for field in entry.form if field.short_name != "name"}
        else:
            found[field.id] = field.label.text
    return found


def number(text: str | None) -> object:
    """Digits as a number, anything else as it was typed; the core says what is wrong with it."""
    text = (text or "").strip()
    if re.fullmatch(r"-?[0-9]{1,9}", text):
        return int(text)
    return float(text) if re.fullmatch(r"[0-9]{1,6}\.[0-9]{1,6}", text) else text


def show(value: object) -> str:
    """A raw value as it stands in a text field; a small number without an exponent, which nobody types."""
    if isinstance(value, float) and "e" in str(value):
        return f"{Decimal(str(value)):f}"
    return "" if value is None else str(value)


def block(draft: Draft, instance: str) -> dict[str, Any]:
    """The raw settings of an instance; an empty one is made where there is none."""
    instances = draft.data.setdefault("vrrp_instances", {})
    return dict_in(instances, instance)


def member(host: list[Any], instance: str) -> dict[str, Any]:
    """The raw part of a server in an instance; an empty one is made where there is none."""
    return dict_in(dict_in(host[1], "vrrp"), instance)


def part(host: list[Any], instance: str) -> dict[str, Any]:
    """The raw part of a server in an instance, to look at; empty where it takes none."""
    vrrp = host[1].get("vrrp")
    found = vrrp.get(instance) if isinstance(vrrp, dict) else None
    return found if isinstance(found, dict) else {}


def members(draft: Draft, instance: str) -> list[list[Any]]:
    """The servers that take part in an instance; all, as long as none does."""
    return [host for host in draft.hosts if part(host, instance)] or draft.hosts


def _answer(field: Any) -> list[tuple[str, str]]:
    if hasattr(field, "entries"):
        return [
            (say("{server}: {label}", server=next(iter(entry.form)).data, label=box.label.text), _words(box.data))
            for entry in field.entries
            for box in entry.form
            if box.data and box.type not in ("HiddenField", "SelectField")  # what they say stands in the others
        ]
    return [(field.label.text, chosen(field) if hasattr(field, "choices") else _words(field.data))]


def chosen(field: Any) -> str:
    """What people read of the option that was chosen."""
    return next((choice.label for choice in field.choices if choice.value == field.data), "")


def _words(value: object) -> str:
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    return show(value)


def floating(draft: Draft, instance: str) -> list[Any]:
    """The floating addresses of an instance, as raw as they are: text, or dicts where they have options."""
    found = block(draft, instance).get(FLOATING)
    return list(found) if isinstance(found, list | tuple) else []


def dict_in(parent: dict[str, Any], key: str) -> dict[str, Any]:
    """The dict at `key`, put there where there is none."""
    if not isinstance(parent.get(key), dict):
        parent[key] = {}
    found: dict[str, Any] = parent[key]
    return found


def put(parent: dict[str, Any], key: str, value: object, default: object) -> None:
    """Set a value; one that is the default anyway is left out, as the inventory's writer does."""
    if value == default:
        parent.pop(key, None)
    else:
        parent[key] = value
