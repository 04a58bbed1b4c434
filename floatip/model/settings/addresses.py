"""The settings of a floating address: how each server puts it on an interface (ip-address(8)).

They stand on the address's own line in keepalived.conf. What the daemon makes of each is in docs/decisions/settings.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from floatip.model import fields
from floatip.model.cluster import Floating
from floatip.model.instance import FLOATING
from floatip.model.messages import say
from floatip.model.settings.row import Change, Scope, Setting
from floatip.model.settings.values import Address, Text, Value

ADDRESS: tuple[Setting, ...] = (
    Setting(
        key="address",
        scope=Scope.ADDRESS,
        value=Address(),
        required=True,
        managed=True,
        doc='with its prefix: `"10.9.1.6/24"`',
        page="address",
        field=FLOATING,
    ),
    Setting(
        key="dev",
        scope=Scope.ADDRESS,
        value=Text(fields.interface_name),
        standard="the instance's `interface`",
        managed=True,
        doc="another interface of the servers to put it on. While that one is down, a server gives up all addresses "
        "of the instance",
        label=say("Interface that has the address (dev)"),
        help=say("default: the interface of each server"),
        page="extras",
    ),
    Setting(
        key="label",
        scope=Scope.ADDRESS,
        value=Text(fields.label),
        standard="none",
        managed=True,
        doc='IPv4 only: a name for `ip` and `ifconfig` to show, like `"eth1:vip"`. It begins with the name of the '
        "interface and a colon, and has at most 15 characters",
        label=say("Label (label)"),
        help=say("like eth1:vip; IPv4 only"),
        page="extras",
    ),
    Setting(
        key="brd",
        scope=Scope.ADDRESS,
        value=Text(fields.broadcast),
        standard="none",
        managed=True,
        change=Change.START_OVER,
        doc='IPv4 only: the broadcast address; `"+"`: the last address of its subnet, `"-"`: the first one. For a '
        "change of it another server has the address for a moment: keepalived sets it only when it takes an address",
        label=say("Broadcast address (brd)"),
        help=say("like 10.9.1.255, or + for the last address of the subnet; IPv4 only"),
        page="extras",
    ),
    Setting(
        key="scope",
        scope=Scope.ADDRESS,
        value=Text(fields.scope),
        standard='`"global"`',
        managed=True,
        doc='IPv4 only: `"global"`, `"site"`, `"link"`, `"host"`, `"nowhere"`, or a number from 0 to 255. Addresses '
        "of one subnet on an interface have the same scope: with another one write /32",
        label=say("Scope (scope)"),
        help=say("global, site, link, host, nowhere or a number; IPv4 only; default: global"),
        page="extras",
    ),
    Setting(
        key="extra",
        scope=Scope.ADDRESS,
        value=Text(fields.address_words),
        standard="none",
        managed=True,
        change=Change.START_OVER,
        doc='more words of keepalived.conf(5) for this address, unchecked, like `"preferred_lft 0 noprefixroute"`. For '
        "a change of it another server has the address for a moment",
        label=say("More options (unchecked)"),
        help=say("words of keepalived.conf(5)"),
        page="extras",
    ),
)
OPTIONS: Final = ADDRESS[1:]
EXTRA: Final = "extra"
"""The option that is words of others."""


def options(address: Floating) -> tuple[Setting, ...]:
    """Those that an address has."""
    return tuple(row for row in OPTIONS if row.given(address))


@dataclass(frozen=True, slots=True)
class Placed(Value):
    """A floating address: text, or a dict where it has options. `floatip.model.parse.addresses` reads it."""

    keyword = False

    def plain(self, value: Any) -> object:
        """Text, as long as that says it all."""
        rows = options(value)
        return {row.key: row.plain(value) for row in (ADDRESS[0], *rows)} if rows else str(value.address)

    def words(self, value: Any) -> str:
        """Its line."""
        return " ".join(
            [str(value.address), *(f"{_word(row)}{row.value.words(row.of(value))}" for row in options(value))]
        )


def _word(row: Setting) -> str:
    return "" if row.key == EXTRA else f"{row.key} "


def address_of(raw: object) -> str:
    """The address of a floating one as raw as an inventory has it; empty for anything else."""
    found = raw.get("address", "") if isinstance(raw, dict) else raw
    return found if isinstance(found, str) else ""
