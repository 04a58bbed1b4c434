"""How a server is reached, which is pyinfra's host data and nothing of keepalived.conf; and what it says of itself."""

from __future__ import annotations

from floatip.model import address_fields, fields
from floatip.model.messages import say
from floatip.model.settings.row import Scope, Setting
from floatip.model.settings.values import Switch, Text, Whole

STRICT = ("yes", "accept-new")


def _strict(raw: object) -> str:
    if raw in ("no", "off", "ask", False):
        hint = say("Write 'yes' (known_hosts must hold the key) or 'accept-new'.")
        raise fields.Wrong(
            "host-key-unchecked", say("is {value}: anyone could pose as this server.", value=fields.show(raw)), hint
        )
    return fields.choice(raw, STRICT)


NODE: tuple[Setting, ...] = (
    Setting(
        key="router_id",
        scope=Scope.NODE,
        value=Text(fields.router_id),
        standard="its name",
        doc="what the server calls itself in the mails of keepalived",
        label=say("Its name in the mails of keepalived (router_id)"),
        help=say("default: the name of the server"),
        page="extras",
    ),
)
SERVER: tuple[Setting, ...] = (
    Setting(
        key="ssh_hostname",
        scope=Scope.SERVER,
        value=Text(address_fields.host),
        standard="its name",
        doc="where to log in: a host name or an address",
        label=say("SSH address"),
        page="servers",
    ),
    Setting(
        key="ssh_port",
        scope=Scope.SERVER,
        value=Whole(1, 65535),
        standard="22",
        doc="the port",
        label=say("Port"),
        page="servers",
    ),
    Setting(
        key="ssh_user",
        scope=Scope.SERVER,
        value=Text(fields.user_name),
        standard="you",
        doc="the user to log in as",
        label=say("User"),
        page="servers",
    ),
    Setting(
        key="ssh_key",
        scope=Scope.SERVER,
        value=Text(fields.path),
        standard="the usual ones",
        doc="a key file. Write its full path (`~/.ssh/…`): a relative one begins where pyinfra is started. No "
        "passwords: keys or the agent",
    ),
    Setting(
        key="ssh_known_hosts_file",
        scope=Scope.SERVER,
        value=Text(fields.path),
        standard="the usual one",
        doc="the file with the servers' known keys; a full path, too",
    ),
    Setting(
        key="ssh_config_file",
        scope=Scope.SERVER,
        value=Text(fields.path),
        standard="the usual one",
        doc="settings of SSH; a full path, too",
    ),
    Setting(
        key="ssh_strict_host_key_checking",
        scope=Scope.SERVER,
        value=Text(_strict),
        standard='`"accept-new"`',
        doc='`"yes"`: the server\'s key must be known; `"accept-new"`: the first one seen is accepted',
    ),
    Setting(
        key="_sudo",
        scope=Scope.SERVER,
        value=Switch(),
        standard="False",
        doc="True for a user who may use sudo without a password",
        label=say("Use sudo"),
        help=say("for a user who is not root"),
        page="servers",
        field="sudo",
    ),
)
