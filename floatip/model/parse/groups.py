"""Reads `vrrp_sync_group`: which instances move together."""

from __future__ import annotations

from collections.abc import Mapping

from floatip.model import fields
from floatip.model.cluster import SyncGroup
from floatip.model.messages import say
from floatip.model.parse.reading import Reading, join
from floatip.model.parse.rows import Block, keys
from floatip.model.settings.groups import INSTANCES
from floatip.model.settings.notifying import NOTIFY


def read_groups(reading: Reading, path: str, raw: object) -> tuple[SyncGroup, ...]:
    """All groups, in file order; names that are none are left out."""
    blocks = reading.mapping(path, say("vrrp_sync_group"), raw)
    return tuple(
        _group(reading, join(path, name), str(name), block)
        for name, block in blocks.items()
        if reading.accepts(join(path, name), say("The name of a sync group"), fields.object_name, name)
    )


def _group(reading: Reading, path: str, name: str, raw: object) -> SyncGroup:
    """A list of instances, or a dict with that list and what runs when they have moved."""
    if not isinstance(raw, Mapping):
        return SyncGroup(name, _names(reading, path, name, raw))
    subject = say("Sync group {name}", name=name)
    reading.keys(path, subject, raw, (INSTANCES, *keys(NOTIFY)), (INSTANCES,))
    settings = Block(reading, path, raw, lambda key: say("{key} of {subject}", key=key, subject=subject))
    instances = _names(reading, join(path, INSTANCES), name, raw.get(INSTANCES, []))
    return SyncGroup(name, instances, **settings.values(NOTIFY))


def _names(reading: Reading, path: str, name: str, raw: object) -> tuple[str, ...]:
    subject = say("Sync group {name}", name=name)
    items = enumerate(reading.items(path, subject, raw))
    named = say("The name of an instance of {label}", label=subject)
    return tuple(
        str(item) for number, item in items if reading.accepts(f"{path}.{number}", named, fields.object_name, item)
    )
