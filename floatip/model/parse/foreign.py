"""Reads `foreign`: the devices of an instance that floatip does not manage."""

from __future__ import annotations

from collections.abc import Mapping

from floatip.model import fields
from floatip.model.cluster import Foreign
from floatip.model.messages import say
from floatip.model.parse.reading import join
from floatip.model.parse.rows import Block, keys, required
from floatip.model.settings import DEVICE

KEY = "foreign"


def read_foreign(settings: Block) -> tuple[Foreign, ...]:
    """All of an instance; those without an address that can be used are left out."""
    if KEY not in settings.raw:
        return ()
    path = join(settings.path, KEY)
    devices = settings.reading.mapping(path, settings.subject(KEY), settings.raw[KEY])
    found = (_foreign(settings, join(path, name), name, raw) for name, raw in devices.items())
    return tuple(device for device in found if device)


def _foreign(settings: Block, path: str, name: object, raw: object) -> Foreign | None:
    reading = settings.reading
    named = reading.accepts(path, say("The name of a device"), fields.node_name, name)
    block = reading.mapping(path, say("Device {name}", name=name), raw)
    reading.keys(path, say("Device {name}", name=name), block, keys(DEVICE), required(DEVICE))
    device = Block(reading, path, block, lambda key: say("{key} of {name}", key=key, name=name))
    values = device.values(DEVICE)
    usable = named and isinstance(raw, Mapping) and values["address"] is not None
    return Foreign(str(name), **values) if usable else None
