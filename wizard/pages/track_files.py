"""Files with a number that are tracked, as a line of text: `load: /run/load weight -1; spare: /run/s init_file 0`."""

from __future__ import annotations

from typing import Any

from wizard.pages.base import number, show


def shown(raw: object) -> str:
    """The raw setting as its field shows it."""
    if not isinstance(raw, dict):
        return show(raw)
    return "; ".join(f"{name}: {_settings(settings)}" for name, settings in raw.items())


def _settings(raw: object) -> str:
    if not isinstance(raw, dict):
        return show(raw)
    words = [show(raw.get("file")), *(word for key in raw if key != "file" for word in (str(key), show(raw[key])))]
    return " ".join(filter(None, words))


def typed(text: str) -> dict[str, Any]:
    """What was typed, as raw as an inventory; the core says what is wrong with it."""
    parts = [part.partition(":") for part in text.split(";") if part.strip()]
    return {name.strip(): _typed(words.split()) for name, _, words in parts}


def _typed(words: list[str]) -> dict[str, Any]:
    file, rest = words[:1], words[1:]
    pairs = zip(rest[::2], [*rest[1::2], ""], strict=False)
    return {**({"file": file[0]} if file else {}), **{key: number(value) for key, value in pairs}}
