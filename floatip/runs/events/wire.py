"""An event as one line of JSON, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from enum import Enum, IntEnum
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from floatip.model.messages import Said, dumped, loaded
from floatip.runs.events.model import Event

KINDS: Mapping[str, type[Event]] = {kind.__name__.lower(): kind for kind in get_args(Event)}


def line(event: Event) -> str:
    """One line of JSON, its end included."""
    values = {field.name: _written(getattr(event, field.name)) for field in fields(event)}
    return json.dumps({"event": type(event).__name__.lower(), **values}) + "\n"


def read(text: str) -> list[Event]:
    """What was written; lines of other kinds, and what is only half there or of a later release, are left out: a disk
    may have been full for a moment."""
    *whole, _ = text.split("\n")
    return [event for line in whole if (event := _understood(line))]


def _understood(line: str) -> Event | None:
    try:
        return _event(json.loads(line))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def _event(row: Mapping[str, Any]) -> Event | None:
    # Runs of earlier releases, which are kept, have noted the beginnings and ends of steps without their kind.
    kind = KINDS.get(row.get("event") or next((key for key in ("begin", "end") if key in row), ""))
    if kind is None:
        return None
    known = get_type_hints(kind)
    return kind(**{name: _read(known[name], value) for name, value in row.items() if name in known})


def _written(value: object) -> object:
    if isinstance(value, Enum):
        return value.name.lower() if isinstance(value, IntEnum) else value.value
    if isinstance(value, Mapping):
        return {str(key): _written(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_written(item) for item in value]
    return dumped(value)


def _read(kind: Any, value: Any) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is UnionType:
        return None if value is None else _read(inner[0], value)
    if origin is tuple:
        return tuple(_read(inner[0], item) for item in value)
    if origin is Mapping:
        return {key: _read(inner[1], item) for key, item in value.items()}
    if kind is Said:
        return loaded(value)
    if issubclass(kind, IntEnum):
        return kind[value.upper()]
    return kind(value)
