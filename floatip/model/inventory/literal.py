"""Writes plain values as Python literals, laid out as `ruff format` would, with `repr` for each atom.

Never a template: a rendered name was shown to run code as soon as pyinfra loaded the file.
"""

from __future__ import annotations

WIDTH = 120
STEP = 4


def pretty(value: object, indent: int = 0, extra: int = 0) -> str:
    """The literal for `value`; on one line where it fits and holds no list of dicts.

    `extra` is how many characters stand before it on its line (after `indent`).
    """
    flat = _flat(value)
    if not isinstance(value, dict | list | tuple) or not value:
        return flat
    if indent + extra + len(flat) < WIDTH and _depth(value) < 2:
        return flat
    inner = indent + STEP
    lines = "".join(f"{' ' * inner}{line},\n" for line in _lines(value, inner))
    opening, closing = _brackets(value)
    return f"{opening}\n{lines}{' ' * indent}{closing}"


def _lines(value: dict[object, object] | list[object] | tuple[object, ...], indent: int) -> list[str]:
    if not isinstance(value, dict):
        return [pretty(item, indent) for item in value]
    keys = [(atom(key), item) for key, item in value.items()]
    return [f"{key}: {pretty(item, indent, len(key) + 2)}" for key, item in keys]


def _flat(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{atom(key)}: {_flat(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        opening, closing = _brackets(value)
        comma = "," if isinstance(value, tuple) and len(value) == 1 else ""
        return opening + ", ".join(_flat(item) for item in value) + comma + closing
    return atom(value)


def _brackets(value: object) -> tuple[str, str]:
    if isinstance(value, dict):
        return "{", "}"
    return ("[", "]") if isinstance(value, list) else ("(", ")")


def _depth(value: object) -> int:
    """How many dicts are nested below this one; deep values are never pleasant on one line."""
    if isinstance(value, dict):
        return max((_depth(item) for item in value.values()), default=0) + int(_holds_dict(value))
    if isinstance(value, list | tuple):
        return max((_depth(item) for item in value), default=0) + int(_holds_dict(value))
    return 0


def _holds_dict(value: object) -> bool:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return any(isinstance(item, dict) for item in items)


def atom(value: object) -> str:
    """One text, number or flag as a literal; text in double quotes where `repr` agrees with them."""
    if isinstance(value, str):
        plain = repr(value)
        if plain[0] == "'" and '"' not in plain and "\\" not in plain:
            return f'"{plain[1:-1]}"'
        return plain
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    raise TypeError(f"an inventory cannot hold a {type(value).__name__}")
