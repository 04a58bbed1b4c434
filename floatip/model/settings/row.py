"""What one row of the table says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

from floatip.model.messages import NO_MESSAGE, Said
from floatip.model.settings.values import Value

Version = tuple[int, ...]


def dotted(version: Version) -> str:
    """`2.1.5`."""
    return ".".join(map(str, version))


class Scope(StrEnum):
    """Whose setting it is."""

    CLUSTER = "cluster"
    INSTANCE = "instance"  # of a `vrrp_instance`, on all servers
    MEMBER = "member"  # of one server in a `vrrp_instance`
    ADDRESS = "address"  # of a floating address, on all servers
    DEVICE = "device"  # of one in an instance that floatip does not manage
    CHECK = "check"
    FILE = "file"  # with a number that is tracked
    NODE = "node"  # of one server, in `global_defs`
    SERVER = "server"  # how it is reached


class Change(StrEnum):
    """What a running daemon makes of another value, and so how the planner brings it in."""

    RELOAD = "reload"
    IDENTITY = "new VRRP identity"  # the other servers do not hear it any more
    START_OVER = "restart with a handover"  # it drops the instance and begins anew


class Place(IntEnum):
    """Where its lines stand within the block; within one place the table's order holds."""

    LINE = 0
    PEERS = 1
    BLOCK = 2
    SCRIPTS = 3  # behind `script_user`, which counts for what comes after it


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting. The field of the model's dataclass is called like its key.

    `default`: what holds where an inventory is silent; None leaves it to keepalived. `standard`: the default in the
    words of the documentation, where `default` does not say it. `neutral`: what stands for a required value that is
    missing or wrong. `stored`: the value of an owner (instance, member, …) that goes into an inventory, and `shown`:
    the one that is rendered, where they are not its field.

    `keywords`: those it is rendered with, else its key; `template`: its lines in Jinja, where they are not
    `keyword value`, a keyword alone, or a block of values; `always`: rendered though it is the default.
    `managed`: rules or plan rely on it, so raw lines may not say it, unless it is `tolerated`: inventories that are
    older than the row say it so. `decides`: the keywords whose change matters, and
    `presence`: only whether they are there. `since`: the first keepalived that knows it, where that is newer than
    2.1.5, of Debian 11, or that a relative of Debian may have an older one.

    `doc`: Markdown for docs/inventory.md. `label`, `help`: of its field on `page`, which is called `field` there.
    """

    key: str
    scope: Scope
    value: Value
    doc: str
    default: Any = None
    standard: str = ""
    required: bool = False
    neutral: Any = None
    stored: Callable[[Any], object] | None = None
    shown: Callable[[Any], object] | None = None
    keywords: tuple[str, ...] = ()
    template: str = ""
    always: bool = False
    place: Place = Place.LINE
    managed: bool = False
    tolerated: bool = False
    change: Change = Change.RELOAD
    decides: tuple[str, ...] = ()
    presence: bool = False
    since: Version = ()
    label: Said = NO_MESSAGE
    help: Said = NO_MESSAGE
    page: str = ""
    field: str = ""

    @property
    def rendered(self) -> tuple[str, ...]:
        """The keywords that stand for it in keepalived.conf; none where it never gets there."""
        return self.keywords if self.keywords or not self.value.keyword else (self.key,)

    @property
    def asked(self) -> str:
        """What its field is called."""
        return self.field or self.key

    def of(self, owner: object) -> Any:
        """Its value in an instance, a member, a health check or a cluster."""
        return getattr(owner, self.key)

    def given(self, owner: object) -> bool:
        """Whether it says something other than its default."""
        return self.required or self._stored(owner) != self.default

    def plain(self, owner: object) -> object:
        """Its value as an inventory has it."""
        return self.value.plain(self._stored(owner))

    def _stored(self, owner: object) -> object:
        return self.stored(owner) if self.stored else self.of(owner)
