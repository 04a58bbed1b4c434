"""Servers of several clusters, for one request: two files may call different servers `d1`, or one server two names."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

LONGEST = 56  # characters of a name, so that a number fits behind it


class DistinctServers:
    """`data`: name → how it is reached; each server once, under a name that no other one has."""

    def __init__(self) -> None:
        self.data: dict[str, Mapping[str, Any]] = {}
        self._known: dict[str, str] = {}

    def add(self, name: str, data: Any) -> str:
        """The name under which this server is asked: its own, where that is free."""
        reached = {"ssh_hostname": name, **data} if isinstance(data, Mapping) else data
        place = repr(sorted(reached.items(), key=str)) if isinstance(reached, Mapping) else f"{name} {data!r}"
        if place not in self._known:
            free = name if name not in self.data else self._numbered(name)
            self._known[place] = free
            self.data[free] = data if free == name else reached
        return self._known[place]

    def _numbered(self, name: str) -> str:
        tried = (f"{name[:LONGEST]}-{number}" for number in count(2))
        return next(number for number in tried if number not in self.data)
