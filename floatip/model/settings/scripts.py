"""Who runs what on a server: the programs of a cluster that somebody else has put there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from floatip.model.cluster import SCRIPT_USER, Cluster, Script

ROOT: Final = "root"
OURS: Final = "/"
"""In place of a program that is floatip's own."""


@dataclass(frozen=True, slots=True)
class Runs:
    """A user, with his group where one is named, and the program that runs as him; `where`: the setting's path."""

    user: str
    path: str
    where: str

    @property
    def as_root(self) -> bool:
        """Whether root runs it, or a user in root's group."""
        return ROOT in self.user.split()


def programs(cluster: Cluster, node: str) -> tuple[Runs, ...]:
    """What runs on a server as another user than `SCRIPT_USER`. floatip's own script is none: it is root's anyway."""
    tracked = {name for instance in cluster.instances_of(node) for name in instance.track_script}
    return tuple(one for script in cluster.scripts if script.name in tracked for one in _of_check(script))


def _of_check(script: Script) -> Iterator[Runs]:
    if script.user != SCRIPT_USER and script.target:
        path = script.target.split(" ")[0] if script.kind == "command" else OURS
        yield Runs(script.user, path, f"vrrp_scripts.{script.name}.user")
