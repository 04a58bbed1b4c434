"""Instances that move together, as one line of text: `routers: VI_1, VI_2; others: VI_3, VI_4`."""

from __future__ import annotations

import re

from wizard.pages.base import show


def shown(raw: object) -> str:
    """The raw setting as its field shows it."""
    if not isinstance(raw, dict):
        return show(raw)
    return "; ".join(
        f"{name}: {', '.join(map(show, some if isinstance(some, list) else []))}" for name, some in raw.items()
    )


def typed(text: str) -> dict[str, list[str]]:
    """What was typed, as raw as an inventory; the core says what is wrong with it."""
    parts = [part.partition(":") for part in text.split(";") if part.strip()]
    return {name.strip(): [word for word in re.split(r"[\s,]+", some) if word] for name, _, some in parts}
