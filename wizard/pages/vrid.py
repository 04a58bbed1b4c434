"""The number by which the servers of one group know each other."""

from __future__ import annotations

from typing import Any

from wtforms import Form

from floatip.model.messages import say
from floatip.model.settings import Scope, setting
from wizard.drafts import Draft
from wizard.pages.base import Page, block, field, number, show


class VridForm(Form):
    """One number."""

    virtual_router_id = field(setting(Scope.INSTANCE, "virtual_router_id"))


class Vrid(Page):
    """1 to 255, free on this network."""

    slug = "vrid"
    title = say("Which group number (VRID)?")
    short = say("VRID")
    form = VridForm
    listens = True

    def fill(self, draft: Draft, instance: str) -> dict[str, Any]:
        """As stored; a usual one, that is not everybody's first choice, where nothing better is known."""
        return {"virtual_router_id": show(block(draft, instance).get("virtual_router_id", 101))}

    def apply(self, form: Any, draft: Draft, instance: str) -> None:
        """Digits become a number."""
        block(draft, instance)["virtual_router_id"] = number(form.virtual_router_id.data)
