"""The directory of inventories: what is there, and what a finished cluster becomes."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from floatip.model import inventory
from floatip.model.cluster import Cluster
from floatip.model.inventory import keys
from floatip.model.inventory.beside import DIRECTORY
from floatip.model.inventory.reading import LARGEST
from floatip.model.paths import started_in
from floatip.model.problems import Problem
from floatip.operate import fleet

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


AGED = 30.0  # seconds after which a file is read again though it is the same: its keys may have come or gone
AT_ONCE = 3  # files of that age that are read for one page
Stamp = tuple[tuple[int, int, int], ...]


class Inventories:
    """A directory of inventories, by its whole path: what is started elsewhere is given it, too."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.absolute()
        self._read: dict[str, tuple[Stamp, float, fleet.File]] = {}

    def names(self) -> list[str]:
        """Those that can be opened by name."""
        files = self.directory.glob("*.py") if self.directory.is_dir() else ()
        return sorted(file.stem for file in files if NAME.fullmatch(file.stem) and file.is_file())

    def obstacles(self) -> dict[str, tuple[Problem, ...]]:
        """Name → why it cannot be deployed; nothing where it can be. None of them is run to find out."""
        return {name: file.problems for name, file in self.files().items()}

    def files(self) -> dict[str, fleet.File]:
        """Name → what it describes. What has not changed is not read again."""
        now, beside = time.monotonic(), _stamp(self.directory.glob(f"{DIRECTORY}/*.py"))
        found, aged = {}, 0
        for name in self.names():
            stamp = (*_stamp([self.path(name)]), *beside)
            before, at, file = self._read.get(name, ((), now, None))
            aged += (old := now - at > AGED)
            if file is None or before != stamp or (old and aged <= AT_ONCE):
                (fresh,), at = fleet.read([self.path(name)]), now
                file = file if fresh == file else fresh  # what is known of it is known by the very value
            found[name] = (stamp, at, file)
        self._read = found
        return {name: file for name, (_, _, file) in found.items()}

    def shown(self, name: str) -> str:
        """Its text; nothing where it cannot be read."""
        try:
            return self.text(name)
        except OSError:
            return ""

    def path(self, name: str) -> Path:
        """Where the file of this name is, or would be."""
        return self.directory / f"{name}.py"

    def command(self, name: str) -> str:
        """What deploys the file of this name, in any directory."""
        return shlex.join(["floatip", "deploy", str(self.path(name))])

    def text(self, name: str) -> str:
        """The file as it stands. OSError where it cannot be read."""
        with self.path(name).open("rb") as file:
            return file.read(LARGEST + 1).decode("utf-8", "replace")

    def whole(self, name: str, hosts: list[list[Any]], data: dict[str, Any]) -> tuple[list[list[Any]], dict[str, Any]]:
        """The values of an inventory with whole paths: a draft has its place elsewhere."""
        start, client = started_in(self.path(name)), data.get("client")
        looks_on = {"client": keys.whole_paths(client.items(), start)} if isinstance(client, dict) else {}
        return [[host, keys.whole_paths(settings.items(), start)] for host, settings in hosts], {**data, **looks_on}

    def differs(self, cluster: Cluster) -> bool:
        """Whether another text stands there already under this name."""
        return cluster.name in self.names() and self.text(cluster.name) != inventory.dumps(cluster)

    def save(self, cluster: Cluster) -> Path:
        """Write it, whole or not at all."""
        self.directory.mkdir(parents=True, exist_ok=True)
        return inventory.save(cluster, self.directory)


def _stamp(files: Iterable[Path]) -> Stamp:
    """Another one where a file has become another."""
    found = []
    for file in sorted(files):
        with suppress(OSError):
            seen = file.stat()
            found.append((seen.st_ino, seen.st_mtime_ns, seen.st_size))
    return tuple(found)
