"""Devices that take part in an instance and that floatip does not manage: what has to be known of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from floatip.model.settings.row import Scope, Setting
from floatip.model.settings.values import Own, Value, Whole

DEVICE: tuple[Setting, ...] = (
    Setting(
        key="address",
        scope=Scope.DEVICE,
        value=Own(),
        required=True,
        doc="where its adverts come from, without a prefix",
    ),
    Setting(
        key="priority",
        scope=Scope.DEVICE,
        value=Whole(1, 255),
        required=True,
        neutral=0,
        doc="1-255, another one than the servers have; 255 where the floating address is its own",
    ),
)


@dataclass(frozen=True, slots=True)
class Devices(Value):
    """Name → device; `floatip.model.parse.foreign` reads it."""

    keyword = False

    def plain(self, value: Any) -> object:
        """A dict of dicts."""
        return {one.node: {row.key: row.plain(one) for row in DEVICE} for one in value}


FOREIGN = Setting(
    key="foreign",
    scope=Scope.INSTANCE,
    value=Devices(),
    default=(),
    managed=True,
    doc="name → device (below) that shares VRID and addresses with the servers, and that floatip does not manage",
)
