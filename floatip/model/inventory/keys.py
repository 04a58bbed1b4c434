"""Where the files that an inventory names are looked for: a relative path begins where pyinfra is started."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from floatip.model import paths
from floatip.model.cluster import Cluster
from floatip.model.messages import say
from floatip.model.problems import Level, Problem

FILES = ("ssh_key", "ssh_known_hosts_file", "ssh_config_file")
Value = TypeVar("Value")


def check(cluster: Cluster, file: Path) -> tuple[Problem, ...]:
    """Relative keys that are not there. `file`: the inventory."""
    hosts = {f"nodes.{node.name}": dict(node.connection) for node in cluster.nodes}
    found = (_problem(f"{path}.ssh_key", data.get("ssh_key"), file) for path, data in hosts.items())
    return tuple(problem for problem in found if problem)


def _problem(path: str, value: object, file: Path) -> Problem | None:
    start = paths.started_in(file)
    if not isinstance(value, str) or value.startswith(("/", "~")) or (start / value).exists():
        return None
    message = say("There is no {key} in {directory}, where pyinfra is started.", key=value, directory=start)
    for place in (file.resolve().parent, Path.cwd()):
        if (place / value).exists():
            return Problem(path, "relative-key", message, say("Write the absolute path: {path}.", path=place / value))
    return Problem(path, "relative-key", message, say("Write its absolute path."), Level.WARNING)


def whole(cluster: Cluster, start: Path) -> Cluster:
    """The cluster with whole paths, for programs that are started elsewhere than in `start`. In a checkout all start in
    one place, and its inventories stay good when the checkout moves."""
    nodes = tuple(
        replace(node, connection=tuple(whole_paths(node.connection, start).items())) for node in cluster.nodes
    )
    return replace(cluster, nodes=nodes, client=tuple(whole_paths(cluster.client, start).items()))


def whole_paths(data: Iterable[tuple[str, Value]], start: Path) -> dict[str, Value]:
    """The same for the data of one server, right or wrong."""
    return {name: value if paths.CHECKOUT else _whole(name, value, start) for name, value in data}


def _whole(name: str, value: Value, start: Path) -> Value:
    if name not in FILES or not isinstance(value, str) or not value or value.startswith(("/", "~")):
        return value
    return str(start / value)  # type: ignore[return-value]
