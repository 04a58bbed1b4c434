"""The settings of a cluster as a whole. What of them keepalived knows stands in `global_defs`."""

from __future__ import annotations

from floatip.model.messages import say
from floatip.model.settings.announcing import ALL
from floatip.model.settings.fifos import FIFOS
from floatip.model.settings.groups import SYNC
from floatip.model.settings.mailing import MAIL
from floatip.model.settings.row import Scope, Setting
from floatip.model.settings.services import SERVICES
from floatip.model.settings.track_files import TRACK_FILES
from floatip.model.settings.values import Choice, Connection, Lines, Switch

CLUSTER: tuple[Setting, ...] = (
    SYNC,
    TRACK_FILES,
    Setting(
        key="firewall",
        scope=Scope.CLUSTER,
        value=Choice(("auto", "none")),
        default="auto",
        doc='`"none"`: floatip leaves the firewall alone',
        label=say("Let VRRP through the servers' firewalls"),
        help=say(
            "one accept for VRRP from the other servers, in nftables, iptables, ufw or firewalld; nothing else is "
            "changed"
        ),
        page="extras",
    ),
    Setting(
        key="log_file",
        scope=Scope.CLUSTER,
        value=Switch(),
        default=True,
        doc="False: no rsyslog, no `/var/log/keepalived.log`; the journal still has everything",
        label=say("Write a log file of its own, /var/log/keepalived.log, rotated weekly"),
        page="extras",
    ),
    *SERVICES,
    Setting(
        key="client",
        scope=Scope.CLUSTER,
        value=Connection(),
        default=(),
        doc="how to reach a host beside the servers (`ssh_hostname`, `ssh_user`, …) that watches failover tests; "
        "without it, this computer does",
    ),
    *ALL,
    *MAIL,
    *FIFOS,
    Setting(
        key="global_lines",
        scope=Scope.CLUSTER,
        value=Lines("global_defs"),
        default=(),
        doc="lines for `global_defs`, passed on unchecked",
        label=say("Raw lines for global_defs, one per line"),
        help=say("passed on to keepalived unchecked"),
        page="extras",
    ),
    Setting(
        key="extra_lines",
        scope=Scope.CLUSTER,
        value=Lines(),
        default=(),
        doc="lines for the top level of `keepalived.conf`, passed on unchecked",
        label=say("Raw lines for the end of keepalived.conf, one per line"),
        help=say("passed on to keepalived unchecked, like a virtual_server block"),
        page="extras",
        field="last_lines",
    ),
)
GLOBAL = tuple(row for row in CLUSTER if row.rendered)
"""Those that stand in `global_defs`."""
