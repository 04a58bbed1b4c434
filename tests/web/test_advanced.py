"""Under Advanced: every setting of the table that the last question asks for, without a form of its own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from floatip.model import inventory
from floatip.model.settings import BLOCK, GLOBAL, NODE, OPTIONS, SETTINGS, Scope, Setting
from floatip.model.settings.groups import SYNC
from floatip.model.settings.mailing import MailServer
from floatip.model.settings.notifying import Running
from floatip.model.settings.values import Flag, Fraction, Own, Text, Whole
from tests.examples import each
from tests.strategies import another, plain
from tests.web.conftest import Person
from tests.web.test_way import EXTRAS, answer_all
from wizard.pages import sync_groups


def answers(person: Person) -> str:
    """The page without what its files say where one points to a word."""
    return re.sub(r' aria-description="[^"]*"', "", person.page.text)


def field(row: Setting) -> str:
    """What the field of d1, or of the instance, is called."""
    return f"members-0-{row.key}" if row.scope in (Scope.MEMBER, Scope.NODE) else row.key


def saved(person: Person, tmp_path: Path) -> dict[str, Any]:
    """Save from the check page; the instance, and d1's part in it, as the inventory has them."""
    person.open(person.at.replace("check", "save"))
    person.send(name="web")
    read = inventory.raw((tmp_path / "inventories" / "web.py").read_text(), "web.py")
    assert isinstance(read, tuple)
    d1 = read[0][0][1]
    return {**read[1], **read[1]["vrrp_instances"]["VI_1"], **d1, **d1["vrrp"]["VI_1"]}


PLAIN = plain((*BLOCK, *GLOBAL, *NODE))
ASKED = [row for row in PLAIN if row.page == "extras"]


def test_every_plain_setting_is_asked_for() -> None:
    assert PLAIN == ASKED
    assert not {row.asked for row in SETTINGS} & {"version", "csrf_token", "action", "anyway"}, "the page's own"


def beside(row: Setting) -> dict[str, str]:
    """What has to be said with a setting, else there is a warning."""
    return {"notification_email": "root", "smtp_server": "192.0.2.25"} if row.key == "smtp_alert" else {}


@pytest.mark.parametrize("row", each(ASKED), ids=lambda row: row.key)
def test_a_setting_is_typed_shown_and_written(person: Person, tmp_path: Path, row: Setting) -> None:
    answer_all(person, until="Anything else?")
    assert f'name="{field(row)}"' in person.page.text
    assert row.label in person.page.text
    person.send(**EXTRAS, **beside(row), **{field(row): "y" if isinstance(row.value, Flag) else str(another(row))})
    assert person.heading == "Check your answers"
    assert row.label in person.page.text
    assert row.key in person.page.text
    person.open(person.at.replace("check", "extras") + "?from=check")
    unset = "" if row.default is None else str(row.default)
    person.send(
        **EXTRAS, **dict.fromkeys(beside(row), ""), **({} if isinstance(row.value, Flag) else {field(row): unset})
    )
    assert row.label not in answers(person)
    assert bool(re.search(rf"\b{row.key}\b", person.page.text)) == (row.always or row.scope is Scope.NODE)
    person.open(person.at.replace("check", "extras") + "?from=check")
    person.send(**EXTRAS, **beside(row), **{field(row): "y" if isinstance(row.value, Flag) else str(another(row))})
    assert saved(person, tmp_path)[row.key] == another(row)


@pytest.mark.parametrize("row", each(row for row in ASKED if not isinstance(row.value, Flag)), ids=lambda row: row.key)
def test_what_is_wrong_is_told_at_its_field(person: Person, row: Setting) -> None:
    answer_all(person, until="Anything else?")
    wrong = str(row.value.high + 1) if isinstance(row.value, Whole | Fraction) else "../x y"
    assert isinstance(row.value, Whole | Fraction | Own | Text | Running | MailServer)
    person.send(**EXTRAS, **{field(row): wrong})
    assert person.page.status_code == 422
    assert list(person.summary) == [field(row)]
    assert row.label in person.summary[field(row)]
    assert f'value="{wrong}"' in person.page.text


@pytest.mark.parametrize(
    ("name", "typed", "key", "kept"),
    [
        ("vrrp_version", "3", "version", 3),
        ("preempt_delay", "30", "preempt_delay", 30),
        ("members-0-track_interface", "eth2, eth3", "track_interface", ["eth2", "eth3"]),
        (
            "members-0-track_interface",
            "eth2, eth3:-60",
            "track_interface",
            ["eth2", {"interface": "eth3", "weight": -60}],
        ),
    ],
)
def test_what_rules_rely_on_is_asked_for_too(
    person: Person, tmp_path: Path, name: str, typed: str, key: str, kept: object
) -> None:
    answer_all(person, until="Anything else?")
    label = next(row.label for row in BLOCK if row.key == key)
    person.send(**EXTRAS, **{name: "-1"})
    assert list(person.summary) == [name]
    assert label in person.summary[name]
    person.send(**EXTRAS, **{name: typed})
    assert label in person.page.text
    person.open(person.at.replace("check", "extras") + "?from=check")
    assert f'value="{typed}"' in person.page.text
    person.send(**EXTRAS, **{name: "0" if key == "preempt_delay" else ""})
    assert label not in answers(person)
    person.open(person.at.replace("check", "extras") + "?from=check")
    person.send(**EXTRAS, **{name: typed})
    assert saved(person, tmp_path)[key] == kept


