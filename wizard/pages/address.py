"""The address that floats."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_interface
from typing import Any

from wtforms import Form

from floatip.model.messages import say
from floatip.model.settings import Scope, setting
from wizard.drafts import Draft
from wizard.pages.base import Page, block, field, members, part


class AddressForm(Form):
    """One, or for the few who want more, some with commas between them: in a field where Enter continues."""

    virtual_ipaddress = field(setting(Scope.INSTANCE, "virtual_ipaddress"))


class Address(Page):
    """The one thing that clients will know."""

    slug = "address"
    title = say("What is the floating address?")
    form = AddressForm
    asks = True
    setting = setting(Scope.INSTANCE, "virtual_ipaddress")

    def fill(self, draft: Draft, instance: str) -> dict[str, Any]:
        """As stored."""
        values = block(draft, instance).get("virtual_ipaddress", [])
        return {"virtual_ipaddress": ", ".join(map(str, values)) if isinstance(values, list) else str(values)}

    def apply(self, form: Any, draft: Draft, instance: str) -> None:
        """Without a prefix it gets that of the servers' own network; one outside of that can only be routed there."""
        typed = filter(None, re.split(r"[\s,;]+", form.virtual_ipaddress.data or ""))
        block(draft, instance)["virtual_ipaddress"] = [self._with_prefix(one, draft, instance) for one in typed]

    @staticmethod
    def _with_prefix(text: str, draft: Draft, instance: str) -> str:
        try:
            address = ip_address(text)
            networks = [
                ip_interface(str(part(host, instance).get("address"))).network for host in members(draft, instance)
            ]
        except ValueError:
            return text
        if not any(network.version == address.version for network in networks):
            return text
        prefix = next((network.prefixlen for network in networks if address in network), address.max_prefixlen)
        return f"{text}/{prefix}"
