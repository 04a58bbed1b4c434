"""What a sync group runs when it has moved: a row of the last question for each group that is there."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from flask import Flask

from floatip.language import telling
from floatip.model.settings.groups import INSTANCES
from floatip.model.settings.notifying import NOTIFY
from tests.unit.samples import lab
from tests.unit.test_group_notify import BOTH, group
from tests.web.conftest import Person
from tests.web.test_deployed import draft
from tests.web.test_way import EXTRAS
from wizard import context
from wizard.drafts import Draft

ROW = "groups-0-"


@pytest.fixture
def routers(app: Flask, person: Person) -> Draft:
    """Two instances that move together, on the last question."""
    made = draft(app, lab(group()))
    person.open(f"/cluster/{made.key}/extras?from=check")
    return made


def runs(app: Flask, made: Draft) -> object:
    """The groups as the draft has them."""
    return context.of(app).drafts.get(made.key).data["vrrp_sync_group"]


def send(person: Person, **typed: str) -> None:
    """The last question, with this of the first group."""
    named = {f"{ROW}group": person.hidden(f"{ROW}group")}
    person.send(**EXTRAS, **named, **{f"{ROW}{key}": text for key, text in typed.items()})


def test_each_program_is_typed_shown_written_and_left_out_again(
    app: Flask, person: Person, routers: Draft, tmp_path: Path
) -> None:
    typed = {row.key: f'"/usr/local/bin/{row.key} now" daemon' for row in NOTIFY}
    send(person, **typed)
    assert person.heading == "Check your answers"
    text = unescape(re.sub("<[^>]+>", "", person.page.text))
    for row in NOTIFY:
        assert f"both: {row.label}" in text and f"    {row.key} {typed[row.key]}\n" in text
    (tmp_path / "inventories").mkdir(exist_ok=True)
    person.open(person.at.replace("check", "save"))
    person.send(name="web")
    assert (
        '"notify_master": {"run": "/usr/local/bin/notify_master now", "user": "daemon"}'
        in (tmp_path / "inventories" / "web.py").read_text()
    )
    person.open(f"/cluster/{routers.key}/extras?from=check")
    assert all(f'value="{text}"' in unescape(person.page.text) for text in typed.values())
    send(person, **dict.fromkeys(typed, ""))
    assert runs(app, routers) == {"both": BOTH}
    assert not any(f"both: {row.label}" in unescape(person.page.text) for row in NOTIFY)


def test_what_is_wrong_is_told_at_its_field(app: Flask, person: Person, routers: Draft) -> None:
    send(person, notify_fault="../x")
    assert person.page.status_code == 422 and list(person.summary) == [f"{ROW}notify_fault"]
    label = next(row.label for row in NOTIFY if row.key == "notify_fault")
    assert person.summary[f"{ROW}notify_fault"].startswith(f"both: {label}") and 'value="../x"' in person.page.text


def test_a_missing_file_is_told_at_its_field(app: Flask, person: Person, routers: Draft) -> None:
    send(person, notify="up.sh")
    assert "The file up.sh beside the inventory cannot be read" in person.page.text


def test_it_follows_its_group(app: Flask, person: Person, routers: Draft) -> None:
    """Other instances keep it, another group of the same name has it no more, and an older form takes nothing away."""
    send(person, notify="/bin/up")
    person.open(f"/cluster/{routers.key}/extras?from=check")
    person.send(**EXTRAS)
    kept = {INSTANCES: BOTH, "notify": "/bin/up"}
    assert runs(app, routers) == {"both": kept}
    person.open(f"/cluster/{routers.key}/extras?from=check")
    person.send(**EXTRAS, vrrp_sync_group="sides: VI_1, VI_2", **{f"{ROW}group": "both", f"{ROW}notify": "/bin/up"})
    assert runs(app, routers) == {"sides": BOTH}
    person.open(f"/cluster/{routers.key}/extras?from=check")
    person.send(**EXTRAS, vrrp_sync_group="", **{f"{ROW}group": "sides", f"{ROW}notify": "/bin/up"})
    assert "vrrp_sync_group" not in context.of(app).drafts.get(routers.key).data


@pytest.mark.parametrize("language", ["en", "ru"])
def test_in_both_languages(app: Flask, person: Person, routers: Draft, language: str) -> None:
    person.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    row = unescape(person.open(person.at).text).partition("<legend>both</legend>")[2].partition("</fieldset>")[0]
    with telling.speaking(language):
        wanted = [telling.tell(setting.label) for setting in NOTIFY]
    assert [label in row for label in wanted] == [True] * len(NOTIFY)
    assert len({*wanted}) == len(NOTIFY)
