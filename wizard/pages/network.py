"""On which interface, with which address of its own, each server speaks."""

from __future__ import annotations

from typing import Any

from wtforms import FieldList, Form, FormField, HiddenField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from floatip.model.messages import say
from floatip.model.settings import Scope, setting
from wizard.drafts import Draft
from wizard.hosts import discovery
from wizard.language import tell
from wizard.pages.base import Page, Summed, block, field, member, members, part, show

HIGHEST = 150
BY_HAND = say("by hand:")


class MemberForm(Form):
    """One server's place in the network."""

    server = HiddenField()
    choice = SelectField(say("Interface and address"), choices=[], validate_choice=False)
    interface = field(setting(Scope.MEMBER, "interface"))
    address = field(setting(Scope.MEMBER, "address"))


class NetworkForm(Form):
    """One row a server."""

    members = FieldList(FormField(MemberForm))


class Network(Page):
    """The interface may be called differently on each server."""

    slug = "network"
    title = say("Where are they connected?")
    short = say("Network")
    form = NetworkForm
    looks = True
    each = "members"
    interface, address = setting(Scope.MEMBER, "interface"), setting(Scope.MEMBER, "address")
    paths = ((r"nodes\.([^.]+)\.vrrp(?:\.INSTANCE)?", r"members-\1-interface"),)

    def fill(self, draft: Draft, instance: str) -> dict[str, Any]:
        """One row a server."""
        rows = [(str(host[0]), part(host, instance)) for host in draft.hosts]
        guesses = discovery.suggest(draft)
        return {"members": [_row(name, its, guesses.get(name, "")) for name, its in rows]}

    def make(self, draft: Draft, instance: str, typed: Any = None) -> Any:
        """What was found on each server is offered; by hand stays possible."""
        form = super().make(draft, instance, typed)
        for host, entry in zip(draft.hosts, form.members, strict=False):
            found = discovery.places(draft).get(str(host[0]), [])
            entry.form.choice.choices = [SelectChoice(place.value, tell(place.label)) for place in found] + [
                SelectChoice("", tell(BY_HAND))
            ]
            if entry.form.choice.data not in [place.value for place in found]:
                entry.form.choice.data = ""  # else a browser would show the first, and send it
        return form

    def apply(self, form: Any, draft: Draft, instance: str) -> None:
        """Row by row, in the order of the servers; the first is preferred until somebody says otherwise."""
        block(draft, instance)
        taking_part = members(draft, instance)
        step = 50 if len(draft.hosts) < 4 else 15
        for rank, (host, entry) in enumerate(zip(draft.hosts, form.members, strict=False)):
            interface, _, address = (entry.form.choice.data or "").partition(" ")
            interface = interface or (entry.form.interface.data or "").strip()
            address = address or (entry.form.address.data or "").strip()
            if interface or address or host in taking_part:  # the others go on taking no part
                its = member(host, instance)
                its.update(interface=interface, address=address)
                its.setdefault("priority", HIGHEST - step * rank)

    def summary(self, draft: Draft, instance: str) -> list[Summed]:
        """Of those that take part."""
        parts = [(show(host[0]), part(host, instance)) for host in members(draft, instance)]
        places = [(name, [show(its.get(key)) for key in ("interface", "address")]) for name, its in parts]
        return [(self.short, [(name, ", ".join(filter(None, place))) for name, place in places])]


def _row(name: str, its: dict[str, Any], guess: str) -> dict[str, Any]:
    interface, address = show(its.get("interface")), show(its.get("address"))
    chosen = f"{interface} {address}" if interface or address else guess
    return {"server": name, "choice": chosen, "interface": interface, "address": address}
