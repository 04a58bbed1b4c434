"""The address that floats."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_interface
from typing import Any

from wtforms import Form

from floatip.model.instance import FLOATING
from floatip.model.messages import say
from floatip.model.settings import Scope, setting
from floatip.model.settings.addresses import address_of
from wizard.drafts import Draft
from wizard.pages.base import Page, block, field, floating, members, part


class AddressForm(Form):
    """One, or for the few who want more, some with commas between them: in a field where Enter continues."""

    virtual_ipaddress = field(setting(Scope.INSTANCE, FLOATING))


class Address(Page):
    """The one thing that clients will know."""

    slug = "address"
    title = say("What is the floating address?")
    short = say("Floating address")
    form = AddressForm
    asks = True
    setting = setting(Scope.INSTANCE, FLOATING)

    def fill(self, draft: Draft, instance: str) -> dict[str, Any]:
        """As stored, without options: those stand under Advanced, two pages on."""
        return {FLOATING: ", ".join(address_of(address) or str(address) for address in floating(draft, instance))}

    def apply(self, form: Any, draft: Draft, instance: str) -> None:
        """Without a prefix it gets that of the servers' own network; one outside of that can only be routed there. An
        address that stays keeps its options."""
        kept = {_bare(address): address for address in floating(draft, instance) if isinstance(address, dict)}
        typed = filter(None, re.split(r"[\s,;]+", form.virtual_ipaddress.data or ""))
        addresses = [self._with_prefix(address, draft, instance) for address in typed]
        block(draft, instance)[FLOATING] = [
            {**kept[_bare(address)], "address": address} if _bare(address) in kept else address for address in addresses
        ]

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


def _bare(raw: object) -> str:
    """Without its prefix."""
    return address_of(raw).partition("/")[0]
