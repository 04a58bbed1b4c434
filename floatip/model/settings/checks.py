"""The settings of a health check (`vrrp_script`)."""

from __future__ import annotations

from floatip.model import fields
from floatip.model.messages import say
from floatip.model.notify import SCRIPT_USER
from floatip.model.settings.kind_options import KIND_OPTIONS
from floatip.model.settings.row import Scope, Setting
from floatip.model.settings.values import Lines, Text, Whole

CHECKS: tuple[Setting, ...] = (
    Setting(
        key="interval",
        scope=Scope.CHECK,
        value=Whole(1, 3600),
        default=2,
        always=True,
        doc="seconds between two runs",
        label=say("Seconds between two checks"),
        page="checks",
    ),
    Setting(
        key="timeout",
        scope=Scope.CHECK,
        value=Whole(1, 3600),
        default=2,
        always=True,
        doc="seconds until a run counts as failed",
        label=say("Seconds until a check times out"),
        page="checks",
    ),
    Setting(
        key="fall",
        scope=Scope.CHECK,
        value=Whole(1, 1000),
        default=2,
        always=True,
        doc="how many failures in a row change its state",
        label=say("Failures in a row before the server counts as faulty"),
        page="checks",
    ),
    Setting(
        key="rise",
        scope=Scope.CHECK,
        value=Whole(1, 1000),
        default=2,
        always=True,
        doc="how many successes in a row change it back",
        label=say("Successes in a row before it counts as healthy again"),
        page="checks",
    ),
    Setting(
        key="weight",
        scope=Scope.CHECK,
        value=Whole(-253, 253),
        default=0,
        always=True,
        doc="0: a failing check puts the server in FAULT; negative: subtracted from the priority while it fails; "
        "positive: added while it succeeds. A weight that could never move the address is refused",
        label=say("Weight"),
        help=say("0: a server that fails gives the address up; else its priority changes by this much"),
        page="checks",
    ),
    Setting(
        key="user",
        scope=Scope.CHECK,
        value=Text(fields.script_user),
        default=SCRIPT_USER,
        doc='who runs it on the servers: a user, or a user and a group, `"www-data adm"`. As root (a warning) only a '
        "program that belongs to root and that nobody else can change, with all directories above it",
        label=say("User that runs it"),
        help=say("a user, or a user and a group; as root only what nobody else can change"),
        page="checks",
    ),
    *KIND_OPTIONS,
    Setting(
        key="extra_lines",
        scope=Scope.CHECK,
        value=Lines("vrrp_script"),
        default=(),
        doc="lines for the `vrrp_script` block, passed on unchecked",
        label=say("Raw lines for the vrrp_script block, one per line"),
        help=say("passed on to keepalived unchecked"),
    ),
)
