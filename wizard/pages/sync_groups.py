"""Instances that move together, as one line of text: `routers: VI_1, VI_2; others: VI_3, VI_4`."""

from __future__ import annotations

import re
from typing import Any

from floatip.model.settings.groups import INSTANCES
from wizard.pages.base import show


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
