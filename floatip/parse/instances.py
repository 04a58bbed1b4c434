"""Reads `vrrp_instances`: what all members of a virtual router share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from ipaddress import ip_address
from typing import TypeVar

from floatip import fields
from floatip.cluster import DEFAULT_ADVERT_INT, Instance, Interface, Member
from floatip.parse.raw_lines import lines
from floatip.parse.reading import Raw, Reading, join
from floatip.words import Said, say

T = TypeVar("T")
REQUIRED = ("virtual_router_id", "virtual_ipaddress")
OPTIONAL = (
    "advert_int",
    "version",
    "nopreempt",
    "preempt_delay",
    "unicast",
    "use_vmac",
    "track_script",
    "extra_lines",
)


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
            found.append(_Block(reading, path, str(name), block).instance(members.get(str(name), ())))
    return tuple(found)


class _Block:
    """One `vrrp_instances` entry while it is read."""

    def __init__(self, reading: Reading, path: str, name: str, raw: object) -> None:
        self.reading, self.name, self.path = reading, name, join(path, name)
        self.subject = say("Instance {name}", name=name)
        self.raw: Raw = reading.mapping(self.path, self.subject, raw)
        required = REQUIRED if isinstance(raw, Mapping) else ()  # what is no dict has been told already
        reading.keys(self.path, self.subject, self.raw, REQUIRED + OPTIONAL, required)

    def instance(self, members: Sequence[Member]) -> Instance:
        addresses = self._addresses(members)
        advert_int = self._take("advert_int", fields.seconds, DEFAULT_ADVERT_INT)
        version, chosen = self._version(addresses, advert_int)
        return Instance(
            name=self.name,
            virtual_router_id=self._take("virtual_router_id", _virtual_router_id, 0),
            virtual_ipaddress=addresses,
            members=tuple(members),
            advert_int=advert_int,
            version=version,
            version_chosen=chosen,
            nopreempt=self._take("nopreempt", fields.flag, False),
            preempt_delay=self._take("preempt_delay", partial(fields.whole, low=0, high=1000), 0),
            unicast=self._take("unicast", fields.flag, False),
            use_vmac=self._take("use_vmac", fields.flag, False),
            track_script=self._names("track_script"),
            extra_lines=self._extra_lines(),
        )

    def _take(self, key: str, field: Callable[[object], T], default: T) -> T:
        if key not in self.raw:
            return default
        return self.reading.take(join(self.path, key), self._setting(key), field, self.raw[key], default)

    def _setting(self, key: str) -> Said:
        return say("{key} of {name}", key=key, name=self.name)

    def _addresses(self, members: Sequence[Member]) -> tuple[Interface, ...]:
        path = join(self.path, "virtual_ipaddress")
        if "virtual_ipaddress" not in self.raw:
            return ()
        subject = self._setting("virtual_ipaddress")
        raw = self.reading.items(path, subject, self.raw["virtual_ipaddress"])
        if self.raw["virtual_ipaddress"] in ([], ()):
            message = say("{subject} {text}", subject=subject, text=fields.EMPTY)
            self.reading.add(path, "no-address", message, say("Write at least one, like 10.9.1.6/24."))
        address = partial(_address, members)
        taken = (self.reading.take(f"{path}.{n}", subject, address, item, None) for n, item in enumerate(raw))
        return tuple(value for value in taken if value is not None)

    def _version(self, addresses: Sequence[Interface], advert_int: float) -> tuple[int, bool]:
        sub_second = not advert_int.is_integer()
        derived = 3 if sub_second or any(value.version == 6 for value in addresses) else 2
        if self.raw.get("version") is None:
            return derived, False
        version = self._take("version", partial(fields.whole, low=2, high=3), 0)
        return version or derived, bool(version)

    def _names(self, key: str) -> tuple[str, ...]:
        if key not in self.raw:
            return ()
        path = join(self.path, key)
        subject = self._setting(key)
        raw = self.reading.items(path, subject, self.raw[key])
        return tuple(str(n) for i, n in enumerate(raw) if self.reading.accepts(f"{path}.{i}", subject, _name, n))

    def _extra_lines(self) -> tuple[str, ...]:
        path = join(self.path, "extra_lines")
        return lines(self.reading, path, say("extra_lines of {name}", name=self.name), self.raw.get("extra_lines", ()))


def _virtual_router_id(raw: object) -> int:
    hint = say("Choose a number from 1 to 255 that no other router on this network uses.")
    return fields.whole(raw, 1, 255, "bad-vrid", hint)


def _address(members: Sequence[Member], raw: object) -> Interface | None:
    try:
        return fields.address(raw)
    except fields.Wrong as wrong:
        if wrong.code != "no-prefix":
            raise
        raise _without_prefix(ip_address(str(raw)), members) or wrong from None


def _without_prefix(ip: fields.Address, members: Sequence[Member]) -> fields.Wrong | None:
    """Which prefix it should have is known where the servers' subnets are; None where they are not."""
    near = [one for one in members if one.address.version == ip.version and not one.address.ip.is_unspecified]
    if not near or ip.is_link_local:
        return None
    prefix = next((one.address.network.prefixlen for one in near if ip in one.address.network), None)
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


def _name(raw: object) -> str:
    return fields.object_name(raw)
