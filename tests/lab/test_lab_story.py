"""The picture and the words of `make lab`."""

from __future__ import annotations

import pytest

from lab import LabError, Pings, timeline
from lab.layers import State
from lab.names import FLOATING
from lab.place import Place
from lab.story import act, sentences, tell
from lab.watch import Change

# Ten seconds, a ping each 100 ms; d1's cable is cut at 2 s, d2 answers from 5 s, d1 again from 8 s.
SENT = tuple(float(ms) for ms in range(0, 10_000, 100))
PINGS = Pings(1000.0, 10_000, SENT, tuple(None if 2000 <= sent < 5000 else sent + 1 for sent in SENT))
CHANGES = [
    Change(1000.0, "d1", True),
    Change(1002.1, "d1", False),
    Change(1005.0, "d2", True),
    Change(1008.0, "d1", True),
    Change(1008.0, "d2", False),
]
CUT, BACK = timeline.Mark(1002.0, "cut"), timeline.Mark(1007.0, "back")


@pytest.mark.no_lab
def test_the_picture_shows_who_had_it_and_what_the_client_saw() -> None:
    assert timeline.draw(PINGS, CHANGES, ["d1", "d2"], [CUT, BACK], width=20).splitlines() == [
        "d1       ####............####",
        "d2       ..........######....",
        "client   ++++------++++++++++",
        "             ^ cut",
        "                       ^ back",
        "seconds  0         5         10",
        "",
        "         # has the address   + pings answered   ~ some lost   - no answer",
    ]


@pytest.mark.no_lab
def test_the_words_have_the_figures() -> None:
    acts = [act(CUT, CHANGES, PINGS, BACK.at), act(BACK, CHANGES, PINGS, 1010.0)]
    assert sentences("d1", acts) == [
        "d1 had 10.9.1.6. Its cable was cut; d2 took the address 3.00 s later.",
        "The client was without an answer for 3.10 s.",
        "The cable was put back; d1 took it back 1.00 s later, and the client waited 100 ms at most.",
    ]


@pytest.mark.no_lab
def test_a_cluster_that_does_not_go_back_is_told_so() -> None:
    stays = CHANGES[:3]
    acts = [act(CUT, stays, PINGS, BACK.at), act(BACK, stays, PINGS, 1010.0)]
    assert "d2 kept the address, as configured" in sentences("d1", acts)[2]


def test_no_holder_is_no_story(lab: Place) -> None:
    lines: list[str] = []
    assert lab.holders(FLOATING) == []
    with pytest.raises(LabError, match=FLOATING):
        tell(lab, lines.append)
    assert lines == []


@pytest.mark.hosts(State.DEPLOYED)
def test_the_article_s_result(lab: Place) -> None:
    """What `make lab` does after the deploy: cut the holder's cable, put it back."""
    lines: list[str] = []
    cut, back = tell(lab, lines.append)
    assert (cut.holder, back.holder) == ("d2", "d1")
    assert cut.gap_ms < 4500
    assert back.gap_ms < 500
    assert set(sentences("d1", [cut, back])) < set(lines)
