"""A deploy of an inventory that a server was taken out of: what it refuses, and what the options make of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pyinfra.api import Host

from floatip.change import members
from floatip.change.members import Known, Left
from floatip.change.plan import PlanError
from floatip.deploy.lifecycle.refusal import Refusing
from floatip.deploy.session import outsider
from floatip.deploy.survey import departure_plan, departures, forgetting
from floatip.deploy.survey.departure_plan import Departures, Leaver
from floatip.hosts import connection, network_script, ssh_errors
from floatip.hosts.host_state import File, HostState, Link
from floatip.hosts.ssh_errors import Why
from floatip.keepalived.render import keepalived_conf
from floatip.language import telling
from floatip.model.cluster import Cluster
from floatip.runs import detached
from floatip.runs.events import Refusal, Remark
from floatip.runs.pyinfra_run import DISMISS, FORGET
from tests.lab import stories
from tests.unit.test_asking import ANSWERS, Login
from tests.unit.test_members import BARE, D3, THREE, TWO, state

KNOWS = members.record(THREE)
FLOATING, SSH = "10.9.1.6", 22


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, object]:
    """What `--data` gives; the run is watched from `tmp_path`, and no server can be reached."""
    given: dict[str, object] = {}
    monkeypatch.setenv(detached.RUN, str(tmp_path))
    monkeypatch.setattr(departures, "inventory", SimpleNamespace(get_override_data=lambda: given))
    monkeypatch.setattr(outsider, "connected", unreachable)
    return given


def unreachable(current: object, hosts: object, left: Left) -> Any:
    """Nothing answers."""
    raise outsider.Unreachable("Nothing answers there.")


def look(records: Mapping[str, str | None], *, removing: bool = False, cluster: Cluster = TWO) -> Departures:
    """What a run finds whose servers remember this."""
    states = {name: state(record) for name, record in records.items()}
    hosts: Any = dict.fromkeys(states)
    return departures.departures(SimpleNamespace(), cluster, hosts, states, removing=removing)  # type: ignore[arg-type]


def refused(records: Mapping[str, str | None], **more: Any) -> tuple[Refusal, tuple[str, ...]]:
    """Why the run does not begin."""
    with pytest.raises(Refusing) as found:
        look(records, **more)
    return found.value.event.code, found.value.event.nodes


BOTH = {"d1": KNOWS, "d2": None}


def test_nobody_is_missing(data: dict[str, object]) -> None:
    assert look({"d1": members.record(TWO), "d2": None}) == Departures()
    data[DISMISS] = "d3"  # a second time
    assert look({"d1": members.record(TWO), "d2": None}) == Departures()


def test_whoever_is_missing_is_not_forgotten(data: dict[str, object]) -> None:
    assert refused(BOTH) == (Refusal.LEFT_BEHIND, ("d3",))
    data[DISMISS] = "d4"
    assert refused(BOTH) == (Refusal.LEFT_BEHIND, ("d3",))


@pytest.mark.parametrize(("servers", "removing"), [(["d1"], False), (["d1", "d2"], True)])
def test_a_run_that_is_not_about_all_only_says_it(
    data: dict[str, object], tmp_path: Path, servers: list[str], removing: bool
) -> None:
    found = look({name: BOTH[name] for name in servers}, removing=removing)
    assert [member.name for member in found.kept] == ["d3"]
    (event,) = detached.events_of(tmp_path)
    assert isinstance(event, Remark)
    assert (event.code, event.path) == ("left-behind", "nodes.d3")
    data[DISMISS] = "d3"
    assert refused({name: BOTH[name] for name in servers}, removing=removing) == (Refusal.OPTION, ())


WRONG = ["", "d3,", "@local", "d3;reboot", "D3", True, 3.5]


@pytest.mark.parametrize("option", [DISMISS, FORGET])
@pytest.mark.parametrize("value", WRONG)
def test_an_option_that_names_nobody(data: dict[str, object], option: str, value: object) -> None:
    data[option] = value
    assert refused(BOTH) == (Refusal.OPTION, ())
    data[option] = "d3,d1"
    assert refused(BOTH) == (Refusal.OPTION, ("d1",))


def test_one_that_cannot_be_reached_is_not_dismissed(data: dict[str, object]) -> None:
    data[DISMISS] = "d3"
    assert refused(BOTH) == (Refusal.UNREACHABLE, ("d3",))


ROOT: dict[str, Any] = {"os": "debian", "release": "12", "systemd": True, "firewall": ("fw.begin=1", "fw.end=1")}
FOUND: list[tuple[str, HostState, object]] = [
    ("a member", replace(state(KNOWS), **ROOT), ["d3"]),
    ("nothing is left", replace(BARE, **ROOT), ["d3"]),
    ("of another cluster", replace(state("1 other 10.9.1.8\n"), **ROOT), []),
    ("not root", replace(state(KNOWS), **{**ROOT, "uid": 1000}), (Refusal.HOSTS, ("d3",))),
    ("an odd firewall", replace(state(KNOWS), **{**ROOT, "firewall": ()}), (Refusal.FIREWALL, ("d3",))),
    ("without apt", replace(state(KNOWS), **{**ROOT, "os": "alpine", "apt": False}), (Refusal.HOSTS, ("d3",))),
]


@pytest.mark.parametrize(("found", "expected"), [row[1:] for row in FOUND], ids=[row[0] for row in FOUND])
def test_what_is_found_there(
    data: dict[str, object], monkeypatch: pytest.MonkeyPatch, found: HostState, expected: object
) -> None:
    data[DISMISS] = "d3"
    monkeypatch.setattr(outsider, "connected", lambda current, hosts, left: SimpleNamespace(name=left.name))
    monkeypatch.setattr(outsider, "look", lambda current, left, host: found)
    if isinstance(expected, tuple):
        assert refused(BOTH) == expected
    else:
        assert list(look(BOTH).hosts) == expected


def test_it_is_reached_like_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(Host, "connect", lambda host, **more: asked.append(host.data.dict()))
    common = {"ssh_user": "admin", "_sudo": True, "ssh_strict_host_key_checking": "yes", "vrrp": {}}
    rows = [{**common, "ssh_hostname": "a", "ssh_port": 1, "ssh_key": "one"}, {**common, "ssh_key": "two"}]
    hosts: Any = {str(number): SimpleNamespace(data=row) for number, row in enumerate(rows)}
    current: Any = SimpleNamespace(config=SimpleNamespace(CONNECT_TIMEOUT=3), cwd="/x")
    for known in (Known("d3", "192.0.2.3", 2222, ()), Known("d3", "d3", 0, ())):
        assert outsider.connected(current, hosts, Left(known, ("d1",))).name == "d3"
    del common["vrrp"]
    assert asked == [{**common, "ssh_hostname": "192.0.2.3", "ssh_port": 2222}, {**common, "ssh_hostname": "d3"}]


@pytest.mark.parametrize(("answer", "code"), ANSWERS)
def test_an_answer_that_is_none(monkeypatch: pytest.MonkeyPatch, answer: connection.Answer, code: Why) -> None:
    monkeypatch.setattr(connection, "run", lambda *words, **more: answer)
    host: Any = Login([])
    with pytest.raises(Refusing) as failed:
        outsider.look(host, Left(D3, ("d1",)), host)
    assert (failed.value.event.code, failed.value.event.nodes) == (Refusal.NOT_EXAMINED, ("d3",))
    assert ssh_errors.WORDS[code][0].template.split("{")[0] in failed.value.event.message
    russian = telling.translated(ssh_errors.WORDS[code][0].template, "ru").split("{")[0]
    assert russian in telling.tell(failed.value.event.message, "ru")


# Forgetting


def advert(source: str, vrid: int = 101, address: str = FLOATING) -> str:
    """A line of what was heard: version 2, priority 150."""
    packed = "".join(f"{int(part):02x}" for part in address.split("."))
    return f"heard=eth1 {source} 21{vrid:02x}96010001{'0' * 4}{packed}"


LISTENED = [f"{network_script.MARK}=1", "listened=eth1"]
HEARD: list[tuple[str, list[str], Refusal | None]] = [
    ("silence", LISTENED, None),
    ("the others", [*LISTENED, advert("10.9.1.16"), advert("10.9.1.61")], None),
    ("d3", [*LISTENED, advert(D3.addresses[0])], Refusal.STILL_THERE),
    ("its old number", [*LISTENED, advert("10.9.1.99", 7)], Refusal.STILL_THERE),
    ("its old address", [*LISTENED, advert("10.9.1.99", address="10.9.1.200")], Refusal.STILL_THERE),
    ("another cluster", [*LISTENED, advert("10.9.1.99", 7, "10.9.1.8")], None),
    ("deaf", [f"{network_script.MARK}=1", "deaf=eth1 Operation not permitted"], Refusal.NOT_EXAMINED),
    ("nothing at all", [], Refusal.NOT_EXAMINED),
]


@pytest.mark.parametrize(("lines", "code"), [row[1:] for row in HEARD], ids=[row[0] for row in HEARD])
def test_only_one_that_is_gone_is_forgotten(
    data: dict[str, object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lines: list[str], code: Refusal | None
) -> None:
    data[FORGET] = "d3"
    answers = iter([connection.Answer(True, "\n".join(LISTENED), ""), connection.Answer(True, "\n".join(lines), "")])
    monkeypatch.setattr(connection, "run", lambda *words, **more: next(answers))
    own = {
        name: replace(state(KNOWS), links=(Link("eth1", True, frozenset({f"{address}/24"})),))
        for name, address in (("d1", "10.9.1.16"), ("d2", "10.9.1.61"))
    }
    nothing: Any = SimpleNamespace()
    hosts: Any = dict.fromkeys(own)
    if code is None:
        assert departures.departures(nothing, TWO, hosts, own, removing=False) == Departures()
        assert [remark.code for remark in detached.events_of(tmp_path) if isinstance(remark, Remark)] == ["forgotten"]
        return
    with pytest.raises(Refusing) as failed:
        departures.departures(nothing, TWO, hosts, own, removing=False)
    assert failed.value.event.code == code


def test_one_that_answers_is_not_forgotten(data: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    data[FORGET] = "d3"
    monkeypatch.setattr(outsider, "connected", lambda *words: None)
    assert refused(BOTH) == (Refusal.STILL_THERE, ("d3",))


def test_one_listens_for_as_long_as_a_master_could_be_silent() -> None:
    slow = stories.cluster(stories.instance(advert_int=5.0))
    live = {"d1": replace(BARE, files={"conf": File("640:root:root", keepalived_conf(slow, "d1"))})}
    odd = {"d1": replace(BARE, files={"conf": File("640:root:root", "vrrp_instance VI_1 {\n    advert_int x\n}\n")})}
    assert forgetting._patience(TWO, {}) == network_script.SECONDS
    assert forgetting._patience(TWO, odd) == network_script.SECONDS
    assert forgetting._patience(TWO, live) == forgetting._patience(slow, {}) == 16.0


# The plan


def running(cluster: Cluster, name: str, *, holds: bool = False, mine: bool = True) -> HostState:
    """A server with its configuration, and the address or not."""
    text = keepalived_conf(cluster, name) if mine else "vrrp_instance MINE {\n}\n"
    links = (Link("eth1", True, frozenset({f"{FLOATING}/24"})),) if holds else ()
    files = {"conf": File("640:root:root", text)}
    return replace(BARE, files=files, units={"keepalived": ("active", "enabled")}, links=links)


def test_what_it_holds_goes_to_the_others() -> None:
    states = {name: running(THREE, name) for name in ("d1", "d2")}
    host: Any = None
    found = Departures((Leaver(Left(D3, ("d1",)), host, running(THREE, "d3", holds=True)),))
    made = departure_plan.planned(TWO, states, found)
    assert made.leave.heirs == {FLOATING: "d1"}
    after = departure_plan.after(states, made)
    assert [name for name, state in after.items() if FLOATING in state.held] == ["d1"]
    assert not any(FLOATING in state.held for state in states.values())
    assert departure_plan.outdated(made, departure_plan.planned(TWO, states, made)) == []
    gone = replace(made, leaving=(replace(made.leaving[0], state=running(THREE, "d3")),))
    assert departure_plan.outdated(made, departure_plan.planned(TWO, states, gone)) == ["d3"]
    mine = replace(made, leaving=(replace(made.leaving[0], state=running(THREE, "d3", holds=True, mine=False)),))
    assert departure_plan.planned(TWO, states, mine).leave.steps == ()
    with pytest.raises(PlanError):
        departure_plan.planned(TWO, {"d1": BARE, "d2": BARE}, made)


def test_a_configuration_that_cannot_be_read_is_not_guessed_at() -> None:
    states = {name: running(THREE, name) for name in ("d1", "d2")}
    text = keepalived_conf(THREE, "d3").replace("advert_int 1", "advert_int x")
    odd = replace(running(THREE, "d3"), files={"conf": File("640:root:root", text)})
    host: Any = None
    with pytest.raises(Refusing) as failed:
        departure_plan.planned(TWO, states, Departures((Leaver(Left(D3, ("d1",)), host, odd),)))
    assert failed.value.event.code == Refusal.NOT_EXAMINED
