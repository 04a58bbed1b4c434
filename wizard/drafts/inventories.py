"""The directory of inventories: what is there, and what a finished cluster becomes."""

from __future__ import annotations

import re
from pathlib import Path

from floatip.model import inventory
from floatip.model.cluster import Cluster
from floatip.model.inventory.reading import LARGEST
from floatip.model.problems import Problem

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


class Inventories:
    """`inventories/` of a repository."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def names(self) -> list[str]:
        """Those that can be opened by name."""
        files = self.directory.glob("*.py") if self.directory.is_dir() else ()
        return sorted(file.stem for file in files if NAME.fullmatch(file.stem) and file.is_file())

    def obstacles(self) -> dict[str, tuple[Problem, ...]]:
        """Name → why it cannot be deployed; nothing where it can be. None of them is run to find out."""
        return {name: inventory.obstacles(self.directory / f"{name}.py") for name in self.names()}

    def shown(self, name: str) -> str:
        """Its text; nothing where it cannot be read."""
        try:
            return self.text(name)
        except OSError:
            return ""

    def path(self, name: str) -> Path:
        """Where the file of this name is, or would be."""
        return self.directory / f"{name}.py"

    def text(self, name: str) -> str:
        """The file as it stands. OSError where it cannot be read."""
        with self.path(name).open("rb") as file:
            return file.read(LARGEST + 1).decode("utf-8", "replace")

    def differs(self, cluster: Cluster) -> bool:
        """Whether another text stands there already under this name."""
        return cluster.name in self.names() and self.text(cluster.name) != inventory.dumps(cluster)

    def save(self, cluster: Cluster) -> Path:
        """Write it, whole or not at all."""
        self.directory.mkdir(parents=True, exist_ok=True)
        return inventory.save(cluster, self.directory)
