"""Reads `vrrp_instances`: what all members of a virtual router share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from ipaddress import ip_address

from floatip.model import fields
from floatip.model.cluster import Instance, Interface, Member
from floatip.model.messages import say
from floatip.model.parse.reading import Raw, Reading, join
from floatip.model.parse.rows import Block, keys, required
from floatip.model.settings import INSTANCE


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
    values = settings.values(INSTANCE, {"virtual_ipaddress": partial(_address, members)})
    if block.get("virtual_ipaddress") in ([], ()):
        message = say("{subject} {text}", subject=settings.subject("virtual_ipaddress"), text=fields.EMPTY)
        hint = say("Write at least one, like 10.9.1.6/24.")
        reading.add(join(path, "virtual_ipaddress"), "no-address", message, hint)
    chosen = values["version"]
    values["version"] = chosen or _version(values["virtual_ipaddress"], values["advert_int"])
    return Instance(name=name, members=tuple(members), version_chosen=bool(chosen), **values)


def _version(addresses: Sequence[Interface], advert_int: float) -> int:
    """What the rest asks for."""
    return 3 if not advert_int.is_integer() or any(value.version == 6 for value in addresses) else 2


def _address(members: Sequence[Member], raw: object) -> Interface | None:
    try:
        return fields.address(raw)
    except fields.Wrong as wrong:
        if wrong.code != "no-prefix":
            raise
        raise _without_prefix(ip_address(str(raw)), members) or wrong from None


def _without_prefix(ip: fields.Address, members: Sequence[Member]) -> fields.Wrong | None:
    """Which prefix it should have is known where the servers' subnets are; None where they are not."""
    near = [
        member for member in members if member.address.version == ip.version and not member.address.ip.is_unspecified
    ]
    if not near or ip.is_link_local:
        return None
    prefix = next((member.address.network.prefixlen for member in near if ip in member.address.network), None)
    if prefix is not None:
        hint = say("Write the subnet too: {ip}/{example}.", ip=ip, example=prefix)
        return fields.Wrong("no-prefix", say("is {value}, without its prefix.", value=fields.show(str(ip))), hint)
    first = near[0]
    return fields.Wrong(
        "outside-subnet",
        say("is {ip}, outside {network}, the subnet of {node}.", ip=ip, network=first.address.network, node=first.node),
        say(
            "Choose an address of that subnet. If your network routes {ip} to the servers, write {ip}/{bits}.",
            ip=ip,
            bits=ip.max_prefixlen,
        ),
    )
