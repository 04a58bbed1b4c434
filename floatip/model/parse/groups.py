"""Reads `vrrp_sync_group`: which instances move together."""

from __future__ import annotations

from floatip.model import fields
from floatip.model.cluster import SyncGroup
from floatip.model.messages import say
from floatip.model.parse.reading import Reading, join


def read_groups(reading: Reading, path: str, raw: object) -> tuple[SyncGroup, ...]:
    """All groups, in file order; names that are none are left out."""
    blocks = reading.mapping(path, say("vrrp_sync_group"), raw)
    return tuple(
        SyncGroup(str(name), _names(reading, join(path, name), str(name), block))
        for name, block in blocks.items()
        if reading.accepts(join(path, name), say("The name of a sync group"), fields.object_name, name)
    )


def _names(reading: Reading, path: str, name: str, raw: object) -> tuple[str, ...]:
    subject = say("Sync group {name}", name=name)
    items = enumerate(reading.items(path, subject, raw))
    named = say("The name of an instance of {label}", label=subject)
    return tuple(
        str(item) for number, item in items if reading.accepts(f"{path}.{number}", named, fields.object_name, item)
    )
