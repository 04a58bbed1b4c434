"""What services behind a floating address need of the servers."""

from __future__ import annotations

from floatip.model.messages import say
from floatip.model.settings.row import Scope, Setting
from floatip.model.settings.values import Switch

SERVICES: tuple[Setting, ...] = (
    Setting(
        key="nonlocal_bind",
        scope=Scope.CLUSTER,
        value=Switch(),
        default=False,
        doc="True: a service may bind a floating address on a server that does not hold it (`ip_nonlocal_bind` of the "
        "kernel, for the families of the floating addresses). HAProxy and nginx need it where their files name the "
        "address, or they do not start there",
        label=say("Let services bind the floating address on every server"),
        help=say("needed where the configuration of nginx, HAProxy or another service names the floating address"),
        page="extras",
    ),
)
