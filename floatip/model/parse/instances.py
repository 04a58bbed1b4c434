"""Reads `vrrp_instances`: what all members of a virtual router share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from floatip.model import fields
from floatip.model.cluster import Floating, Instance, Member
from floatip.model.instance import EXCLUDED, FLOATING
from floatip.model.messages import say
from floatip.model.parse.addresses import read_floating
from floatip.model.parse.foreign import KEY, read_foreign
from floatip.model.parse.reading import Raw, Reading, join
from floatip.model.parse.rows import Block, keys, required
from floatip.model.settings import INSTANCE
from floatip.model.settings.tracking import apart


def instance_names(raw: object) -> tuple[str, ...]:
    """The usable names in `vrrp_instances`, for the members to refer to."""
    if not isinstance(raw, Mapping):
        return ()
    return tuple(name for name in raw if isinstance(name, str) and fields.OBJECT_NAME.fullmatch(name))


def read_instances(
    reading: Reading, path: str, raw: object, members: Mapping[str, Sequence[Member]]
) -> tuple[Instance, ...]:
    """All instances, in file order; broken settings have neutral values."""
    blocks = reading.mapping(path, say("vrrp_instances"), raw)
    found = []
    for name, block in blocks.items():
        if reading.accepts(join(path, name), say("The name of a VRRP instance"), fields.object_name, name):
            found.append(_instance(reading, join(path, name), str(name), block, members.get(str(name), ())))
    return tuple(found)


def _instance(reading: Reading, path: str, name: str, raw: object, members: Sequence[Member]) -> Instance:
    subject = say("Instance {name}", name=name)
    block: Raw = reading.mapping(path, subject, raw)
    needed = required(INSTANCE) if isinstance(raw, Mapping) else ()  # what is no dict has been told already
    reading.keys(path, subject, block, keys(INSTANCE), needed)
    settings = Block(reading, path, block, lambda key: say("{key} of {name}", key=key, name=name))
    values = settings.values(row for row in INSTANCE if row.key not in (FLOATING, EXCLUDED, KEY))
    values |= {key: read_floating(settings, key, members) for key in (FLOATING, EXCLUDED)}
    values[KEY] = read_foreign(settings)
    chosen = values["version"]
    values["version"] = chosen or _version(values[FLOATING], values["advert_int"])
    return Instance(name=name, members=tuple(members), version_chosen=bool(chosen), **apart(values))


def _version(addresses: Sequence[Floating], advert_int: float) -> int:
    """What the rest asks for."""
    return 3 if not advert_int.is_integer() or any(value.version == 6 for value in addresses) else 2
