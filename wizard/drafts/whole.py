"""A saved cluster as a whole, its file with its drafts: another name for it, its deletion, and the way back."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from floatip.model import atomic
from floatip.operate import renaming
from floatip.runs import jobs
from wizard.drafts import KEPT, Draft, Drafts, Stale, own
from wizard.drafts.inventories import Inventories

KEY = re.compile(r"[0-9a-f]{12}")


def rename(name: str, new: str, drafts: Drafts | None, inventories: Inventories, runs: Path) -> None:
    """`renaming.Refused` where it keeps its name. Each draft follows; what nobody has changed is still unchanged."""
    before = own.digest(own.saved(inventories.files().get(name)))
    cluster = renaming.rename(inventories.path(name), new, runs)
    while drafts and (followers := _of(name, drafts)):  # once more where somebody has just answered a question
        for draft in followers:
            draft.name = new
            draft.base = own.digest(cluster) if draft.base == before else draft.base
            with suppress(Stale):
                drafts.save(draft, draft.version)


@dataclass(frozen=True, slots=True)
class Gone:
    """A cluster that was deleted. `at`: when, in seconds since the epoch; `drafts`: the keys of those of it."""

    key: str
    name: str
    at: float
    drafts: frozenset[str]


class Deleted:
    """Clusters whose files were deleted, each in a file of its own in a directory, for a week."""

    def __init__(self, directory: Path, drafts: Drafts, inventories: Inventories) -> None:
        self._directory, self._drafts, self._inventories = directory, drafts, inventories

    def delete(self, name: str, runs: Path) -> str:
        """Delete the file and its drafts; the key by which `restore` has them back. `jobs.Busy` where a run of it is
        under way."""
        path, text = self._inventories.path(name), self._inventories.text(name)
        for run in jobs.newest(runs):
            if run.code is None and run.inventory == path.resolve():
                raise jobs.Busy(run)
        self._swept()
        key, drafts = secrets.token_hex(6), _of(name, self._drafts)
        kept = {"name": name, "text": text, "drafts": [draft.key for draft in drafts]}
        atomic.write(self._directory / f"{key}.json", json.dumps(kept))
        for draft in drafts:
            self._drafts.delete(draft.key)
        path.unlink()
        return key

    def name(self, key: str) -> str:
        """What the cluster was called; nothing where there is none of this key."""
        try:
            return str(self._read(key)["name"])
        except KeyError:
            return ""

    def recent(self) -> Iterator[Gone]:
        """All that can be had back; with each the keys of its drafts, which come back with it."""
        for file in self._directory.glob("*.json"):
            with suppress(KeyError, OSError):
                kept, at = self._read(file.stem), file.stat().st_mtime
                if time.time() - at <= KEPT:
                    yield Gone(file.stem, str(kept["name"]), at, frozenset(map(str, kept["drafts"])))

    def restore(self, key: str) -> str:
        """Have it back; its name. KeyError where there is none of this key, FileExistsError where another one has its
        name by now."""
        kept = self._read(key)
        name = str(kept["name"])
        if name in self._inventories.names():
            raise FileExistsError(name)
        atomic.write(self._inventories.path(name), str(kept["text"]), atomic.PUBLIC)
        for draft in kept["drafts"]:
            with suppress(KeyError):  # it was swept, or is back already
                self._drafts.restore(str(draft))
        (self._directory / f"{key}.json").unlink(missing_ok=True)
        return name

    def _read(self, key: str) -> dict[str, Any]:
        if not KEY.fullmatch(key):
            raise KeyError(key)
        try:
            found = json.loads((self._directory / f"{key}.json").read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise KeyError(key) from error
        if not isinstance(found, dict) or not isinstance(found.get("drafts"), list) or not {"name", "text"} <= {*found}:
            raise KeyError(key)
        return found

    def _swept(self) -> None:
        for file in self._directory.glob("*.json"):
            with suppress(OSError):
                if time.time() - file.stat().st_mtime > KEPT:
                    file.unlink()


def _of(name: str, drafts: Drafts) -> list[Draft]:
    return [draft for draft in drafts.all() if draft.name == name]
