"""One look at the servers of many clusters: each server is asked once, whoever it belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from floatip.hosts.distinct import DistinctServers
from floatip.hosts.monitor import Snapshot
from floatip.model.cluster import Cluster


class FleetServers:
    """The servers of these clusters. `hosts`: name → how it is reached, for a monitor."""

    def __init__(self, clusters: Sequence[Cluster]) -> None:
        servers = DistinctServers()
        self._names = [
            {node.name: servers.add(node.name, dict(node.connection)) for node in each.nodes} for each in clusters
        ]
        self.hosts: Mapping[str, Mapping[str, Any]] = servers.data

    def of(self, number: int, seen: Snapshot) -> Snapshot:
        """What was seen of the servers of one cluster, by its names."""
        names = self._names[number]
        found = {name: seen.found[key] for name, key in names.items() if key in seen.found}
        failures = {name: seen.failures[key] for name, key in names.items() if key in seen.failures}
        return Snapshot(seen.at, found, failures)
