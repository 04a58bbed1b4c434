"""Who leads, and what happens when it returns."""

from __future__ import annotations

from typing import Any

from wtforms import FieldList, Form, FormField, HiddenField, RadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from floatip.model.messages import say
from floatip.model.settings import Scope, setting
from wizard.drafts import Draft
from wizard.pages.base import Page, Summed, block, chosen, field, member, members, number, part, put, show


class RankForm(Form):
    """One server's priority, for those who want to say it themselves."""

    server = HiddenField()
    priority = field(setting(Scope.MEMBER, "priority"))


class LeaderForm(Form):
    """Names first, numbers for the curious."""

    leader = RadioField(say("Preferred server"), validate_choice=False)
    returns = RadioField(
        say("When it returns after a failure"),
        choices=[
            SelectChoice("back", say("The address moves back to it")),
            SelectChoice("stay", say("The address stays where it is")),
        ],
        validate_choice=False,
    )
    ranks = FieldList(FormField(RankForm))


class Leader(Page):
    """Priorities follow from who is preferred."""

    slug = "leader"
    title = say("Which server is preferred?")
    short = say("Preferred server")
    form = LeaderForm
    each = "ranks"

    def fill(self, draft: Draft, instance: str) -> dict[str, Any]:
        """The one with the highest priority leads."""
        return {
            "leader": _leader(draft, instance),
            "returns": "stay" if block(draft, instance).get("nopreempt") is True else "back",
            "ranks": [
                {"server": host[0], "priority": show(part(host, instance).get("priority"))}
                for host in members(draft, instance)
            ],
        }

    def rows(self, draft: Draft, instance: str) -> list[str]:
        """Those that take part."""
        return [str(host[0]) for host in members(draft, instance)]

    def make(self, draft: Draft, instance: str, typed: Any = None) -> Any:
        """Every server can be the preferred one."""
        form = super().make(draft, instance, typed)
        form.leader.choices = [SelectChoice(name, name) for name in self.rows(draft, instance)]
        return form

    def apply(self, form: Any, draft: Draft, instance: str) -> None:
        """Another leader changes places with the present one; numbers that were typed go before."""
        before = _leader(draft, instance)
        for host, entry in zip(members(draft, instance), form.ranks, strict=False):
            member(host, instance)["priority"] = number(entry.form.priority.data)
        chosen = form.leader.data
        if chosen != before and _leader(draft, instance) == before:
            _change_places(draft, instance, before, chosen)
        put(block(draft, instance), "nopreempt", form.returns.data == "stay", False)
        if form.returns.data == "stay":
            block(draft, instance).pop("preempt_delay", None)

    def summary(self, draft: Draft, instance: str) -> list[Summed]:
        """Who, for how long, and by which numbers."""
        form = self.make(draft, instance)
        ranks = [(entry.form.server.data, entry.form.priority.data or "") for entry in form.ranks]
        rows = [(self.short, form.leader), (say("When it returns"), form.returns)]
        return [*((short, [("", chosen(field))]) for short, field in rows), (say("Priorities"), ranks)]


def _leader(draft: Draft, instance: str) -> str:
    ranks = {host[0]: part(host, instance).get("priority") for host in members(draft, instance)}
    numbers = {name: rank for name, rank in ranks.items() if isinstance(rank, int)}
    return max(numbers, key=lambda name: numbers[name]) if numbers else ""


def _change_places(draft: Draft, instance: str, text: str, other: str) -> None:
    parts = {host[0]: member(host, instance) for host in members(draft, instance)}
    if text in parts and other in parts:
        parts[text]["priority"], parts[other]["priority"] = parts[other]["priority"], parts[text]["priority"]