@pytest.mark.parametrize("row", each(ASKED), ids=lambda row: row.key)
def test_an_older_form_takes_nothing_away(person: Person, tmp_path: Path, row: Setting) -> None:
    answer_all(person, until="Anything else?")
    given = {field(row): "y" if isinstance(row.value, Flag) else str(another(row))}
    person.send(**EXTRAS, **beside(row), **given)
    person.open(person.at.replace("check", "extras") + "?from=check")
    person.send(**EXTRAS, **beside(row), **(given if isinstance(row.value, Flag) else {}))
    assert saved(person, tmp_path)[row.key] == another(row)


OPTIONS_TYPED = {"dev": "eth2", "label": "eth2:vip", "brd": "10.9.1.255", "scope": "site", "extra": "noprefixroute"}


def send_options(person: Person, options: dict[str, str], number: int = 0) -> None:
    """Send the last question with these options of one of the addresses."""
    row = f"addresses-{number}-"
    typed = {f"{row}{key}": value for key, value in options.items()}
    person.send(**EXTRAS, **{f"{row}address": person.hidden(f"{row}address")}, **typed)


def test_the_options_of_an_address_are_typed_shown_and_written(person: Person, tmp_path: Path) -> None:
    """They stay with their address, whatever becomes of the others."""
    answer_all(person, until="Anything else?")
    send_options(person, OPTIONS_TYPED)
    for row in OPTIONS:
        assert row.label in person.page.text
        assert OPTIONS_TYPED[row.key] in person.page.text
    person.open(person.at.replace("check", "address") + "?from=check")
    assert 'value="10.9.1.6/24"' in person.page.text
    person.send(virtual_ipaddress="10.9.1.7, 10.9.1.6")
    person.open(person.at.replace("check", "extras") + "?from=check")
    assert 'name="addresses-0-dev" type="text" value=""' in person.page.text or "addresses-0-dev" in person.page.text
    assert [person.hidden(f"addresses-{number}-address") for number in (0, 1)] == ["10.9.1.7/24", "10.9.1.6/24"]
    send_options(person, {"brd": ""}, 1)
    assert OPTIONS[0].label in person.page.text
    kept = {key: value for key, value in OPTIONS_TYPED.items() if key != "brd"}
    assert saved(person, tmp_path)["virtual_ipaddress"] == ["10.9.1.7/24", {"address": "10.9.1.6/24", **kept}]


def test_an_address_without_options_is_text_again(person: Person, tmp_path: Path) -> None:
    answer_all(person, until="Anything else?")
    send_options(person, {"dev": "eth2"})
    person.open(person.at.replace("check", "extras") + "?from=check")
    send_options(person, {"dev": ""})
    assert OPTIONS[0].label not in person.page.text
    assert saved(person, tmp_path)["virtual_ipaddress"] == ["10.9.1.6/24"]


@pytest.mark.parametrize(
    ("key", "typed"), [("dev", "$(id)"), ("label", "eth2:vip"), ("brd", "10.9.1"), ("scope", "moon")]
)
def test_a_wrong_option_is_told_at_its_field(person: Person, key: str, typed: str) -> None:
    answer_all(person, until="Anything else?")
    send_options(person, {key: typed})
    assert person.page.status_code == 422
    assert list(person.summary) == [f"addresses-0-{key}"]
    label = next(row.label for row in OPTIONS if row.key == key)
    assert person.summary[f"addresses-0-{key}"].startswith(f"10.9.1.6/24: {label}")
    assert f'value="{typed}"' in person.page.text


def test_instances_that_move_together(person: Person, tmp_path: Path) -> None:
    """Typed, told where it is wrong, shown, and left out again."""
    answer_all(person, until="Anything else?")
    person.send(**EXTRAS, vrrp_sync_group="routers: VI_1, VI_9")
    assert list(person.summary) == ["vrrp_sync_group"]
    assert 'value="routers: VI_1, VI_9"' in person.page.text
    person.send(**EXTRAS, vrrp_sync_group="")
    assert person.heading == "Check your answers"
    assert SYNC.label not in person.page.text
    person.open(person.at.replace("check", "save"))
    person.send(name="web")
    assert "vrrp_sync_group" not in (tmp_path / "inventories" / "web.py").read_text()


@pytest.mark.parametrize(
    ("typed", "raw"),
    [
        ("a: x, y; b: z w", {"a": ["x", "y"], "b": ["z", "w"]}),
        ("x y", {"x y": []}),
        (" ; ", {}),
        ("a:x,y", {"a": ["x", "y"]}),
    ],
)
def test_groups_as_a_line_of_text(typed: str, raw: dict[str, list[str]]) -> None:
    assert sync_groups.typed(typed) == raw
    assert sync_groups.typed(sync_groups.shown(raw)) == raw


@pytest.mark.parametrize("odd", [None, "x", 5, {"a": "x"}, {"a": [1, None]}, ["a"]])
def test_odd_groups_of_a_draft_are_shown(odd: object) -> None:
    assert isinstance(sync_groups.shown(odd), str)
