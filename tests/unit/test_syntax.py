"""The tree of a keepalived.conf in any layout, and edits of it: parse → edit → parse."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floatip.keepalived import conf
from floatip.keepalived.conf import Statement, read
from floatip.keepalived.conf.reader import DEEPEST, LONGEST
from tests.examples import examples
from wizard.show import highlight

HEAD = "vrrp_instance VI_1"
BLANK = st.text(" \t\f\v\r", min_size=1, max_size=3)
SIGNS = st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="{}\"!#\\$@~'")
WORD = st.text(SIGNS.filter(lambda sign: sign != " "), min_size=1, max_size=8).filter(
    lambda word: not word.startswith(("include", "\ufeff"))
)
QUOTED = st.text(st.one_of(SIGNS, st.sampled_from("{}!#")), max_size=8).filter(lambda word: word not in ("{", "}"))
COMMENT = st.tuples(st.sampled_from("!#"), st.text(st.one_of(SIGNS, st.sampled_from('{}"')), max_size=8)).map("".join)
SILENCE = st.lists(st.one_of(BLANK, COMMENT.map(lambda text: text + "\n"), st.just("\n"), st.just("\r\n")), max_size=3)
Said = tuple[list[str], list[Any] | None]
"""Words and what stands in the braces of each statement."""


@st.composite
def lines(draw: st.DrawFn, first: list[str] | None = None) -> tuple[list[str], str]:
    """Words, and how a line may have them."""
    words = first or draw(st.lists(st.one_of(WORD, QUOTED), min_size=1, max_size=4))
    parts = []
    for number, word in enumerate(words):
        replaced = number == 0 and word.startswith(("include", "\ufeff"))
        plain = word and not set(word) & set(" {}!#") and not replaced
        parts.append(word if plain and draw(st.booleans()) else f'"{word}"')
    blanks = [draw(BLANK) for _ in parts]
    return words, "".join(sum(zip(blanks, parts, strict=True), ()))


@st.composite
def files(draw: st.DrawFn, depth: int = 0, first: list[str] | None = None) -> tuple[list[Said], str]:
    """What a file says, and one of the ways to say it."""
    messages, text = list[Said](), ""
    for number in range(draw(st.integers(1 if first else 0, 3))):
        text += "".join(draw(SILENCE))
        words, line = draw(lines(first if number == 0 else None))
        body: list[Said] | None = None
        text += line
        if (first and number == 0) or (depth < 3 and draw(st.booleans())):
            body, inner = draw(files(depth + 1))
            text += "".join(draw(SILENCE)) + "{" + inner + "}"
        else:
            text += draw(st.one_of(st.just("\n"), st.just("\r\n"), COMMENT.map(lambda word: f" {word}\n")))
        messages.append((words, body))
    return messages, text + "".join(draw(SILENCE))


def said(statements: list[Statement]) -> list[Said]:
    return [
        (statement.words, None if statement.body is None else said(statement.body))
        for statement in statements
        if not statement.comment and statement.words
    ]


@examples(60)
@given(files())
def test_the_same_words_in_any_layout(given: tuple[list[Said], str]) -> None:
    messages, text = given
    whole = read(text)
    assert said(whole.statements) == messages
    assert whole.odd == []
    assert said(read("\n".join(conf.lines(text))).statements) == messages


@examples(60)
@given(files(first=HEAD.split()), files(), st.booleans(), st.lists(WORD, max_size=2))
def test_an_edit_leaves_the_rest_alone(
    given: tuple[list[Said], str], before: tuple[list[Said], str], there: bool, words: list[str]
) -> None:
    """A setting is put, put again and taken away, beside whatever else the file says."""
    (_, text), (_, start) = given, before
    text = start + text
    if HEAD in [statement.head for statement in read(start).statements]:
        return
    block = read(text).blocks()[HEAD]
    if any(statement.keyword == "priority" for statement in block.body or []):
        return
    if there:
        text = text[: block.opened] + "\n\tpriority 7# seven\r\n" + text[block.opened :]
    whole = read(text)
    once = whole.put(HEAD, {"priority": words})
    twice = once.put(HEAD, {"priority": ["1"]})
    gone = once.drop(HEAD, ["priority"])
    line = " ".join(["priority", *words]) if all(conf.statement.PLAIN.fullmatch(word) for word in words) else ""
    for first, value in (once, words), (twice, ["1"]):
        inner = said(first.blocks()[HEAD].body or [])
        assert [each for each in inner if each[0][:1] == ["priority"]] == [(["priority", *value], None)]
        assert [each for each in inner if each[0][:1] != ["priority"]] == said(block.body or [])
        assert [each for each in said(first.statements) if each[0] != HEAD.split()] == [
            each for each in said(whole.statements) if each[0] != HEAD.split()
        ]
    if line and there:
        begin = text.index("priority 7")
        assert once.text == text[:begin] + line + text[begin + len("priority 7") :]
    elif line:
        assert once.text.startswith(text[: block.opened])
        assert once.text.endswith(text[block.opened :])
        assert once.text[block.opened : len(once.text) - len(text) + block.opened].strip() == line
    assert said(gone.statements) == said(whole.drop(HEAD, ["priority"]).statements)
    assert [each for each in said(gone.blocks()[HEAD].body or []) if each[0][:1] == ["priority"]] == []


@examples(50)
@given(files(first=HEAD.split()), files(first=HEAD.split()), files())
def test_a_block_is_exchanged(
    ours: tuple[list[Said], str], theirs: tuple[list[Said], str], before: tuple[list[Said], str]
) -> None:
    if any(entry[0] == HEAD.split() for entry in (*before[0], *ours[0][1:], *theirs[0][1:])):
        return
    whole, other = read(before[1] + ours[1]), read(theirs[1])
    changed = whole.exchange(HEAD, other.block(HEAD))
    assert said(changed.statements) == [*before[0], theirs[0][0], *ours[0][1:]]
    assert said(whole.exchange(HEAD, "").statements) == [*before[0], *ours[0][1:]]
    block = whole.blocks()[HEAD]
    assert changed.text.startswith(whole.text[: block.begin])
    assert changed.text.endswith(whole.text[block.end :].lstrip(" \t\r\n"))
    assert whole.exchange(HEAD, whole.block(HEAD)).text == whole.text


@examples(60)
@given(st.text(st.sampled_from("ab {}\"!#\\\n\r\t$@~'\0é"), max_size=60))
def test_no_text_is_too_odd_for_an_edit(text: str) -> None:
    whole = read(text)
    for head in whole.blocks():
        for changed in whole.put(head, {"a": ["b c"]}), whole.drop(head, ["a", "b"]), whole.exchange(head, ""):
            read(changed.text)
    if not whole.odd:
        assert said(read("\n".join(conf.lines(text))).statements) == said(whole.statements)


@pytest.mark.parametrize("word", ['a"b', "a\nb", "{", "}", "a\\", "a\0"])
def test_what_no_line_says_is_not_written(word: str) -> None:
    with pytest.raises(ValueError, match="no way to write"):
        read(HEAD + "{\n}").put(HEAD, {"notify": [word]})


def test_words_with_blanks_are_quoted() -> None:
    changed = read(HEAD + "{\r\n}").put(HEAD, {"notify": ["/bin/x a", ""]})
    assert changed.text == HEAD + '{\r\n    notify "/bin/x a" ""\r\n}'


@pytest.mark.parametrize(
    "text",
    [
        "a\\\n",
        "a \\\r\n",
        "a # b\\\n",
        "! a \\\n",
        "a#b\\\n",
        'a "b \\" # c"\n',
        'a "{"\n',
        "a \\# b\n",
        'a \\"b"\n',
        'a "b\n',
        "include x\n",
        "b { includer x\n}\n",
        "$A=1\n",
        "@b c\n",
        "b { @c d\n}\n",
        "~SEQ(a, 1, 2) b\n",
        "a ${_INSTANCE}\n",
        'a "$_PWD/b"\n',
        "a \0\n",
        "\ufeffa b\n",
        "x" * (LONGEST + 1) + "\n",
        "é" * (LONGEST // 2 + 1),
        "}\n",
        "a {\n",
        "{\n}\n",
        "a {" * (DEEPEST + 1) + "}" * (DEEPEST + 1),
    ],
)
def test_what_the_daemon_reads_otherwise_is_odd(text: str) -> None:
    assert read(text).odd
    assert conf.unclear(text)


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff! a\n",
        "\ufeff\na b\n",
        "notify include\n",
        "notify a@b\n",
        'notify "/bin/x $HOME ${FOO} ~SEQ(a)"\n',
        "notify a\\b \\ c\n",
        'notify "a\\\\"\n',
        "a" * LONGEST,
        "notify x#y\n",
        'notify a"b}"c\n',
    ],
)
def test_what_it_reads_as_we_do_is_not(text: str) -> None:
    assert read(text).odd == []
    assert conf.unclear(text) == ""


def test_quotes_inside_words_count_where_a_line_is_read_once_more() -> None:
    assert read('a"b c"d').statements[0].words == ["a", "b c", "d"]
    assert not conf.same('notify a"b c"d\n', 'notify a "b c" d\n')
    assert not conf.same("notify 'a  b'\n", "notify 'a b'\n")
    assert conf.same('notify "a"\n', "notify a\n")


def test_a_password_is_never_shown() -> None:
    for line in ("auth_pass x", 'auth_pass"x"', "{auth_pass\tx", '"auth_pass" "x y"', "auth_pass\fx"):
        assert "x" not in conf.masked(line), line


@examples(60)
@given(st.text(st.sampled_from('ab {}"!#\\\n\r\t$1.:<&'), max_size=40))
def test_its_colours_leave_the_text_as_it_is(text: str) -> None:
    shown = [re.sub("<[^>]*>", "", line) for line in highlight.lines(text)]
    assert unescape("\n".join(shown)) == text.removesuffix("\n")


def test_its_words_have_colours_in_any_layout() -> None:
    text = 'vrrp_instance A{priority 9#c\n"state" B\n! d\n{ 10.0.0.1/24 }'
    kinds = re.findall(r'<span class="(\w)[^>]*>([^<]*)<', "".join(highlight.lines(text)))
    assert [unescape(part) for kind, part in kinds if kind == "k"] == ["vrrp_instance", "priority", '"state"']
    assert [part for kind, part in kinds if kind == "m"] == ["9", "10.0.0.1/24"]
    assert [part for kind, part in kinds if kind == "c"] == ["#c", "! d"]
    assert [part for kind, part in kinds if kind == "p"] == ["{", "{", "}"]


def test_a_word_that_says_what_is_missing_is_marked_and_a_keyword_has_its_meaning() -> None:
    lines = highlight.lines("vrrp_instance VI_1 {\n    priority \u2039VRID\u203a\n    advert_int 1\n}\n")
    assert '<mark class="blank">\u2039VRID\u203a</mark>' in lines[1]
    assert 'aria-description="Seconds between two adverts' in lines[2]
    assert "advert_int" in highlight.lines("advert_int 1")[0] and "aria" not in highlight.lines("advert_int 1")[0]
