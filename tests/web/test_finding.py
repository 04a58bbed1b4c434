"""Somebody with many clusters: what is looked for is found, and what needs a person stands together, with no script."""

from __future__ import annotations

import re
from urllib.parse import quote_plus

import pytest

from floatip.model.cluster import Cluster
from tests.web.conftest import Person
from tests.web.test_home import clusters, known  # noqa: F401 - a fixture
from tests.web.test_way import answer_all
from wizard.show import card_filter

NEEDY = ["half", "ill", "lab", "moved", "odd", "refused", "twice", "watched"]


def shown(person: Person, query: str = "") -> list[str]:
    """The clusters whose cards are on the page."""
    return re.findall(r'data-inventory="([^"]+)"', person.open(f"/{query}").text)


def counts(person: Person) -> tuple[int, int]:
    """How many are found, and how many of them need a person, as the page says it."""
    found = re.search(r'<span class="pill">(\d+)</span>.*?data-attention="(\d+)"', person.page.text, re.DOTALL)
    assert found
    return int(found[1]), int(found[2])


@pytest.mark.parametrize(
    ("find", "names"),
    [
        ("el", ["well"]),  # a part of a name
        ("WATCH", ["watched"]),
        ("10.9.1.6 tw", ["twice"]),  # each word, in any order
        ("d2 moved", ["moved"]),
        ("127.0.0.1", [name for name in [*NEEDY, "well"] if name not in ("lab", "odd")]),  # how a server is reached
        ("odd", ["odd"]),  # a file that cannot be used has a name, too
        ("nobody", []),
        ('<b>"', []),
    ],
)
def test_what_is_looked_for_is_found(
    clusters: dict[str, Cluster],  # noqa: F811
    person: Person,
    find: str,
    names: list[str],
) -> None:
    found = shown(person, f"?find={quote_plus(find)}")
    assert sorted({*found} - {"lab"}) == sorted(names)
    assert f'name="find" value="{find}"' in person.page.text or "<" in find
    assert 'id="none"' in person.page.text or names
    assert "<b>" not in person.page.text
    live = re.search(r'hx-get="([^"]+)"', person.page.text)
    assert (
        live and shown(person, live[1].replace("&amp;", "&").lstrip("/")) == found
    )  # it stays so while it is looked at


def test_what_needs_a_person(clusters: dict[str, Cluster], person: Person) -> None:  # noqa: F811
    known(person, "well", *(name for name in NEEDY if name != "odd"))
    assert shown(person, "?only=attention") == NEEDY
    assert counts(person) == (len(NEEDY) + 1, len(NEEDY))
    assert shown(person, "?only=attention&find=w") == ["twice", "watched"]
    assert counts(person) == (3, 2) and "No cluster needs attention." not in person.page.text
    assert shown(person, "?only=attention&find=well") == []
    assert "No cluster needs attention." in person.page.text
    assert shown(person) == sorted([*NEEDY, "well"])
    assert 'name="find"' in person.page.text


def test_few_clusters_need_no_search(person: Person) -> None:
    assert 'name="find"' not in person.open("/").text
    answer_all(person)
    assert 'name="find"' not in person.open("/").text and 'data-draft="' in person.page.text
    assert 'data-draft="' in person.open("/?find=d1").text and 'name="find" value="d1"' in person.page.text
    assert 'data-draft="' not in person.open("/?find=other").text and 'id="none"' in person.page.text


def test_what_was_looked_for_outlives_another_language(
    clusters: dict[str, Cluster],  # noqa: F811
    person: Person,
) -> None:
    person.open("/?find=10.9.1.6+tw&only=attention")
    person.send("/language", back="/?find=10.9.1.6+tw%3F&only=attention", language="ru")
    assert person.at == "/?find=10.9.1.6+tw%3F&only=attention" and "Найти" in person.page.text
    for elsewhere in ("//elsewhere/?find=a", "/\\elsewhere", "https://elsewhere/"):
        assert person.send("/language", back=elsewhere, language="en").request.path == "/" == person.at


def test_what_is_typed_is_bounded() -> None:
    assert card_filter.asked({"find": " a \t b " + "x" * 5000}).find == f"a b {'x' * (card_filter.LONGEST - 7)}"
    assert card_filter.asked({"only": "other"}) == card_filter.CardFilter()
