"""Which servers, and how SSH reaches them."""

from __future__ import annotations

from typing import Any

from wtforms import FieldList, Form, FormField, StringField

from floatip.model.messages import say
from floatip.model.settings import Scope, setting
from wizard.drafts import Draft
from wizard.hosts import ssh_config
from wizard.pages.base import Page, Summed, field, number, put, show

MOST = 8
SUDO = setting(Scope.SERVER, "_sudo")


class ServerForm(Form):
    """One server."""

    name = StringField(say("Name"))
    ssh_hostname = field(setting(Scope.SERVER, "ssh_hostname"))
    ssh_user = field(setting(Scope.SERVER, "ssh_user"))
    ssh_port = field(setting(Scope.SERVER, "ssh_port"))
    sudo = field(SUDO)


class ServersForm(Form):
    """Two to eight of them."""

    servers = FieldList(FormField(ServerForm), min_entries=2, max_entries=MOST)


class Servers(Page):
    """The first page."""

    slug = "servers"
    title = say("Which servers will share the address?")
    short = say("Servers")
    form = ServersForm
    grouped = False
    each, sudo = "servers", SUDO
    paths = (
        (r"nodes\.([^.]+)", r"servers-\1-name"),
        (r"nodes", "servers-0-name"),
    )

    def fill(self, draft: Draft, instance: str) -> dict[str, Any]:
        """Two servers with the usual names where there are none yet."""
        hosts = draft.hosts or [["d1", {}], ["d2", {}]]
        keys = ("ssh_hostname", "ssh_user", "ssh_port")
        return {
            "servers": [
                {"name": show(name), **{key: show(data.get(key)) for key in keys}, "sudo": data.get("_sudo") is True}
                for name, data in hosts
            ]
        }

    def apply(self, form: Any, draft: Draft, instance: str) -> None:
        """Rows stay with their server; what other pages asked of it stays too."""
        old = list(draft.hosts)
        draft.hosts = []
        for row, entry in enumerate(form.servers):
            data = old[row][1] if row < len(old) else {"ssh_strict_host_key_checking": "yes"}
            values = entry.form
            host = (values.ssh_hostname.data or "").strip()
            if host or row >= len(old) or "ssh_hostname" in data:  # without one, its name is its host
                data["ssh_hostname"] = host
            put(data, "ssh_user", (values.ssh_user.data or "").strip() or _user(host, new=row >= len(old)), "")
            put(data, "ssh_port", number(values.ssh_port.data), "")
            put(data, "_sudo", bool(values.sudo.data), False)
            draft.hosts.append([(values["name"].data or "").strip(), data])

    def summary(self, draft: Draft, instance: str) -> list[Summed]:
        """How each is reached."""
        return [(self.short, [(show(name), _way(show(name), data)) for name, data in draft.hosts])]

    @staticmethod
    def usual(entry: Any) -> tuple[str, str]:
        """User and port where nothing is said: those of ~/.ssh/config, else the usual ones."""
        known = ssh_config.of((entry.form.ssh_hostname.data or "").strip())
        return known.get("user", "root"), known.get("port", "22")

    def add_row(self, form: Any, action: str) -> bool:
        """`add`, or `remove` the last one."""
        rows = form.servers
        if action == "add" and len(rows) < MOST:
            rows.append_entry({"name": f"d{len(rows) + 1}"})
        elif action == "remove" and len(rows) > 2:
            rows.pop_entry()
        return action in ("add", "remove")


def _way(name: str, data: dict[str, Any]) -> str:
    """How ssh reaches it: the user, the host, and what is not usual."""
    host, user, port = show(data.get("ssh_hostname")) or name, show(data.get("ssh_user")), show(data.get("ssh_port"))
    way = f"{user}@{host}" if user else host
    way = say("{way}, port {port}", way=way, port=port) if port else way
    return say("{way}, with sudo", way=way) if data.get("_sudo") is True else way


def _user(host: str, *, new: bool) -> str:
    """root, unless ~/.ssh/config says who; what was stored without a user stays without."""
    return "root" if new and "user" not in ssh_config.of(host) else ""
