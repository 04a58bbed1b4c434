"""Text from people, from hosts and from logs is text on every page: no element, no attribute comes of it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from floatip.hosts import daemon_script, host_script, probe
from floatip.hosts.monitor import understood
from floatip.model.messages import Said, say
from floatip.model.problems import Level
from floatip.runs.events import (
    Begin,
    Cleared,
    Done,
    Event,
    Failed,
    Failure,
    NotConnected,
    Outcome,
    Proved,
    Refusal,
    Refused,
    Remark,
    Restored,
    line,
)
from tests.browser import planted
from tests.examples import each, examples
from tests.web.conftest import application, closed
from tests.web.hostile import TEXT, Person, looked_at
from wizard.hosts import background, monitors

FEW, MORE = examples(12), examples(30)


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    """One application for all texts, which asks no server."""
    directory = tmp_path_factory.mktemp("text")
    with pytest.MonkeyPatch.context() as patch:
        made = Person(application(directory), directory)
        patch.setattr(probe, "ask", lambda *_: made.answers)
        patch.setattr(background, "SOON", 20.0)  # no page waits for an answer because the machine is busy
        # Whoever has no answer is out of reach: a page of the status would wait four seconds for their first one.
        look = planted.Once(lambda hosts: understood({**closed(hosts), **made.answers}, dict(hosts)))
        patch.setattr(monitors, "Following", lambda: look)
        yield made


def test_the_looking_glass_sees_markup_that_is_not_ours() -> None:
    page = '<!doctype html><p class="x">{}</p><input value="{}">'
    looked_at(page.format("&lt;zq&gt;", "&quot; zq=&quot;"))
    elements = ("<zq>", "<script>1</script>", "<!-- x -->", "<?x?>", "<iframe>")
    attributes = ("<p zq=1>", "<p onclick=1>", "<p style='x'>", "<a href='javascript:zq'>", "<a href='//zq.example'>")
    for bad in (*elements, *attributes):
        with pytest.raises(AssertionError):
            looked_at(page.format(bad, ""))
    with pytest.raises(AssertionError):
        looked_at(page.format("", '" zq="'))


SLUGS = ("servers", "network", "address", "vrid", "leader", "extras", "save", "adopt")


@pytest.mark.parametrize("slug", each(SLUGS, 3))
def test_what_is_typed(person: Person, slug: str) -> None:
    shown = []

    @FEW
    @example(["<zq>"], "go")
    @given(st.lists(TEXT, min_size=1, max_size=6), st.sampled_from(["go", "suggest", "look"]))
    def typed(texts: list[str], action: str) -> None:
        path = f"/cluster/{person.draft().key}"
        form = next(form for form in person.open(f"{path}/{slug}").forms if not form.action)
        ours = ("csrf_token", "version")
        fields = [(name, value) for name, value in form.fields if name != "action"]
        sent = [(n, value if n in ours else texts[i % len(texts)]) for i, (n, value) in enumerate(fields)]
        for data in ([*sent, ("action", action)], sent):  # the second is stale: both versions, side by side
            page = person.send(f"{path}/{slug}", MultiDict(data))
            shown.append(any("zq" in text for text in page.texts))
        for other in ("check", f"{slug}?from=check", "status"):
            person.open(f"{path}/{other}")
        person.open("/")

    typed()
    assert any(shown), "nothing that was typed was ever shown: this test has seen nothing"


def test_what_stands_in_an_address(person: Person) -> None:
    @FEW
    @given(TEXT)
    def asked(text: str) -> None:
        key = person.draft().key
        for path in ("/", f"/run/{key}", *(f"/cluster/{key}/{slug}" for slug in ("vrid", "check", "nowhere"))):
            person.open(path, instance=text, look=text, follow=text, **{"from": text})

    asked()


ADDRESS = {"local": TEXT | st.sampled_from(["10.9.1.6", "fe80::1%zq"]), "prefixlen": st.sampled_from([24, 999]) | TEXT}
HOSTILE = st.fixed_dictionaries(
    {"ifname": TEXT, "operstate": TEXT, "addr_info": st.lists(st.fixed_dictionaries(ADDRESS), max_size=2) | TEXT}
)
# What Linux allows: 15 characters, no slash, no blank.
LINK = {"operstate": "UP", "addr_info": [{"local": "10.9.1.77", "prefixlen": 24}]}
NAMED = TEXT.map(lambda text: {**LINK, "ifname": re.sub(r"[\s/]", "", text)[:15] or "zq"})
CONF = st.lists(TEXT | st.just("vrrp_instance VI_1 {"), max_size=6).map("\n".join)
CONTENT = CONF.map(lambda text: text.encode("utf-8", "replace")) | st.binary(max_size=40)
FIREWALL = st.lists(TEXT.map(lambda text: f"fw.nft={text}"), max_size=2)


def lines(own: str, links: list[Any], conf: bytes, firewall: list[str]) -> dict[str, list[str]]:
    """What the script on a host prints, which has the article's interface among others."""
    links = [{"ifname": "eth1", "operstate": "UP", "addr_info": [{"local": own, "prefixlen": 24}]}, *links]
    file = f"file=conf 640:root:root {base64.b64encode(conf).decode()}"
    says = [f"{host_script.MARK}=1", "uid=0", "os=debian 12", "systemd=1", f"links={json.dumps(links)}", file]
    name = conf.decode("latin-1")[:40]
    state = {"iname": "VI_1", "state": 2, "effective_priority": 7, "last_transition": 5}
    reported = json.dumps([{"data": state, "stats": {name: 1}}, {"data": {**state, "iname": name}}]).encode()
    alive = [f"{daemon_script.MARK}=1", "up=70", "unit=ActiveState=active", f"script={name}", "status=BAD", "clock=9"]
    return {"lines": [*says, *firewall, *alive, f"json={base64.b64encode(reported).decode()}"]}


