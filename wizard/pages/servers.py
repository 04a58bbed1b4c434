"""Which servers, and how SSH reaches them."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, FieldList, Form, FormField, StringField

from floatip.words import say
from wizard.drafts import Draft
from wizard.pages.base import Page, number, put, show

MOST = 8


class ServerForm(Form):
    """One server."""

    name = StringField(say("Name"))
    ssh_hostname = StringField(say("SSH address"))
    ssh_user = StringField(say("User"))
    ssh_port = StringField(say("Port"))
    sudo = BooleanField(say("Use sudo"))


class ServersForm(Form):
    """Two to eight of them."""

    servers = FieldList(FormField(ServerForm), min_entries=2, max_entries=MOST)


class Servers(Page):
    """The first page."""

    slug = "servers"
    title = say("Which servers shall share the address?")
    form = ServersForm
    grouped = False
    paths = (
        (r"nodes\.([^.]+)", r"servers-\1-name"),
        (r"nodes\.([^.]+)\._?(ssh_hostname|ssh_user|ssh_port|sudo)", r"servers-\1-\2"),
        (r"nodes", "servers-0-name"),
    )

    def fill(self, draft: Draft, instance: str) -> dict[str, Any]:
        """Two servers with the usual names where there are none yet."""
        hosts = draft.hosts or [["d1", {"ssh_user": "root"}], ["d2", {"ssh_user": "root"}]]
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
            put(data, "ssh_user", (values.ssh_user.data or "").strip(), "")
            put(data, "ssh_port", number(values.ssh_port.data), "")
            put(data, "_sudo", bool(values.sudo.data), False)
            draft.hosts.append([(values["name"].data or "").strip(), data])

    def add_row(self, form: Any, action: str) -> bool:
        """`add`, or `remove` the last one."""
        rows = form.servers
        if action == "add" and len(rows) < MOST:
            rows.append_entry({"name": f"d{len(rows) + 1}", "ssh_user": "root"})
        elif action == "remove" and len(rows) > 2:
            rows.pop_entry()
        return action in ("add", "remove")
