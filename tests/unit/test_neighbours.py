"""Who answers for an address: what is read of a script's answer, who is asked, and whose answer it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from ipaddress import ip_interface
from types import SimpleNamespace
from typing import Any

import pytest

from floatip.deploy.steps.answers import Asking
from floatip.deploy.survey import answering
from floatip.deploy.survey.departure_plan import NOBODY
from floatip.hosts import neighbours
from floatip.hosts.daemon import DaemonState
from floatip.hosts.host_state import HostState, Link
from floatip.hosts.network_scan import Advert, NetworkScan, Protocol
from floatip.hosts.surroundings import Aside
from floatip.model import fields
from floatip.model.cluster import Floating, Instance, Member
from floatip.operate.doctor import Seen, case, diagnose
from floatip.runs.events import Proved, Remark, sentence
from tests.unit.test_members import TWO

FLOATING, OURS, THEIRS = "10.9.1.6", "02:00:00:00:00:01", "02:00:00:00:00:99"
HOLDS = f"arp=eth1 {FLOATING} {OURS}"
(VI_1,) = TWO.instances
VMAC = "00:00:5e:00:01:65"


def test_everybody_who_answers() -> None:
    six = f"neigh=eth1 fd00::6 fd00::6 lladdr {OURS} REACHABLE"
    lines = ["floatip-neighbours=1", HOLDS, f"arp=eth1 {FLOATING} {THEIRS}", six]
    assert neighbours.parse(lines) == (
        ("eth1", FLOATING, OURS),
        ("eth1", FLOATING, THEIRS),
        ("eth1", "fd00::6", OURS),
    )


@pytest.mark.parametrize("line", ["arp=", f"arp=eth1 {FLOATING} <b>", f"arp=eth1 {FLOATING} {OURS}:00", f"x{HOLDS}"])
def test_nonsense_is_nothing(line: str) -> None:
    assert neighbours.parse(["floatip-neighbours=1", line]) == ()


@pytest.mark.parametrize("lines", [[], [HOLDS], ["Welcome", "floatip-neighbours=1", HOLDS]])
def test_no_answer_at_all(lines: list[str]) -> None:
    with pytest.raises(ValueError, match="did not run"):
        neighbours.parse(lines)


@pytest.mark.parametrize("pair", [("$(id)", FLOATING), ("eth1", "10.9.1.6;id")])
def test_only_interfaces_and_addresses_get_into_the_script(pair: tuple[str, str]) -> None:
    with pytest.raises((fields.Wrong, ValueError)):
        neighbours.script([pair])


def state(name: str, *held: str, mac: str = OURS) -> HostState:
    """A server with these addresses on eth1."""
    member = VI_1.member(name)
    assert member
    addresses = frozenset({str(member.address), *held})
    return HostState(0, "debian", "12", True, {}, {}, (Link("eth1", True, addresses, mac),), False, {})


def test_whose_hardware_address_counts() -> None:
    found = state("d1")
    second = replace(found, links=(*found.links, Link("eth2", True, frozenset(), THEIRS)))  # Linux answers there, too
    assert answering.own(VI_1, FLOATING, "d1", found) == {OURS}
    assert answering.own(VI_1, FLOATING, "d1", second) == {OURS, THEIRS}
    virtual = replace(VI_1, use_vmac=True)
    assert answering.own(virtual, FLOATING, "d1", state("d1")) == {VMAC}
    assert answering.own(virtual, "fd00::6", "d1", state("d1")) == {VMAC.replace(":01:65", ":02:65")}


def test_who_can_ask_the_holder() -> None:
    def asker(instance: Instance, address: str = FLOATING) -> str | None:
        having = replace(instance, virtual_ipaddress=(Floating(ip_interface(address)),))
        found = answering.asker(having, address, "d1", ["d1", "d2"])
        return found.node if found else None

    assert asker(VI_1) == "d2"
    assert asker(VI_1, "192.0.2.6") == "d2"  # of another network, on the same wire
    assert asker(VI_1, "fd00::6") is None
    first, second = VI_1.members
    assert asker(replace(VI_1, members=(first, elsewhere(second)))) is None
    assert answering.asker(VI_1, FLOATING, "", ["d2"]) is None


def elsewhere(member: Member) -> Member:
    """The same in another network."""
    return replace(member, address=ip_interface("192.0.2.61/24"))


# (who answers, whether it is the holder, who else, what a person reads)
ANSWERED = [
    (frozenset({OURS}), True, (), "d1 holds 10.9.1.6, and it answers"),
    (frozenset({OURS, THEIRS}), True, (THEIRS,), f"and answers, but {THEIRS} does too"),
    (frozenset({THEIRS}), False, (THEIRS,), f"but {THEIRS} answers for it"),
    (frozenset[str](), False, (), "but does not answer"),
    (None, None, (), "d1 holds 10.9.1.6"),
]


@pytest.mark.parametrize(("macs", "answers", "others", "words"), ANSWERED)
def test_only_the_holder_s_answer_counts(
    monkeypatch: pytest.MonkeyPatch,
    macs: frozenset[str] | None,
    answers: object,
    others: tuple[str, ...],
    words: str,
) -> None:
    monkeypatch.setattr(answering, "ask", lambda *_: {} if macs is None else {"d2": {FLOATING: macs}})
    survey: Any = SimpleNamespace(cluster=TWO, hosts={"d1": None, "d2": None}, states={"d1": state("d1")})
    (proved,) = Asking(survey, survey, {"d1": frozenset({FLOATING}), "d2": frozenset()}).events()
    assert (proved.holder, proved.answers, proved.others) == ("d1", answers, others)
    assert words in sentence(proved)
    assert isinstance(proved, Proved)


def survey(**change: Any) -> Any:
    """A run that will bring up both servers."""
    states = {"d1": state("d1"), "d2": state("d2", mac="02:00:00:00:00:02")}
    plan = SimpleNamespace(steps=("a step",))
    whole = {"cluster": TWO, "hosts": states, "states": states, "plan": plan, "departures": NOBODY}
    return SimpleNamespace(**{**whole, **change})


NOT_SAID: list[dict[str, Any]] = [
    {"plan": SimpleNamespace(steps=())},
    {"hosts": {"d1": state("d1")}},
    {"states": {"d1": state("d1", f"{FLOATING}/24"), "d2": state("d2")}},
]


@pytest.mark.parametrize("change", [{}, *NOT_SAID])
@pytest.mark.parametrize("mac", [THEIRS, OURS, VMAC])
def test_an_address_that_somebody_else_has(monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], mac: str) -> None:
    asked: list[str] = []

    def ask(_: object, __: object, pairs: Mapping[str, list[tuple[str, str]]]) -> answering.Answers:
        asked.extend(address for each in pairs.values() for _, address in each)
        return {name: {address: frozenset({mac}) for _, address in each} for name, each in pairs.items()}

    monkeypatch.setattr(answering, "ask", ask)
    found = survey(**change)
    assert answering.taken(found, found) == ([("d1", FLOATING, mac)] if mac == THEIRS and not change else [])
    assert bool(asked) is not bool(change), "a run that changes nothing asks nobody"


def findings(aside: Aside, scan: NetworkScan) -> list[tuple[str, str, int]]:
    """What the doctor makes of two servers that see the same: code, server, how many lines show it."""
    seen = {
        name: Seen(state(name), DaemonState(True, 9, frozenset(), {}, {}), aside, scan)
        for name in (member.node for member in VI_1.members)
    }
    known = [(str(finding.code), finding.node, len(finding.evidence)) for finding in diagnose(case(TWO, seen, {}))]
    return [finding for finding in known if finding[0] in ("foreign-vrrp", "address-taken")]


def test_a_stranger_is_one_finding_whatever_it_sends() -> None:
    adverts = [Advert("eth1", "10.9.1.9", 101, 2, priority, ()) for priority in range(50, 60)]
    assert findings(Aside(), NetworkScan(tuple(adverts))) == [("foreign-vrrp", "d1", 2)]
    carp = replace(adverts[0], protocol=Protocol.CARP)
    assert findings(Aside(), NetworkScan((*adverts, carp))) == [("foreign-vrrp", "d1", 2)] * 2
    assert findings(Aside(arp=(("eth1", FLOATING, THEIRS),)), NetworkScan()) == [("address-taken", "d1", 2)]


def test_the_words_of_a_remark(monkeypatch: pytest.MonkeyPatch) -> None:
    remarks: list[Any] = []
    monkeypatch.setattr("floatip.runs.detached.tell", remarks.append)
    answering.remark("d1", FLOATING, THEIRS)
    (remark,) = remarks
    assert isinstance(remark, Remark)
    assert remark.message.startswith(
        f"{FLOATING} is in use: d1 sees {THEIRS} answer for it, which is not one of the servers"
    )
