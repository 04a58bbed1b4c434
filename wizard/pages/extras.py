"""What has a good answer already and may be changed."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, FieldList, Form, FormField, HiddenField, RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from floatip.keepalived import timing
from floatip.keepalived.speeds import SPEEDS, Speed, price
from floatip.model.cluster import Instance
from floatip.model.instance import FLOATING
from floatip.model.messages import Said, say
from floatip.model.paths import LOG
from floatip.model.settings import CLUSTER, GLOBAL, INSTANCE, MEMBER, NODE, OPTIONS, Scope, Setting, setting
from floatip.model.settings.addresses import address_of
from floatip.model.settings.groups import SYNC
from floatip.model.settings.notifying import NOTIFY
from floatip.model.settings.track_files import TRACK_FILES
from floatip.model.settings.values import Lines
from wizard.drafts import Draft
from wizard.pages import sync_groups, track_files
from wizard.pages.base import (
    ADDRESSES,
    Page,
    Summed,
    block,
    chosen,
    field,
    filled,
    floating,
    keep,
    member,
    members,
    number,
    part,
    put,
)
from wizard.pages.sync_groups import GROUPS, GroupForm
from wizard.show import outlook

ADVANCED = [row for row in INSTANCE if row.page == "extras" and row.label]
OF_ALL = [row for row in CLUSTER if row.page == "extras" and (row in GLOBAL or isinstance(row.value, Lines))]
OF_SERVERS = [row for row in (*MEMBER, *NODE) if row.page == "extras"]


class _Switches(Form):
    """The choices that most people make."""

    speed = RadioField(say("How fast should a failed server be replaced?"), choices=[], validate_choice=False)
    firewall = BooleanField(setting(Scope.CLUSTER, "firewall").label)
    log_file = BooleanField(setting(Scope.CLUSTER, "log_file").label)
    nonlocal_bind = BooleanField(setting(Scope.CLUSTER, "nonlocal_bind").label)
    vrrp_sync_group = StringField(SYNC.label)
    track_files = StringField(TRACK_FILES.label)


class _Server(Form):
    """One server, for what each says for itself."""

    server = HiddenField()


class _Address(Form):
    """One floating address, for its options."""

    address = HiddenField()


AddressForm: type[Form] = type("AddressForm", (_Address,), {row.asked: field(row) for row in OPTIONS})
ServerForm: type[Form] = type("ServerForm", (_Server,), {row.asked: field(row) for row in OF_SERVERS})
MEMBERS: dict[str, Any] = {"members": FieldList(FormField(ServerForm))} if OF_SERVERS else {}
PLACED = {ADDRESSES: FieldList(FormField(AddressForm)), GROUPS: FieldList(FormField(GroupForm))}
ExtrasForm: type[Form] = type(
    "ExtrasForm", (_Switches,), {**{row.asked: field(row) for row in (*ADVANCED, *OF_ALL)}, **PLACED, **MEMBERS}
)


class Extras(Page):
    """Most people press Continue here. Under Advanced are the words of keepalived.conf(5), as the table has them."""

    slug = "extras"
    title = say("Anything else?")
    short = say("Failover")
    form = ExtrasForm
    each = "members"
    advanced, of_all, of_servers, firewall = ADVANCED, OF_ALL, OF_SERVERS, setting(Scope.CLUSTER, "firewall")
    of_addresses, nonlocal_bind = OPTIONS, setting(Scope.CLUSTER, "nonlocal_bind")
    sync, of_groups, files = SYNC, NOTIFY, TRACK_FILES
    paths = sync_groups.PATHS + tuple((rf"{row.key}(?:\..*)?", row.key) for row in (SYNC, TRACK_FILES))

    def fill(self, draft: Draft, instance: str) -> dict[str, Any]:
        """The defaults are on."""
        settings = block(draft, instance)
        advert_int = settings.get("advert_int", 1)
        return {
            "firewall": draft.data.get("firewall", "auto") == "auto",
            "log_file": draft.data.get("log_file", True) is True,
            "nonlocal_bind": draft.data.get("nonlocal_bind") is True,
            SYNC.key: sync_groups.shown(draft.data.get(SYNC.key)),
            TRACK_FILES.key: track_files.shown(draft.data.get(TRACK_FILES.key)),
            "speed": str(advert_int) if advert_int in [speed.advert_int for speed in SPEEDS] else "own",
            **{row.asked: filled(row, settings) for row in ADVANCED},
            **{row.asked: filled(row, draft.data) for row in OF_ALL},
            ADDRESSES: [
                {"address": address_of(address), **{row.asked: filled(row, _options(address)) for row in OPTIONS}}
                for address in floating(draft, instance)
            ],
            GROUPS: sync_groups.rows(draft),
            "members": [
                {"server": host[0], **{row.asked: filled(row, _owner(row, host, instance)) for row in OF_SERVERS}}
                for host in members(draft, instance)
            ],
        }

    def rows(self, draft: Draft, instance: str) -> list[str]:
        """Those that take part."""
        return [str(host[0]) for host in members(draft, instance)]

    def answers(self, draft: Draft, instance: str) -> list[tuple[str, str]]:
        """Without the settings that nobody has set, and of which most people have never heard."""
        silent = {row.label for row in ADVANCED if row.key not in block(draft, instance)}
        silent |= {row.label for row in OF_ALL if row.key not in draft.data}
        silent |= {row.label for row in (SYNC, TRACK_FILES) if not draft.data.get(row.key)}
        return [answer for answer in super().answers(draft, instance) if answer[0] not in silent]

    def summary(self, draft: Draft, instance: str) -> list[Summed]:
        """The three that everybody has an answer to, and what was set; with the first group what all have in common."""
        form, first = self.make(draft, instance), instance == next(iter(draft.data.get("vrrp_instances", ())), instance)
        rule = say("VRRP is let through") if form.firewall.data else say("unchanged")
        common = [(say("Firewall"), rule), (say("Log file"), LOG if form.log_file.data else say("none of its own"))]
        usual = {form[name].label.text for name in ("speed", "firewall", "log_file")}
        usual |= set() if form.speed.data == "own" else {form.advert_int.label.text}
        usual |= set() if form.nonlocal_bind.data and first else {form.nonlocal_bind.label.text}
        usual |= set() if first else {row.label for row in (*OF_ALL, SYNC, TRACK_FILES)}
        set_by_hand = [answer for answer in self.answers(draft, instance) if answer[0] not in usual]
        rows = [(self.short, chosen(form.speed)), *(common if first else ()), *set_by_hand]
        return [(short, [("", value)]) for short, value in rows]

    def make(self, draft: Draft, instance: str, typed: Any = None) -> Any:
        """How long clients wait at most is computed from what is known of the cluster."""
        form = super().make(draft, instance, typed)
        form.speed.choices, form.about = [], {}
        for speed in SPEEDS:
            here = outlook.at_speed(draft, instance, speed.advert_int)
            form.speed.choices.append(SelectChoice(str(speed.advert_int), _label(speed, here)))
            form.about[str(speed.advert_int)] = [speed.measured, *([price(here)] if here else [])]
        form.speed.choices.append(SelectChoice("own", say("as set under Advanced, in seconds between two adverts")))
        return form

    def apply(self, form: Any, draft: Draft, instance: str) -> None:
        """What is the default anyway is not written."""
        settings = block(draft, instance)
        put(draft.data, "firewall", "auto" if form.firewall.data else "none", "auto")
        put(draft.data, "log_file", bool(form.log_file.data), True)
        put(draft.data, "nonlocal_bind", bool(form.nonlocal_bind.data), False)
        if form.vrrp_sync_group.raw_data:
            put(draft.data, SYNC.key, sync_groups.typed(form.vrrp_sync_group.data or "", draft.data.get(SYNC.key)), {})
        sync_groups.put(form[GROUPS], draft)
        if form.track_files.raw_data:
            put(draft.data, TRACK_FILES.key, track_files.typed(form.track_files.data or ""), {})
        chosen: object = next((speed.advert_int for speed in SPEEDS if str(speed.advert_int) == form.speed.data), None)
        if chosen is None or form.speed.data == self.fill(draft, instance)["speed"]:
            chosen = number(form.advert_int.data)  # nobody turned to another speed, but perhaps to the number itself
        for row in ADVANCED:
            keep(row, settings, form[row.asked])
        for row in OF_ALL:
            keep(row, draft.data, form[row.asked])
        put(settings, "advert_int", chosen, 1)
        if isinstance(settings.get(FLOATING), list):
            asked = {entry.form.address.data: entry.form for entry in form[ADDRESSES]}
            settings[FLOATING] = [_placed(address, asked.get(address_of(address))) for address in settings[FLOATING]]
        for host, entry in zip(members(draft, instance), form.members if OF_SERVERS else (), strict=False):
            for row in OF_SERVERS:
                member(host, instance)
                keep(row, _owner(row, host, instance), entry.form[row.asked])


def _owner(row: Setting, host: list[Any], instance: str) -> dict[str, Any]:
    """Where a setting of a server stands: beside its name, or in its part in an instance."""
    data: dict[str, Any] = host[1]
    return data if row.scope is Scope.NODE else part(host, instance)


def _options(raw: object) -> dict[str, Any]:
    """The options of a floating address."""
    return dict(raw) if isinstance(raw, dict) else {}


def _placed(raw: object, asked: Any) -> object:
    """A floating address with the options that were typed; text again where none are left."""
    found = {"address": raw, **_options(raw)}
    for row in OPTIONS if asked else ():
        keep(row, found, asked[row.asked])
    return found if len(found) > 1 else found["address"]


def _label(speed: Speed, instance: Instance | None) -> Said:
    if instance is None:
        return speed.label
    bound = timing.takeover_bound(instance, "crash")
    return say("{speed}: clients wait at most {seconds} s", speed=speed.label, seconds=f"{bound:.1f}")
