"""The inventories of a directory, and what the others of it claim: two clusters in one network must not share it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from ipaddress import ip_address
from pathlib import Path

from floatip.model.cluster import Cluster
from floatip.model.inventory import attempt
from floatip.model.problems import Problem
from floatip.model.rules import several

MOST = 200
"""Files that are looked at: a directory may be anything, somebody's home too."""


def claims(clusters: Sequence[Cluster], path: str | os.PathLike[str]) -> tuple[Problem, ...]:
    """Warnings about VRIDs, addresses and servers of these clusters that another inventory beside `path` claims too.

    Hosts of this computer, to practise on, are nobody's rivals.
    """
    mine = [cluster for cluster in clusters if not _local(cluster)]
    if not mine:
        return ()
    others = [(name, other) for name, other in _others(Path(path)) if not _local(other)]
    return tuple(
        problem for cluster in mine for name, other in others for problem in several.rivals(cluster, other, name)
    )


def files(directory: Path) -> list[Path]:
    """The inventories of a directory, by name."""
    found = sorted(directory.glob("*.py"))[:MOST] if directory.is_dir() else []
    return [file for file in found if not file.name.startswith((".", "_"))]


def expanded(given: Iterable[Path]) -> list[Path]:
    """These files, and those of these directories. What is named twice is there once."""
    every = [file for path in given for file in (files(path) if path.is_dir() else [path])]
    return list(dict.fromkeys(every))


def _others(path: Path) -> Iterator[tuple[str, Cluster]]:
    for file in files(path.parent):
        if file.name == path.name:
            continue
        yield from ((file.name, parsed.cluster) for parsed in attempt(file) if parsed.cluster)


def _local(cluster: Cluster) -> bool:
    """Whether all servers are reached on this computer, as those of the practice lab are."""
    places = (str(dict(node.connection).get("ssh_hostname", node.name)) for node in cluster.nodes)
    return all(map(_loopback, places))


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
