"""What has a good answer already and may be changed."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, Form, RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from floatip import timing
from floatip.cluster import Instance
from floatip.speeds import SPEEDS, Speed, price
from floatip.words import Said, say
from wizard import outlook
from wizard.drafts import Draft
from wizard.pages.base import Page, block, number, put, show


class ExtrasForm(Form):
    """Switches, and under Advanced the words of keepalived.conf(5)."""

    speed = RadioField(say("How fast shall a dead server be replaced?"), choices=[], validate_choice=False)
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
        advert_int = settings.get("advert_int", 1)
        return {
            "firewall": draft.data.get("firewall", "auto") == "auto",
            "log_file": draft.data.get("log_file", True) is True,
            "speed": str(advert_int) if advert_int in [one.advert_int for one in SPEEDS] else "own",
            "advert_int": show(advert_int),
            "unicast": settings.get("unicast") is True,
            "use_vmac": settings.get("use_vmac") is True,
        }

    def make(self, draft: Draft, instance: str, typed: Any = None) -> Any:
        """How long clients wait at most is computed from what is known of the cluster."""
        form = super().make(draft, instance, typed)
        form.speed.choices, form.about = [], {}
        for one in SPEEDS:
            here = outlook.at_speed(draft, instance, one.advert_int)
            form.speed.choices.append(SelectChoice(str(one.advert_int), _label(one, here)))
            form.about[str(one.advert_int)] = [one.measured, *([price(here)] if here else [])]
        form.speed.choices.append(SelectChoice("own", say("as the seconds between two adverts say, under Advanced")))
        return form

    def apply(self, form: Any, draft: Draft, instance: str) -> None:
        """What is the default anyway is not written."""
        settings = block(draft, instance)
        put(draft.data, "firewall", "auto" if form.firewall.data else "none", "auto")
        put(draft.data, "log_file", bool(form.log_file.data), True)
        chosen: object = next((one.advert_int for one in SPEEDS if str(one.advert_int) == form.speed.data), None)
        if chosen is None or form.speed.data == self.fill(draft, instance)["speed"]:
            chosen = number(form.advert_int.data)  # nobody turned to another speed, but perhaps to the number itself
        put(settings, "advert_int", chosen, 1)
        put(settings, "unicast", bool(form.unicast.data), False)
        put(settings, "use_vmac", bool(form.use_vmac.data), False)


def _label(speed: Speed, instance: Instance | None) -> Said:
    if instance is None:
        return speed.words
    bound = timing.takeover_bound(instance, "crash")
    return say("{speed} - clients wait at most {seconds} s", speed=speed.words, seconds=f"{bound:.1f}")
