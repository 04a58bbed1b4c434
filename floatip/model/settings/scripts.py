"""Who runs what on a server: the programs of a cluster that somebody else has put there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from floatip.model.cluster import Cluster, Instance
from floatip.model.notify import SCRIPT_USER
from floatip.model.settings.notifying import notifies
from floatip.model.tracking import Script

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
    """What runs on a server as another user than `SCRIPT_USER`, and its own notify programs. floatip's own files are
    root's anyway: of those the user counts."""
    checks = tuple(_of_checks(cluster, node))
    return (*checks, *(notify for instance in cluster.instances_of(node) for notify in _of_notify(instance)))


def _of_notify(instance: Instance) -> Iterator[Runs]:
    """What keepalived would leave undone in silence: also where `SCRIPT_USER` runs it."""
    for key, notify in notifies(instance):
        if not notify.shipped or notify.user != SCRIPT_USER:
            path = OURS if notify.shipped else notify.run.split(" ")[0]
            yield Runs(notify.user, path, f"vrrp_instances.{instance.name}.{key}")


def _of_checks(cluster: Cluster, node: str) -> Iterator[Runs]:
    tracked = {name for instance in cluster.instances_of(node) for name in instance.track_script}
    for script in cluster.scripts:
        if script.name in tracked:
            yield from _of_check(script)


def _of_check(script: Script) -> Iterator[Runs]:
    if script.user != SCRIPT_USER and script.target:
        path = script.target.split(" ")[0] if script.kind == "command" else OURS
        yield Runs(script.user, path, f"vrrp_scripts.{script.name}.user")
