"""The settings of what moves together with the addresses of an instance: more addresses."""

from __future__ import annotations

from floatip.model.messages import say
from floatip.model.settings.addresses import Placed
from floatip.model.settings.row import Place, Scope, Setting
from floatip.model.settings.values import Many

EXCLUDED = Setting(
    key="virtual_ipaddress_excluded",
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