def test_what_a_host_says_of_itself(person: Person) -> None:
    shown = []

    @MORE
    @example([{**LINK, "ifname": "<zq>"}], b"vrrp_instance <zq> {", ["fw.nft=<zq>"])
    @given(st.lists(NAMED, max_size=2), CONTENT, FIREWALL | st.just([]))
    def found(links: list[Any], conf: bytes, firewall: list[str]) -> None:
        draft = person.draft(d1=lines("10.9.1.16", links, conf, firewall), d2=lines("10.9.1.61", [], conf, []))
        for slug in ("network", "adopt", "check", "status", "vrid", "address"):
            page = person.open(f"/cluster/{draft.key}/{slug}")
            if any("zq" in text for text in page.texts):
                shown.append(slug)

    found()
    assert {"network", "adopt", "check"} <= set(shown), "no hostile interface or file was ever shown"


def test_what_makes_no_sense(person: Person) -> None:
    key = st.fixed_dictionaries({"host": TEXT, "type": TEXT, "base64": TEXT | st.just("QUJD"), "file": TEXT})
    errors = TEXT | TEXT.map(lambda text: f"No host key for {text} found")
    strange = st.builds(lines, st.just("10.9.1.16"), st.lists(HOSTILE, max_size=3), CONTENT, FIREWALL)
    refused = st.fixed_dictionaries({"error": errors}, optional={"key": key | TEXT})
    deep = st.just({"lines": [f"{host_script.MARK}=1", "uid=0", "links=" + "[" * 100_000]})
    answer = strange | refused | deep | TEXT | st.fixed_dictionaries({"lines": st.lists(TEXT)})

    @MORE
    @given(answer, answer)
    def found(first: Any, second: Any) -> None:
        path = f"/cluster/{person.draft(d1=first, d2=second).key}"
        for slug in ("network", "network?look=no", "adopt", "keys", "check", "status", "vrid"):
            person.open(f"{path}/{slug}")

    found()


def test_what_a_run_tells_and_logs(person: Person) -> None:
    place = person.runs / "20260101-000000-abcdef"
    place.mkdir(parents=True)
    shown = []

    @MORE
    @example(["<zq>"], "1")
    @example(["\x1b[31m"], "1")
    @example(["\x1b[31m"], "0")
    @given(st.lists(TEXT, min_size=1), st.sampled_from(["0", "1"]))
    def never_steered(words: list[str], code: str) -> None:
        said, node = say("{words}", words="".join(words)), "d1"
        events: list[Event] = [
            Begin(1.0, 1, Said(said)),
            Done(node, Outcome.FAILED),
            Failed(Failure.STEP, said, node, said),
            NotConnected(node, said),
            Refused(Refusal.HOSTS, said),
            Remark(node, "x", Level.WARNING, said, said),
            Restored(node, False, said),
            Proved(said, node),
            Cleared(node, (said,), (said,)),
        ]
        files = {"inventory": "/x/lab.py", "log": said, "pid": "1", "code": code, "what": "remove", "node": node}
        for file, text in {**files, "steps": "".join(map(line, events))}.items():
            (place / file).write_text(text, "utf-8", "replace")
        for path in ("/", f"/run/{place.name}"):
            page = person.open(path)
            steering = re.findall(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]", "".join(page.texts))
            assert not steering, steering
            shown.append(any("zq" in text for text in page.texts))

    never_steered()
    assert any(shown), "nothing that was told was ever shown: this test has seen nothing"
