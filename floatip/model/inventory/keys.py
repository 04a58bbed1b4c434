"""Where the SSH keys of an inventory are looked for: a relative path begins where pyinfra is started."""

from __future__ import annotations

from pathlib import Path

from floatip.model.cluster import Cluster
from floatip.model.messages import say
from floatip.model.paths import ROOT
from floatip.model.problems import Level, Problem


def check(cluster: Cluster, directory: Path) -> tuple[Problem, ...]:
    """Relative keys that are not there. `directory`: where the inventory is."""
    hosts = {f"nodes.{node.name}": dict(node.connection) for node in cluster.nodes}
    found = (_problem(f"{path}.ssh_key", data.get("ssh_key"), directory) for path, data in hosts.items())
    return tuple(problem for problem in found if problem)


def _problem(path: str, value: object, directory: Path) -> Problem | None:
    if not isinstance(value, str) or value.startswith(("/", "~")) or (ROOT / value).exists():
        return None
    message = say("There is no {key} in {directory}, where pyinfra is started.", key=value, directory=ROOT)
    for place in (directory.resolve(), Path.cwd()):
        if (place / value).exists():
            return Problem(path, "relative-key", message, say("Write the whole path: {path}.", path=place / value))
    return Problem(path, "relative-key", message, say("Write its whole path."), Level.WARNING)
