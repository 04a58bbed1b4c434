"""Reads the lists of floating addresses: each address is text, or a dict where it has options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import ip_address

from floatip.model import address_fields, fields
from floatip.model.cluster import Floating, Interface, Member
from floatip.model.instance import FLOATING
from floatip.model.messages import say
from floatip.model.parse.reading import join
from floatip.model.parse.rows import Block, keys
from floatip.model.problems import Level
from floatip.model.settings import ADDRESS, OPTIONS
from floatip.model.settings.addresses import EXTRA


def read_floating(settings: Block, key: str, members: Sequence[Member]) -> tuple[Floating, ...]:
    """All of one list of an instance; those that are wrong are left out."""
    if key not in settings.raw:
        return ()
    path, subject = join(settings.path, key), settings.subject(key)
    items = settings.reading.items(path, subject, settings.raw[key])
    if key == FLOATING and settings.raw[key] in ([], ()):
        message = say("{subject} {text}", subject=subject, text=fields.EMPTY)
        settings.reading.add(path, "no-address", message, say("Write at least one, like 10.9.1.6/24."))
    found = (_floating(settings, key, f"{path}.{number}", item, members) for number, item in enumerate(items))
    return tuple(floating for floating in found if floating)


def _floating(settings: Block, key: str, path: str, raw: object, members: Sequence[Member]) -> Floating | None:
    reading, subject = settings.reading, settings.subject(key)
    if not isinstance(raw, Mapping):
        address = reading.take(path, subject, lambda item: _address(members, item), raw, None)
        return Floating(address) if address else None
    reading.keys(path, subject, raw, keys(ADDRESS), ("address",))
    near = () if raw.get("dev") else members  # what subnets another interface has is not known here
    address = None
    if "address" in raw:
        address = reading.take(join(path, "address"), subject, lambda item: _address(near, item), raw["address"], None)
    block = Block(reading, path, raw, lambda option: say("{key} of {name}", key=option, name=address or subject))
    values = block.values(OPTIONS)
    if values[EXTRA]:
        message = say(
            "{key} of {name} goes into keepalived.conf unchanged and unchecked.", key=EXTRA, name=address or subject
        )
        reading.add(join(path, EXTRA), "unchecked", message, say("Try it with --dry first."), Level.INFO)
    return Floating(address, **values) if address else None


def _address(members: Sequence[Member], raw: object) -> Interface | None:
    try:
        return address_fields.address(raw)
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
