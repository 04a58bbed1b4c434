"""The settings of what moves together: more addresses of an instance, its routes and rules, and groups of instances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from floatip.model import instance, routes
from floatip.model.cluster import SyncGroup
from floatip.model.messages import say
from floatip.model.settings.addresses import Placed
from floatip.model.settings.notifying import NOTIFY
from floatip.model.settings.row import Place, Scope, Setting
from floatip.model.settings.values import Many, Text, Value

INSTANCES: Final = "instances"
"""The key of its instances, where a group says more than those."""


@dataclass(frozen=True, slots=True)
class Groups(Value):
    """Groups of instances; `floatip.model.parse.groups` reads them."""

    keyword = False

    def plain(self, value: Any) -> object:
        """A dict: name → names of instances, or a dict where there is more to say."""
        return {group.name: _plain(group) for group in value}


def _plain(group: SyncGroup) -> object:
    runs = {row.key: row.plain(group) for row in NOTIFY if row.given(group)}
    return {INSTANCES: list(group.instances), **runs} if runs else list(group.instances)


EXCLUDED = Setting(
    key=instance.EXCLUDED,
    scope=Scope.INSTANCE,
    value=Many(Placed()),
    default=(),
    place=Place.BLOCK,
    managed=True,
    tolerated=True,
    doc="more floating addresses, of any family and as many as you like: they move with the others, but the adverts do "
    "not name them. Written like `virtual_ipaddress`",
    label=say("More floating addresses that the adverts do not name (virtual_ipaddress_excluded)"),
    help=say("with their prefix, and commas between them; IPv4 and IPv6"),
    page="extras",
)
ROUTES = Setting(
    key="virtual_routes",
    scope=Scope.INSTANCE,
    value=Many(Text(routes.route)),
    default=(),
    place=Place.BLOCK,
    managed=True,
    tolerated=True,
    doc="routes that only the server with the addresses has, in the words of ip-route(8): "
    '`"10.9.3.0/24 via 10.9.2.9 dev eth2"`. keepalived watches them, and gives up the addresses if one is lost, '
    "unless it says `no_track`",
    label=say("Routes that move along (virtual_routes)"),
    help=say("like 10.9.3.0/24 via 10.9.2.9 dev eth2; more than one: with a semicolon between them"),
    page="extras",
)
RULES = Setting(
    key="virtual_rules",
    scope=Scope.INSTANCE,
    value=Many(Text(routes.rule)),
    default=(),
    place=Place.BLOCK,
    managed=True,
    tolerated=True,
    doc='rules that only that server has, in the words of ip-rule(8): `"from 10.9.3.0/24 table 100 priority 1000"`',
    label=say("Routing rules that move along (virtual_rules)"),
    help=say("like from 10.9.3.0/24 table 100 priority 1000; more than one: with a semicolon between them"),
    page="extras",
)
LINES = (ROUTES, RULES)
"""Those whose values are lines of several words."""
SYNC = Setting(
    key="vrrp_sync_group",
    scope=Scope.CLUSTER,
    value=Groups(),
    default=(),
    standard="none",
    managed=True,
    tolerated=True,
    doc='groups of instances that move together, `{"routers": ["VI_1", "VI_2"]}`: a server that loses one of them '
    "gives up all of them. They are on the same servers, in the same order of priorities "
    "([decisions/groups.md](decisions/groups.md)). `notify` and the like may stand there too, for when all of them "
    'have moved: `{"routers": {"instances": ["VI_1", "VI_2"], "notify_master": "up.sh"}}`',
    label=say("Instances that move together (vrrp_sync_group)"),
    help=say(
        "like routers: VI_1, VI_2; more than one group: with a semicolon between them. After Continue, each group has "
        "fields for its own programs here"
    ),
    page="extras",
)
