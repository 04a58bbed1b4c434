"""What the last deploy put on which servers: an inventory for each cluster, written when its proof has succeeded.

A server runs one configuration, so it belongs to one of these: a cluster that takes over a server of another one takes
its place. Servers are known by the way SSH takes to them, and by their own addresses in a cluster of the same name, so
that a changed SSH setting does not make them strangers.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from floatip.model import inventory
from floatip.model.cluster import Cluster
from floatip.model.inventory.data import hosts_data
from floatip.runs import storage

Hosts = Iterable[Sequence[Any]]
"""Servers as an inventory has them, or a draft: (name, host data), right or wrong."""
Place = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """A cluster as it was deployed. `at`: when, in seconds since the epoch; `places`: what its servers are known by."""

    cluster: Cluster
    at: float
    file: Path
    places: frozenset[Place]


Stamp = tuple[int, int, int]
_read: dict[Path, tuple[Stamp, Record | None]] = {}
"""The files as they were read last. A page that follows a cluster asks every second, and hardly ever is one of them
new; each is written whole, so another content has another stamp."""


def keep(cluster: Cluster) -> None:
    """From now on the servers of this cluster run it. OSError or ValueError where that cannot be written."""
    directory = _directory() / _key(cluster)
    inventory.save(cluster, directory)
    own = _of(cluster)
    for record in _records():
        if record.file.parent != directory and own & record.places:
            shutil.rmtree(record.file.parent)


def forget(cluster: Cluster) -> None:
    """Nothing is deployed on these servers any more. OSError where that cannot be written."""
    for record in _records():
        if _of(cluster) & record.places:
            shutil.rmtree(record.file.parent)


def rename(cluster: Cluster, old: str) -> None:
    """What its servers run is called like this cluster from now on, where it was called `old`; since when it runs
    stays. OSError or ValueError where that cannot be written."""
    record = of(cluster.name, hosts_data(cluster))
    if record and record.cluster.name == old:
        keep(replace(record.cluster, name=cluster.name))
        now = of(cluster.name, hosts_data(cluster))
        if now:
            os.utime(now.file, (record.at, record.at))


def of(name: str, hosts: Hosts, records: Iterable[Record] | None = None) -> Record | None:
    """What was last deployed on these servers; None where nothing was, from here. `records`: where many are asked for,
    what `every` has found."""
    own = _places(name, hosts)
    shared = [(len(own & record.places), record.at, record) for record in (every() if records is None else records)]
    return max((record for record in shared if record[0]), key=lambda record: record[:2], default=(0, 0.0, None))[2]


def every() -> list[Record]:
    """All that was deployed from here."""
    return list(_records())


def _records() -> Iterator[Record]:
    global _read
    now = {file: known for file in sorted(_directory().glob("*/*.py")) if (known := _record(file, _read.get(file)))}
    _read = now  # and not those that are gone
    yield from (record for _, record in now.values() if record)


def _record(file: Path, before: tuple[Stamp, Record | None] | None) -> tuple[Stamp, Record | None] | None:
    """The file, read again only where it is another one; None where it is gone."""
    try:
        found = file.stat()
        stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
        if before and before[0] == stamp:
            return before
        (parsed,) = inventory.read(file)
    except OSError:
        return None
    except ValueError:
        return stamp, None
    cluster = parsed.cluster
    return stamp, Record(cluster, found.st_mtime, file, _of(cluster)) if cluster else None


def _directory() -> Path:
    return storage.state_directory() / "deployed"


def _key(cluster: Cluster) -> str:
    said = repr((cluster.name, sorted(_of(cluster))))
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:16]


def _of(cluster: Cluster) -> frozenset[Place]:
    return _places(cluster.name, hosts_data(cluster))


def _places(name: str, hosts: Hosts) -> frozenset[Place]:
    return frozenset(place for host in hosts for place in _host_places(name, *host))


def _host_places(name: str, node: Any, data: Any) -> Iterator[Place]:
    data = data if isinstance(data, Mapping) else {}
    yield "ssh", str(data.get("ssh_hostname") or node), str(data.get("ssh_port") or 22)
    parts = data.get("vrrp")
    for part in parts.values() if isinstance(parts, Mapping) else ():
        if isinstance(part, Mapping) and part.get("address"):
            yield "vrrp", name, str(part["address"])
