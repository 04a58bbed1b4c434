"""Who runs what on a server: the programs of a cluster that somebody else has put there, and the files that floatip
ships."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from floatip.model.cluster import Cluster, Instance
from floatip.model.notify import SCRIPT_USER, Notify
from floatip.model.settings.fifos import readers
from floatip.model.settings.notifying import notifies
from floatip.model.settings.programs import command, place
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
    return (*_of_checks(cluster, node), *_of_notify(cluster, node))


def notified(cluster: Cluster, instances: Collection[Instance]) -> Iterator[tuple[Notify, str]]:
    """What runs when the state of these changes, and what reads of it, each with the path of its setting."""
    for instance in instances:
        yield from ((notify, f"vrrp_instances.{instance.name}.{key}") for key, notify in notifies(instance))
    names = {instance.name for instance in instances}
    for group in cluster.vrrp_sync_group:
        if names.issuperset(group.instances):
            yield from ((notify, f"vrrp_sync_group.{group.name}.{key}") for key, notify in notifies(group))
    yield from ((program, key) for key, program in readers(cluster))


def _of_notify(cluster: Cluster, node: str) -> Iterator[Runs]:
    """What keepalived would leave undone in silence: also where `SCRIPT_USER` runs it."""
    for notify, where in notified(cluster, cluster.instances_of(node)):
        if not notify.shipped or notify.user != SCRIPT_USER:
            yield Runs(notify.user, OURS if notify.shipped else notify.run.split(" ")[0], where)


def _of_checks(cluster: Cluster, node: str) -> Iterator[Runs]:
    tracked = {name for instance in cluster.instances_of(node) for name in instance.track_script}
    for script in cluster.scripts:
        if script.name in tracked:
            yield from _of_check(script)


def _of_check(script: Script) -> Iterator[Runs]:
    if script.user != SCRIPT_USER and script.target:
        own = script.program is not None and not script.program.shipped
        yield Runs(script.user, script.target.split(" ")[0] if own else OURS, f"vrrp_scripts.{script.name}.user")


def files(cluster: Cluster) -> Iterator[tuple[Notify, str]]:
    """The files beside the inventory, each with the path of its setting."""
    yield from ((notify, where) for notify, where in notified(cluster, cluster.instances) if notify.shipped)
    for script in cluster.scripts:
        if script.program and script.program.shipped:
            yield script.program, f"vrrp_scripts.{script.name}.{script.kind}"


def shipped(cluster: Cluster, node: str) -> dict[str, str]:
    """Path → text of the files that floatip puts on a server."""
    return {place(program): program.text or "" for program in _named(cluster, node) if program.shipped}


def named(cluster: Cluster, node: str) -> set[str]:
    """The paths of all programs that a server's file names."""
    return {command(program).split(" ")[0] for program in _named(cluster, node)}


def with_texts(cluster: Cluster, texts: Mapping[str, str]) -> Cluster:
    """The cluster with the texts of its files: name → text."""
    return replace(
        cluster,
        instances=tuple(replace(instance, **_found(notifies(instance), texts)) for instance in cluster.instances),
        scripts=tuple(_with_source(script, texts) for script in cluster.scripts),
        vrrp_sync_group=tuple(replace(group, **_found(notifies(group), texts)) for group in cluster.vrrp_sync_group),
        **_found(readers(cluster), texts),
    )


def _found(programs: Iterable[tuple[str, Notify]], texts: Mapping[str, str]) -> dict[str, Any]:
    return {key: replace(program, text=texts[program.file]) for key, program in programs if program.file in texts}


def _with_source(script: Script, texts: Mapping[str, str]) -> Script:
    name = script.program.file if script.program else ""
    return replace(script, source=texts[name]) if name in texts else script


def _named(cluster: Cluster, node: str) -> Iterator[Notify]:
    instances = cluster.instances_of(node)
    yield from (notify for notify, _ in notified(cluster, instances))
    tracked = {name for instance in instances for name in instance.track_script}
    yield from (script.program for script in cluster.scripts if script.program and script.name in tracked)
