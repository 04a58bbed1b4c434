"""The lines of a cluster that floatip passes on unchecked, and where each can be changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from floatip.model.cluster import Cluster
from floatip.model.messages import Said
from floatip.model.settings import Scope, setting


@dataclass(frozen=True, slots=True)
class RawLines:
    """Of one block. `instance`: whose, empty for all; `field`: the id of the field that asks for them, none where the
    wizard does not."""

    label: Said
    instance: str
    lines: tuple[str, ...]
    field: str


def of(cluster: Cluster) -> list[RawLines]:
    """Those that there are."""
    return [block for block in _blocks(cluster) if block.lines]


def _blocks(cluster: Cluster) -> Iterator[RawLines]:
    for key, lines in (("global_lines", cluster.global_lines), ("extra_lines", cluster.extra_lines)):
        row = setting(Scope.CLUSTER, key)
        yield RawLines(row.label, "", lines, row.asked)
    row = setting(Scope.INSTANCE, "extra_lines")
    for instance in cluster.instances:
        yield RawLines(row.label, instance.name, instance.extra_lines, row.asked)
