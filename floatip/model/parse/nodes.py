"""Reads the servers: how each is reached, and its part in each VRRP instance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from floatip.model import fields
from floatip.model.cluster import Member
from floatip.model.messages import Said, all_of, say
from floatip.model.parse.reading import Raw, Reading, join
from floatip.model.parse.rows import Block, keys, required
from floatip.model.problems import did_you_mean
from floatip.model.settings import MEMBER, NODE, SERVER
from floatip.model.settings.tracking import apart

SECRETS = ("ssh_password", "ssh_key_password", "_sudo_password", "_su_user", "_use_sudo_password")


CONNECTION: Final[dict[str, Callable[[object], str | int | bool]]] = {row.key: row.value.read for row in SERVER}


def reaching(data: Mapping[str, Any]) -> dict[str, Any]:
    """What of a host's data says how it is reached: all that a process is given which asks it."""
    return {key: value for key, value in data.items() if key in CONNECTION}


def connection(reading: Reading, path: str, subject: Said, raw: object) -> tuple[tuple[str, str | int | bool], ...]:
    """How a host that is no server is reached."""
    block = reading.mapping(path, subject, raw)
    reading.keys(path, subject, block, tuple(CONNECTION))
    given = [key for key in sorted(CONNECTION) if key in block]
    taken = [
        (
            key,
            reading.take(
                join(path, key), say("{key} of {subject}", key=key, subject=subject), CONNECTION[key], block[key], None
            ),
        )
        for key in given
    ]
    return tuple((key, value) for key, value in taken if value is not None)


class Host:
    """One server's entry while it is read."""

    def __init__(self, reading: Reading, number: int, raw: object, instances: tuple[str, ...]) -> None:
        self.reading, self.instances = reading, instances
        name, data = (raw, {}) if isinstance(raw, str) else _pair(raw)
        if name is None:
            message = say(
                "Server {number} must be a tuple of a name and a dict, not {value}.",
                number=number + 1,
                value=fields.show(raw),
            )
            reading.add(f"nodes.{number}", "not-a-pair", message, say('Write ("d1", {{…}}).'))
        known = name is not None and reading.accepts(
            f"nodes.{number}", say("The name of server {number}", number=number + 1), fields.node_name, name
        )
        self.name = str(name) if known else ""
        self.label = self.name or say("server {number}", number=number + 1)
        self.path = f"nodes.{self.name or number}"
        self.raw: Raw = reading.mapping(self.path, say("The data of {label}", label=self.label), data)
        self.readable = name is not None and isinstance(data, Mapping)

    def connection(self) -> tuple[tuple[str, str | int | bool], ...]:
        """The connection settings, sorted by key."""
        for key in [key for key in self.raw if key in SECRETS]:
            message = say(
                "{label} has {key}: floatip uses keys or an SSH agent, not passwords in files.",
                label=self.label,
                key=key,
            )
            self.reading.add(join(self.path, key), "secret", message, say("Use ssh_key, or an agent, and remove this."))
        rest = {key: value for key, value in self.raw.items() if key not in SECRETS}
        required = ("vrrp",) if self.readable else ()
        self.reading.keys(
            self.path, say("The data of {label}", label=self.label), rest, (*CONNECTION, *keys(NODE), "vrrp"), required
        )
        given = sorted(key for key in CONNECTION if key in self.raw)
        taken = ((key, self._connection_value(key)) for key in given)
        return tuple((key, value) for key, value in taken if value is not None)

    def settings(self) -> dict[str, Any]:
        """What the server says of itself."""
        block = Block(self.reading, self.path, self.raw, lambda key: say("{key} of {label}", key=key, label=self.label))
        return block.values(NODE)

    def _connection_value(self, key: str) -> str | int | bool | None:
        return self.reading.take(
            join(self.path, key),
            say("{key} of {label}", key=key, label=self.label),
            CONNECTION[key],
            self.raw[key],
            None,
        )

    def members(self) -> list[tuple[str, Member]]:
        """This server's part in each instance that exists."""
        path = join(self.path, "vrrp")
        blocks = self.reading.mapping(path, say("vrrp of {label}", label=self.label), self.raw.get("vrrp", {}))
        found = []
        for instance, raw in blocks.items():
            if self._is_instance(join(path, instance), instance):
                found.append((str(instance), self._member(join(path, instance), str(instance), raw)))
        return found

    def _is_instance(self, path: str, instance: object) -> bool:
        if instance in self.instances:
            return True
        if self.reading.accepts(
            path, say("The name of an instance of {label}", label=self.label), fields.object_name, instance
        ):
            message = say(
                "{label} takes part in {instance}, but vrrp_instances has none of that name.",
                label=self.label,
                instance=instance,
            )
            self.reading.add(path, "unknown-instance", message, did_you_mean(instance, self.instances))
        return False

    def _member(self, path: str, instance: str, raw: object) -> Member:
        where = say("{label} in {instance}", label=self.label, instance=instance)
        block = self.reading.mapping(path, where, raw)
        self.reading.keys(path, where, block, keys(MEMBER), required(MEMBER) if block else ())
        if block == {} and isinstance(raw, Mapping):
            self.reading.add(
                path,
                "missing",
                say("{where} has no settings.", where=where),
                say("Add {names}.", names=all_of(required(MEMBER))),
            )
        settings = Block(self.reading, path, block, lambda key: say("{key} of {where}", key=key, where=where))
        return Member(node=self.name, **apart(settings.values(MEMBER)))


def _pair(raw: object) -> tuple[object, object]:
    if isinstance(raw, tuple) and len(raw) == 2:
        return raw[0], raw[1]
    return None, {}
