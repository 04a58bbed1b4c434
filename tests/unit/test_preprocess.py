"""keepalived's first pass: what it includes, defines, says for one server, repeats."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floatip.keepalived.adopt import Adopted, adopt
from floatip.keepalived.conf import Gone, Included, Place, Source, expand
from tests.examples import examples

PLAIN = """! a comment with $NAME and ~SEQ
vrrp_instance VI_1 {   # one
    priority 100
}
"""
INSTANCE = """vrrp_instance VI_1 {
    interface eth1
    virtual_router_id 51
@d1 priority 150
@^d1 priority 100
    include addresses/*.conf
}
"""


def read(text: str, host: str = "d1", **files: str) -> list[str]:
    """The lines that come out, of a file and what it includes: pattern → text."""
    included = [Included("/etc/keepalived", name, f"/etc/keepalived/{name}", text) for name, text in files.items()]
    return expand(Source(text, host, included)).text.split("\n")


def test_a_file_without_any_of_it_stays_byte_for_byte() -> None:
    for text in (PLAIN, "", "\n", "\ufeffa\r\n"):
        found = expand(Source(text, "d1"))
        assert (found.text, found.gone, found.place(2)) == (text, (), Place("", 2))


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("$A=eth1\ninterface $A", ["interface eth1"]),
        ("$A=eth1  # why\ninterface ${A}:0 # $B", ["interface eth1:0"]),
        ("$A=1\npriority $AB", ["priority $AB"]),
        ("$A=1\nx $A/24", ["x $A/24"]),  # that ends no name for keepalived
        ("$A =1\nx $A", ["$A =1", "x $A"]),  # nor does it define anything
        ("$A=1\n$B=${A}0\nx $B", ["x 10"]),
        ("$A=1\n$A=2\nx $A", ["x 2"]),
        ('$A=b\nx "$A" "${A}"', ['x "$A" "b"']),
        ("$A=x { \\\n  # inside\n  y 1 \\\n }\n$A\nz", ["x {", "y 1", "}", "z"]),
        ("$A=one \\\n two\nx ${A} y", ["x ${A} y"]),  # several lines stand at the end of one, or nowhere
        ("$A=one \\\n\nx $A", ["x one"]),
        ("$B=b1 \\\nb2\n$A=$B \\\na2\n$A", ["b1", "b2", "a2"]),
        ("@d1 a\n@d2 b\n@^d2 c\n@d1", ["a", "c"]),
        ("$A=@d2 no\n$A\nx", ["x"]),
        ("~SEQ(n, 2, 4) 10.0.0.${n}/24", ["10.0.0.2/24", "10.0.0.3/24", "10.0.0.4/24"]),
        ("~SEQ(n, 2) x $n", ["x 1", "x 2"]),
        ("~SEQ(n, 5, -2, 2) x $n", ["x 5", "x 3"]),
        ("~SEQx(n, 9, 11) x $n", ["x 9", "x a", "x b"]),
        ("$T=2\n~SEQ(n, $T) ~SEQ(m, $T) ${n}$m", ["11", "12", "21", "22"]),
        ("@d1 $A=1\n@d2 $A=2\nx $A", ["x 1"]),
        ("a \\# b\n$A=1\nx\\!y $A # c", ["a \\# b", "x"]),  # keepalived looks for comments twice
    ],
)
def test_what_keepalived_makes_of_it(text: str, becomes: list[str]) -> None:
    assert read(text) == becomes


def test_files_within_files_and_where_each_line_comes_from() -> None:
    included = [
        Included("/etc/keepalived", "a/*.conf", "/etc/keepalived/a/1.conf", "one\ninclude b\n"),
        Included("/etc/keepalived/a", "b", "/etc/keepalived/a/b", "$X=9\n"),
        Included("/etc/keepalived", "a/*.conf", "/etc/keepalived/a/2.conf", "two $X"),
    ]
    found = expand(Source("first\ninclude a/*.conf  # all\nlast $X\ninclude c", "d1", included))
    assert found.text == "first\none\ntwo 9\nlast 9"
    assert [found.place(line) for line in (1, 2, 3, 4)] == [
        Place("", 1),
        Place("/etc/keepalived/a/1.conf", 1),
        Place("/etc/keepalived/a/2.conf", 1),
        Place("", 3),
    ]
    assert [(place.path[-3:], place.line, why) for place, _, why in found.gone] == [
        ("", 2, Gone.TAKEN_IN),
        ("onf", 2, Gone.TAKEN_IN),
        ("a/b", 1, Gone.DEFINITION),
        ("", 4, Gone.NOT_READ),
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("$A=$A x\n$A", Gone.TOO_MUCH),
        ("$A=$A\n$A", Gone.TOO_MUCH),
        ("$A=x \\\n$A\n$A", Gone.TOO_MUCH),
        ("~SEQ(a, 999) ~SEQ(b, 999) ~SEQ(c, 999) x", Gone.TOO_MUCH),
        ("~SEQ(a, 1000000) x", Gone.SEQUENCE),
        ("~SEQ(a, 1, 0, 3) x", Gone.SEQUENCE),
        ("~SEQ(a) x", Gone.SEQUENCE),
        ("@ x", Gone.OTHER_SERVER),
        ("include a", Gone.TAKEN_IN),
    ],
)
def test_what_has_no_end_ends(text: str, why: Gone) -> None:
    itself = Included("/etc/keepalived", "a", "/etc/keepalived/a", "include a\n" * 3)
    found = expand(Source(text, "d1", [itself]))
    assert found.gone[-1][2] in (why, Gone.NOT_READ) and why in {line for _, _, line in found.gone}
    assert len(found.text) <= 1_100_000


SIGNS = '$@~A=\\{}( ,)1#!"\n'


PARTS = ("$A=", "$A", "~SEQ(A,", "1)", "\\\n", "\n", "@d1 ", "x")


@given(st.text(SIGNS, max_size=60) | st.lists(st.sampled_from(PARTS)).map("".join))
@examples(300)
def test_it_never_fails(text: str) -> None:
    found = expand(Source(text, "d1"))
    lines = found.text.split("\n")
    assert len(found.places) in (0, len(lines)) or found.text == ""
    assert adopt({"d1": text}, {}).findings is not None


def adopted(host: str) -> Adopted:
    """Of a server of that name."""
    addresses = "virtual_ipaddress {\n  10.9.1.6/24\n  10.9.1.7/24 home\n}\nunknown line\n"
    included = Included("/etc/keepalived", "addresses/*.conf", "/etc/keepalived/addresses/web.conf", addresses)
    return adopt({"d1": Source(INSTANCE, host, [included])}, {"d1": {"eth1": ["10.9.1.16/24"]}})


def test_an_included_file_is_adopted_and_named() -> None:
    found = adopted("d1")
    assert found.vrrp["d1"]["VI_1"]["priority"] == 150
    assert found.data["vrrp_instances"]["VI_1"]["virtual_ipaddress"][0] == "10.9.1.6/24"
    assert {(finding.place, finding.text) for finding in found.findings} >= {
        ("d1:addresses/web.conf:5", "unknown line"),
        ("d1:6", "include addresses/*.conf"),
        ("d1:5", "@^d1 priority 100"),
    }


def test_a_line_for_another_server_is_not_taken() -> None:
    found = adopted("other")
    assert found.vrrp["d1"]["VI_1"]["priority"] == 100
    assert ("d1:4", "@d1 priority 150") in {(finding.place, finding.text) for finding in found.findings}
