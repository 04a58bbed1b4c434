"""Drafts: clusters that are being described, each a file of its own, written whole at every Continue.

A draft is raw: it holds what was typed, right or wrong, in the shape of an inventory. `floatip.model.parse` judges it.

own          whether a draft says something else than the inventory that it was saved as
inventories  the directory of inventories, and what a finished cluster becomes
whole        a saved cluster as a whole: renamed, deleted, restored
bundle       a finished cluster as a zip
"""

from __future__ import annotations

import json
import os
import re
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from floatip.model import atomic
from floatip.model.inventory import bound_name
from floatip.model.messages import say
from floatip.model.parse import Parsed, parse
from floatip.runs.lock import process

KEY = re.compile(r"[a-z0-9]{12}")
GONE = ".deleted"
KEPT = 7 * 86400  # seconds for which what was deleted can be had back


@dataclass(slots=True)
class Draft:
    """One cluster as typed so far. `found`: what the servers said of themselves; `version` grows with each save;
    `anyway`: the warnings that somebody has read and goes on in spite of;
    `goal`: "adopt" until what the servers run was taken over;
    `aside`: what was typed or ticked and is no answer yet, by page: `keys`, `name`, `files`;
    `base`: the digest of the saved inventory that it was made from, or saved as; `who`: answered last, as user@host."""

    key: str
    name: str = ""
    hosts: list[list[Any]] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)
    version: int = 0
    anyway: list[str] = field(default_factory=list)
    goal: str = ""
    aside: dict[str, Any] = field(default_factory=dict)
    base: str = ""
    who: str = ""

    def parsed(self) -> Parsed:
        """The cluster, or every problem."""
        return parse(self.name, [tuple(host) for host in self.hosts], self.data)

    @property
    def title(self) -> str:
        """What people call it."""
        return self.name or say("New cluster")

    @property
    def identifier(self) -> str:
        """The name in the inventory file."""
        return bound_name(self.name)


def _understood(stored: Any) -> Draft:
    """A draft of this release or of another one: what this one does not know is left out. ValueError, or TypeError,
    where it is none."""
    draft = Draft(**{field.name: stored[field.name] for field in fields(Draft) if field.name in stored})
    kinds = (draft.hosts, list), (draft.data, dict), (draft.found, dict), (draft.anyway, list), (draft.aside, dict)
    pairs = all(isinstance(host, list) and len(host) == 2 and isinstance(host[1], dict) for host in draft.hosts)
    if not pairs or not all(isinstance(value, kind) for value, kind in kinds):
        raise ValueError(stored)
    return draft


class Stale(Exception):
    """Somebody saved this draft in between; `stored` is theirs."""

    def __init__(self, stored: Draft) -> None:
        self.stored = stored
        super().__init__(f"version {stored.version} is stored")


class Drafts:
    """All drafts in a directory. They never expire."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._lock = threading.Lock()

    def new(self, **values: Any) -> Draft:
        """A fresh draft, stored."""
        alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
        draft = Draft("".join(secrets.choice(alphabet) for _ in range(12)), **values)
        return self.save(draft, draft.version)

    def get(self, key: str) -> Draft:
        """The draft; KeyError where there is none, or where its file cannot be understood."""
        if not KEY.fullmatch(key):
            raise KeyError(key)
        try:
            return _understood(json.loads((self.directory / f"{key}.json").read_text("utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise KeyError(key) from error

    def all(self) -> list[Draft]:
        """Every draft, the newest first."""
        files = sorted(self.directory.glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True)
        found = []
        for file in files:
            try:
                found.append(self.get(file.stem))
            except KeyError:
                continue
        return found

    def save(self, draft: Draft, based_on: int) -> Draft:
        """Store it as the next version; `Stale` where `based_on` is not the version that is stored."""
        with self._lock:
            try:
                stored = self.get(draft.key)
            except KeyError:
                stored = None
            if stored and stored.version != based_on:
                raise Stale(stored)
            draft.version = based_on + 1
            same = stored and (stored.hosts, stored.data) == (draft.hosts, draft.data)
            draft.who = stored.who if stored and same else process.who()
            atomic.write(self.directory / f"{draft.key}.json", json.dumps(asdict(draft)))
        return draft

    def delete(self, key: str) -> None:
        """Forget it; `restore` has it back for a week."""
        self.get(key)
        self._swept()
        atomic.move(self.directory / f"{key}.json", self.directory / f"{key}{GONE}")
        os.utime(self.directory / f"{key}{GONE}")

    def restore(self, key: str) -> None:
        """Have it back; KeyError where there is none that was deleted lately."""
        if not KEY.fullmatch(key) or (self.directory / f"{key}.json").exists():
            raise KeyError(key)
        try:
            atomic.move(self.directory / f"{key}{GONE}", self.directory / f"{key}.json")
        except OSError as error:
            raise KeyError(key) from error

    def recent(self) -> Iterator[tuple[Draft, float]]:
        """Those that can be restored, and when they were deleted, in seconds since the epoch."""
        for file in self.directory.glob(f"*{GONE}"):
            with suppress(OSError, ValueError, TypeError):
                at = file.stat().st_mtime
                if time.time() - at <= KEPT and KEY.fullmatch(file.stem):
                    yield _understood(json.loads(file.read_text("utf-8"))), at

    def deleted(self, key: str) -> bool:
        """Whether it can be restored."""
        return bool(KEY.fullmatch(key)) and (self.directory / f"{key}{GONE}").exists()

    def _swept(self) -> None:
        """Without those that were deleted long ago."""
        for file in self.directory.glob(f"*{GONE}"):
            with suppress(OSError):
                if time.time() - file.stat().st_mtime > KEPT:
                    file.unlink()
