"""Devices that take part in an instance and that floatip does not manage: what has to be known of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from floatip.model import passwords
from floatip.model.messages import say
from floatip.model.settings.row import Change, Scope, Setting
from floatip.model.settings.values import Own, Text, Value, Whole

PASS = """\
authentication {
    auth_type PASS
    auth_pass {{ instance.password }}
}"""

DEVICE: tuple[Setting, ...] = (
    Setting(
        key="address",
        scope=Scope.DEVICE,
        value=Own(),
        required=True,
        doc="the address its adverts come from, without a prefix",
        label=say("Its address"),
        help=say("where its adverts come from, like 10.9.1.1"),
        page="devices",
    ),
    Setting(
        key="priority",
        scope=Scope.DEVICE,
        value=Whole(1, 255),
        required=True,
        neutral=0,
        doc="1-255, a different one than the servers have; 255 if the floating address is its own",
        label=say("Its priority"),
        help=say("as it is set on the device: 1 to 255, different from those of the servers"),
        page="devices",
    ),
)


@dataclass(frozen=True, slots=True)
class Devices(Value):
    """Name → device; `floatip.model.parse.foreign` reads it."""

    keyword = False

    def plain(self, value: Any) -> object:
        """A dict of dicts."""
        return {device.node: {row.key: row.plain(device) for row in DEVICE} for device in value}


FOREIGN = Setting(
    key="foreign",
    scope=Scope.INSTANCE,
    value=Devices(),
    default=(),
    managed=True,
    doc="name → device (below) that shares VRID and addresses with the servers, and that floatip does not manage",
)
AUTHENTICATION = Setting(
    key="authentication",
    scope=Scope.INSTANCE,
    value=Text(passwords.source),
    default="",
    standard="none",
    template=PASS,
    managed=True,
    change=Change.IDENTITY,
    doc='where to find the password that the devices in `foreign` ask for (PASS, VRRP version 2): `"env:NAME"` or '
    '`"file:/whole/path"`, at most 8 characters. It goes over the wire as plain text: it protects against mistakes, '
    "not against somebody who listens",
    label=say("Where its password is (authentication)"),
    help=say("env:NAME or file:/whole/path, not the password itself; default: none"),
    page="devices",
)
