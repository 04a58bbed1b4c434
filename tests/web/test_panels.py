"""Differences as rows of a code panel: no line is taken for a head, and each has the number that it has in its file."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from floatip.model.diffs import of_file, of_inventory
from floatip.model.paths import KEEPALIVED_CONF, SYSCTL_CONF
from tests.examples import examples
from wizard.show import diffs, highlight, literals

LINES = st.lists(st.sampled_from(["", "a", "-- a", "++ a", "@@ -1 +1 @@", "--- /x now", "}", '"', "<b>"]), max_size=12)


def diff(before: list[str], after: list[str], path: str = SYSCTL_CONF) -> list[str]:
    """As the core makes it."""
    return of_file(path, *("".join(f"{line}\n" for line in lines) for lines in (before, after)))


@examples(200)
@given(LINES, LINES)
def test_each_line_is_where_its_number_says(before: list[str], after: list[str]) -> None:
    rows = [row for row in diffs.rows(diff(before, after)) if row.kind != "gap"]
    assert {row.kind for row in rows} <= {"gone", "added", "same"}
    for row in rows:
        assert row.number and row.text[1:] == (before if row.kind == "gone" else after)[row.number - 1]
    for kind, text, other in (("gone", before, after), ("added", after, before)):
        assert sum(row.kind == kind for row in rows) >= len(text) - len(other)
    assert bool(rows) == (before != after)


def test_of_several_files_each_is_named() -> None:
    numbers = [str(number) for number in range(30)]
    changed = ["x", *numbers[1:-1], "y"]
    rows = diffs.rows([*diff(numbers, changed), *diff([], ["net.x = 1"], "/etc/other")])
    named = [(row.kind, row.text) for row in rows if row.kind in ("head", "gap")]
    assert named == [("head", SYSCTL_CONF), ("gap", "⋯"), ("head", "/etc/other")]


def test_keywords_have_their_colour_and_are_no_stops_of_tab(app: Flask) -> None:
    with app.test_request_context():
        (gone, added) = diffs.rows(diff(["priority 99"], ["priority <b>"], KEEPALIVED_CONF))
    assert gone.text == '-<span class="k">priority</span> <span class="m">99</span>'
    assert added.text == '+<span class="k">priority</span> &lt;b&gt;'


@examples(200)
@given(st.text(max_size=80))
def test_what_is_coloured_says_what_it_said(text: str) -> None:
    shown = "\n".join(highlight.lines(text, explain=False))
    assert unescape(re.sub("<[^>]+>", "", shown)) == text.removesuffix("\n")


INVENTORY = [
    ('"priority": 150,', '<span class="k">"priority"</span>: <span class="m">150</span>,'),
    ('["10.9.1.6/24"]', '<span class="p">[</span><span class="m">"10.9.1.6/24"</span><span class="p">]</span>'),
    ("x = 1  # <b>", 'x = <span class="m">1</span>  <span class="c"># &lt;b&gt;</span>'),
    ('"state": "<b>",', '<span class="k">"state"</span>: "&lt;b&gt;",'),
    ('"""Servers."""', '<span class="c">"""Servers."""</span>'),
]


@pytest.mark.parametrize(("text", "shown"), INVENTORY)
def test_an_inventory_has_the_same_colours(text: str, shown: str) -> None:
    (line,) = literals.lines(text)
    assert str(line).replace("&#34;", chr(34)) == shown


def test_an_inventory_has_its_colours_in_a_difference() -> None:
    (gone, added) = diffs.rows(of_inventory('"a": 1,', '"a": 2,'))
    assert gone.text == '-<span class="k">&#34;a&#34;</span>: <span class="m">1</span>,'
    assert added.text == '+<span class="k">&#34;a&#34;</span>: <span class="m">2</span>,'


@examples(200)
@given(st.text(max_size=80) | st.text(st.sampled_from("a1:,#\"'([{}])\\\n\r\t\f\0 <&"), max_size=40))
def test_an_inventory_says_what_it_said(text: str) -> None:
    shown = "\n".join(literals.lines(text))
    assert unescape(re.sub("<[^>]+>", "", shown)) == text.removesuffix("\n")
