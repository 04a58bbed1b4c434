"""What has a good answer already and may be changed."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, Form, StringField

from floatip.words import say
from wizard.drafts import Draft
from wizard.pages.base import Page, block, number, put, show


class ExtrasForm(Form):
    """Switches, and under Advanced the words of keepalived.conf(5)."""

    firewall = BooleanField(say("Let VRRP through the servers' firewalls"))
    log_file = BooleanField(say("Write a log file of its own, /var/log/keepalived.log, rotated weekly"))
    advert_int = StringField(say("Seconds between two adverts"))
    unicast = BooleanField(say("Send adverts to each server by itself (unicast), where the network drops multicast"))
    use_vmac = BooleanField(say("Use the virtual MAC address of VRRP (use_vmac)"))


class Extras(Page):
    """Most people press Continue here."""

    slug = "extras"
    title = say("Anything else?")
    form = ExtrasForm
    paths = (
        (r"(firewall|log_file)", r"\1"),
        (r"vrrp_instances\.INSTANCE\.(advert_int|unicast|use_vmac)", r"\1"),
        (r"vrrp_instances\.INSTANCE\.version", "advert_int"),
    )

    def fill(self, draft: Draft, instance: str) -> dict[str, Any]:
        """The defaults are on."""
        settings = block(draft, instance)
        return {
            "firewall": draft.data.get("firewall", "auto") == "auto",
            "log_file": draft.data.get("log_file", True) is True,
            "advert_int": show(settings.get("advert_int", 1)),
            "unicast": settings.get("unicast") is True,
            "use_vmac": settings.get("use_vmac") is True,
        }

    def apply(self, form: Any, draft: Draft, instance: str) -> None:
        """What is the default anyway is not written."""
        settings = block(draft, instance)
        put(draft.data, "firewall", "auto" if form.firewall.data else "none", "auto")
        put(draft.data, "log_file", bool(form.log_file.data), True)
        put(settings, "advert_int", number(form.advert_int.data), 1)
        put(settings, "unicast", bool(form.unicast.data), False)
        put(settings, "use_vmac", bool(form.use_vmac.data), False)
