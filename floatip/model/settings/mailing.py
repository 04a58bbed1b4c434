"""Mail from keepalived when the state changes: which instances send one, and where to and how, for all of them.

keepalived speaks plain SMTP, without TLS and without a password: to a mail server that takes it so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from floatip.model import address_fields, fields, targets
from floatip.model.messages import say
from floatip.model.settings.row import Place, Scope, Setting
from floatip.model.settings.values import Flag, Many, Text, Value, Whole

ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+=-]{0,63}(@[A-Za-z0-9][A-Za-z0-9.-]{0,200})?")
PORT = re.compile(r"(.*?):([0-9]{1,5})")


def address(raw: object) -> str:
    """Who gets mail, or sends it."""
    must = say("Write a mail address, like admin@example.org.")
    return fields.matching(raw, ADDRESS, "bad-mail-address", must)


def host_port(server: str) -> list[str]:
    """A checked mail server in two parts; 25 where it names no port."""
    bare = ":" not in server or (server.count(":") > 1 and not server.startswith("["))
    return [server, "25"] if bare else [*targets.split_host_port(server)]


@dataclass(frozen=True, slots=True)
class MailServer(Value):
    """A host name or an address, with a port where it is not 25."""

    def read(self, raw: object) -> str:
        """As it is written, checked."""
        value = fields.text(raw)
        if ":" not in value:
            return str(address_fields.host(value))
        if value.count(":") > 1 and not value.startswith("["):
            return str(address_fields.host(value))
        return targets.tcp(value)

    def words(self, value: Any) -> str:
        """keepalived wants a blank before the port."""
        if ":" not in value or (value.count(":") > 1 and not value.startswith("[")):
            return str(value)
        return " ".join(targets.split_host_port(value))


ALERT = Setting(
    key="smtp_alert",
    scope=Scope.INSTANCE,
    value=Flag(),
    default=False,
    doc="True: keepalived sends a mail on every change of state. The cluster says where to (`smtp_server`, "
    "`notification_email`)",
    label=say("Send a mail on every change of state (smtp_alert)"),
    page="extras",
)
MAIL: tuple[Setting, ...] = (
    Setting(
        key="notification_email",
        scope=Scope.CLUSTER,
        value=Many(Text(address)),
        default=(),
        place=Place.BLOCK,
        managed=True,
        doc="who gets the mails of the instances with `smtp_alert`: a list of addresses",
        label=say("Who gets mail (notification_email)"),
        help=say("with commas between them; each instance says whether it sends any (smtp_alert)"),
        page="extras",
    ),
    Setting(
        key="notification_email_from",
        scope=Scope.CLUSTER,
        value=Text(address),
        standard="keepalived@*the server*",
        doc="who they come from",
        label=say("Who the mail comes from (notification_email_from)"),
        help=say("default: keepalived and the name of the server"),
        page="extras",
    ),
    Setting(
        key="smtp_server",
        scope=Scope.CLUSTER,
        value=MailServer(),
        standard="none",
        doc="the mail server that takes them, from each server: an address, or a name that each can resolve when "
        'keepalived starts, `"192.0.2.25"` or with a port, `"mail.example.org:2525"`. No TLS, no password',
        label=say("Mail server (smtp_server)"),
        help=say("an address or a name, perhaps with a port; no TLS, no password"),
        page="extras",
    ),
    Setting(
        key="smtp_connect_timeout",
        scope=Scope.CLUSTER,
        value=Whole(1, 4294),
        standard="30 seconds",
        doc="seconds to wait for an answer of the mail server",
        label=say("Seconds to wait for the mail server (smtp_connect_timeout)"),
        help=say("default: 30"),
        page="extras",
    ),
    Setting(
        key="smtp_helo_name",
        scope=Scope.CLUSTER,
        value=Text(fields.router_id),
        standard="the server's own name",
        doc="what the servers call themselves to it",
        label=say("What the servers call themselves to the mail server (smtp_helo_name)"),
        help=say("default: their own name"),
        page="extras",
    ),
)
