"""Instances that move together, as one line of text: `routers: VI_1, VI_2; others: VI_3, VI_4`; and for each group that
is there what runs when it has moved, in a row of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from wtforms import Form, HiddenField

from floatip.model.settings.groups import INSTANCES, SYNC
from floatip.model.settings.notifying import NOTIFY
from wizard.drafts import Draft
from wizard.pages.base import field, filled, keep, show

GROUPS = "groups"
"""What the rows of a form are called of which each is about a group."""
PATHS = ((rf"{SYNC.key}\.([^.]+)\.({'|'.join(row.key for row in NOTIFY)})", rf"{GROUPS}-\1-\2"),)


class _Group(Form):
    group = HiddenField()


GroupForm: type[Form] = type("GroupForm", (_Group,), {row.asked: field(row) for row in NOTIFY})


def names(draft: Draft) -> list[str]:
    """Those of the groups, in the order of their rows."""
    return [str(name) for name in _groups(draft)]


def rows(draft: Draft) -> list[dict[str, Any]]:
    """What the row of each group shows."""
    return [
        {"group": str(name), **{row.asked: filled(row, _dict(raw)) for row in NOTIFY}}
        for name, raw in _groups(draft).items()
    ]


def put(entries: Iterable[Any], draft: Draft) -> None:
    """Put what was typed into the groups that are still there; one that runs nothing is a list of instances."""
    groups, typed = _groups(draft), {entry.form.group.data: entry.form for entry in entries}
    for name in groups.keys() & typed.keys():
        block = _dict(groups[name])
        for row in NOTIFY:
            keep(row, block, typed[name][row.asked])
        groups[name] = block if block.keys() - {INSTANCES} else block.get(INSTANCES, groups[name])


def _groups(draft: Draft) -> dict[Any, Any]:
    found = draft.data.get(SYNC.key)
    return found if isinstance(found, dict) else {}


def _dict(raw: object) -> dict[str, Any]:
    """A group as one that runs something, as raw as it is."""
    return dict(raw) if isinstance(raw, dict) else {INSTANCES: raw}


def shown(raw: object) -> str:
    """The raw setting as its field shows it."""
    if not isinstance(raw, dict):
        return show(raw)
    return "; ".join(f"{name}: {', '.join(map(show, _instances(some)))}" for name, some in raw.items())


def _instances(raw: object) -> list[object]:
    some = raw.get(INSTANCES) if isinstance(raw, dict) else raw
    return some if isinstance(some, list) else []


def typed(text: str, old: object = None) -> dict[str, Any]:
    """What was typed, as raw as an inventory; the core says what is wrong with it. `old`: the raw setting as it is;
    what runs when a group of that name has moved stays."""
    parts = [part.partition(":") for part in text.split(";") if part.strip()]
    named = {name.strip(): [word for word in re.split(r"[\s,]+", some) if word] for name, _, some in parts}
    before = old if isinstance(old, dict) else {}
    return {
        name: {**before[name], INSTANCES: some} if isinstance(before.get(name), dict) else some
        for name, some in named.items()
    }
