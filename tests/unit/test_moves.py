"""An address that was moved on purpose: what the servers remember, and what follows from it."""

from __future__ import annotations

import pytest

from floatip.change import pins
from floatip.change.pins import Moves
from floatip.hosts.daemon import DaemonState
from floatip.model import fields
from floatip.operate import status
from tests.lab import stories

TWO = stories.cluster(stories.instance("VI_1"), stories.instance("VI_2", ("d2", "d1"), vrid=102, address="10.9.1.7"))


@pytest.mark.parametrize("found", [Moves(), Moves(5, {}), Moves(1795520000, {"VI_1": "d2", "VI_2": "d1"})])
def test_a_note_comes_back(found: Moves) -> None:
    assert pins.parse(found.note) == found


@pytest.mark.parametrize("note", [None, "", "x", "5 VI_1", "5 =d2", "-5", "5  VI_1=d2", "5 VI_1=d2\n\n", "9" * 20])
def test_an_odd_note_is_none(note: str | None) -> None:
    assert pins.parse(note) == Moves()


def test_who_leads_changes_places_with_who_was_moved_to() -> None:
    applied = pins.applied(TWO, Moves(5, {"VI_1": "d2", "VI_2": "d2", "GONE": "d1"}))
    assert [instance.preferred.node for instance in applied.instances] == ["d2", "d2"]
    first = {member.node: member.priority for member in TWO.instances[0].members}
    assert {member.node: member.priority for member in applied.instances[0].members} == {
        "d1": first["d2"],
        "d2": first["d1"],
    }
    assert pins.known(TWO, Moves(5, {"VI_1": "d1", "VI_2": "d9"})) == Moves(5, {})


def test_toward_a_server_and_home_again() -> None:
    away = pins.moved(TWO, Moves(), {"VI_1": "d2", "VI_2": "d2"}, 5)
    assert away == Moves(5, {"VI_1": "d2"})
    assert pins.moved(TWO, away, {"VI_2": "d1"}, 6) == Moves(6, {"VI_1": "d2", "VI_2": "d1"})
    assert pins.moved(TWO, away, {"VI_1": "d1", "VI_2": "d1"}, 6) == Moves(6, {"VI_2": "d1"})


@pytest.mark.parametrize("to", [{"VI_1": "d2"}, {"VI_1": "d2", "VI_2": "d1"}])
def test_the_option_of_a_deploy(to: dict[str, str]) -> None:
    assert pins.from_option(pins.option(to)) == to


@pytest.mark.parametrize("text", ["", "VI_1", "VI_1:", ":d2", "VI_1:d2;reboot", "VI_1:@local"])
def test_a_wrong_option_is_told(text: str) -> None:
    with pytest.raises(fields.Wrong):
        pins.from_option(text)


@pytest.mark.parametrize(
    ("note", "holder", "sentence"),
    [
        ("", "d1", "d1 holds 10.9.1.6."),
        ("5 VI_1=d2", "d2", "d2 holds 10.9.1.6: it was moved there on purpose."),
        ("5 VI_1=d2", "d1", "d1 holds 10.9.1.6, though d2 is preferred."),
        ("6", "d1", "d1 holds 10.9.1.6."),
        ("nonsense", "d2", "d2 holds 10.9.1.6, though d1 is preferred."),
    ],
)
def test_the_status_knows_of_it(note: str, holder: str, sentence: str) -> None:
    """The older note of the server that was off meanwhile does not count."""
    held = {name: frozenset({"10.9.1.6"} if name == holder else ()) for name in ("d1", "d2")}
    notes = {"d1": note, "d2": "4 VI_1=d2" if note == "6" else note}
    found = {name: DaemonState(True, 9.0, held[name], {}, {}, notes[name]) for name in held}
    first = status.read(TWO, found)[0]
    assert (first.verdict, first.sentence) == ("good", sentence)
