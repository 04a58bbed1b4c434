"""What the status page says of what was found: a row a case; unknown is never good."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest

from floatip.hosts import host_script
from floatip.hosts.daemon import DaemonState, Health, Vrrp, parse
from floatip.model import inventory
from floatip.operate import status
from floatip.server_side.lease.model import Lease, What
from floatip.server_side.pending.change import Brief
from lab.paths import ROOT
from wizard.drafts import Draft
from wizard.hosts import discovery

VIP = "10.9.1.6"
RUN = "f" * 32
CASES = [
    (("backup", "master"), "good", "d2 holds 10.9.1.6, though d1 is preferred."),
    (("master", "backup"), "good", "d1 holds 10.9.1.6."),
    (("master", "stopped"), "good", "d1 holds 10.9.1.6."),
    (("master", "master"), "bad", "d1 and d2 hold 10.9.1.6 at the same time."),
    (("master", "unknown"), "unknown", "d1 holds 10.9.1.6; whether d2 does too is not known."),
    (("backup", "unknown"), "unknown", "No reachable server holds 10.9.1.6. Unreachable: d2."),
    (("unknown", "unknown"), "unknown", "No reachable server holds 10.9.1.6. Unreachable: d1, d2."),
    (("backup", "backup"), "bad", "No server holds 10.9.1.6. An election may be under way."),
    (("stopped", "stopped"), "bad", "No server holds 10.9.1.6. keepalived is not running on any of them."),
]


def vitals(kind: str, **more: Any) -> DaemonState:
    """A host that holds the address, runs without it, or does not run keepalived."""
    states = {"master": "master", "backup": "backup", "fault": "fault"}
    seen = {"VI_1": Vrrp(states[kind], 100, 60.0, more.pop("counters", {}))} if kind in states else {}  # type: ignore[arg-type]
    held = frozenset({VIP}) if kind == "master" else frozenset()
    return replace(DaemonState(kind != "stopped", 60.0, held, seen, {}), **more)


def rows(*found: DaemonState | None, checks: bool = False) -> status.Row:
    """The one row of the lab's cluster, d1 and d2 being like this."""
    (read,) = inventory.read(ROOT / "inventories" / "lab.py")
    cluster = read.cluster
    assert cluster
    if checks:
        cluster = replace(
            cluster, instances=tuple(replace(instance, track_script=("web",)) for instance in cluster.instances)
        )
    (row,) = status.read(cluster, {name: state for name, state in zip(("d1", "d2"), found, strict=True) if state})
    return row


@pytest.mark.parametrize(("kinds", "verdict", "sentence"), CASES)
def test_the_verdict(kinds: tuple[str, str], verdict: str, sentence: str) -> None:
    row = rows(*(vitals(kind) if kind != "unknown" else None for kind in kinds))
    assert (row.address, row.verdict) == (VIP, verdict)
    assert f"{row.sentence} {row.cause}".startswith(sentence)
    assert tuple(node.state for node in row.nodes) == kinds


CAUSES = [
    ((vitals("master"), vitals("master")), "something between them drops VRRP"),
    (
        (vitals("master", counters={"addr_list_err": 3}), vitals("master")),
        "d1 hears adverts that it refuses: they have",
    ),
    ((vitals("fault", checks={"web": False}), vitals("fault", checks={"web": False})), "web on d1 and web on d2"),
    ((vitals("fault"), vitals("stopped")), "No server can hold the address"),
]


@pytest.mark.parametrize(("found", "cause"), CAUSES)
def test_the_likely_cause(found: tuple[DaemonState, DaemonState], cause: str) -> None:
    row = rows(*found, checks=True)
    assert row.verdict == "bad"
    assert cause in row.cause


DEAD = replace(vitals("master"), read=True)
FAILING = [
    (
        (vitals("master", checks={"web": True}), vitals("backup", checks={"web": False})),
        "Health checks fail: web on d2.",
    ),
    ((DEAD, vitals("backup")), "Health checks fail: web on d1 (keepalived does not run it)."),
    ((vitals("master", checks={"web": True}), vitals("stopped")), ""),
    ((replace(DEAD, waiting=frozenset({"web"})), vitals("backup")), ""),
]


@pytest.mark.parametrize(("found", "cause"), FAILING, ids=range(len(FAILING)))
def test_a_check_that_fails_is_told_while_somebody_holds_the_address(
    found: tuple[DaemonState, DaemonState], cause: str
) -> None:
    row = rows(*found, checks=True)
    assert (row.verdict, row.cause) == ("good", cause)
    assert (row.level, row.sign) == (("warning", "▲") if cause else ("good", "●"))


STATUSES = [
    ([], {}, Health.UNKNOWN),
    (["checks=read"], {}, Health.DISABLED),
    (["script=web", "status=GOOD", "checks=read"], {"web": True}, Health.WELL),
    (["script=web", "init=unknown", "status=BAD", "checks=read"], {"web": False}, Health.FAILS),
    (["script=web", "init=INIT", "status=BAD", "checks=read"], {}, Health.UNKNOWN),
    (["script=web", "init=INIT/RELOAD", "status=BAD"], {}, Health.UNKNOWN),
    (["script=web", "checks=read"], {}, Health.UNKNOWN),
    (["script=other", "status=GOOD", "checks=read"], {"other": True}, Health.DISABLED),
]


@pytest.mark.parametrize(("lines", "checks", "health"), STATUSES)
def test_what_the_daemon_says_of_a_check(lines: list[str], checks: dict[str, bool], health: Health) -> None:
    seen = parse([*GOOD, *lines])
    assert (seen.checks, seen.check("web")) == (checks, health)


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 s"), (119.9, "119 s"), (120, "2 min"), (7200, "2 h"), (1e6, "11 d")]
)
def test_how_long_ago(seconds: float, said: str) -> None:
    assert status.age(seconds) == said


GOOD = ["floatip-daemon=1", "unit=MainPID=6", "unit=ActiveState=active", "up=70.5", "links=[]"]
ODD = [
    [],
    ["floatip-daemon=1"],
    [*GOOD[:-1], "links=x"],
    [*GOOD, "clock=1", "json=AAAA"],
    [*GOOD, "clock=1", "json=" + base64.b64encode(b"[1]").decode()],
    [*GOOD, "clock=1", "json=" + base64.b64encode(b'[{"data":{"iname":"VI_1","state":9}}]').decode()],
    [*GOOD, "json=W10="],
    ["floatip-daemon=1", "unit=StateChangeTimestampMonotonic=x", "up=1", "links=[]"],
]


@pytest.mark.parametrize("lines", ODD, ids=range(len(ODD)))
def test_what_a_host_says_is_not_trusted(lines: list[str]) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        parse(lines)


def test_who_is_changing_it() -> None:
    lease = Lease(RUN, 20, 3, What.MOVE, "192.0.2.1", "-", "ann@desk")
    brief = Brief(RUN, What.DEPLOY, 1_800_000_000, 63, True, "bob@desk")
    found = {"d1": vitals("master", lease=lease), "d2": vitals("backup", change=brief)}
    busy, changing = status.at_work(found)
    assert (busy.values["node"], busy.values["who"]) == ("d1", "ann@desk")
    assert (changing.values["node"], changing.values["seconds"]) == ("d2", 63)
    assert status.at_work({"d1": vitals("master")}) == []


def test_a_host_without_a_daemon() -> None:
    seen = parse(GOOD)
    assert (seen.running, seen.since, seen.instances, seen.checks) == (True, 70.5, {}, {})


@pytest.mark.parametrize("conf", ["", "vrrp_instance VI_1 {\n}\n"])
def test_a_server_that_has_a_configuration_is_told_with_its_portrait(conf: str) -> None:
    encoded = base64.b64encode(conf.encode()).decode()
    lines = [
        f"{host_script.MARK}=1",
        "uid=0",
        "os=debian 12",
        "systemd=1",
        "links=[]",
        f"file=conf 644:root:root {encoded}",
    ]
    draft = Draft("", "lab", [["d1", {}]], {}, {"d1": {"lines": lines if conf else lines[:-1], "at": 0}})
    draft.found[""] = discovery.connections(draft)
    assert ("has a keepalived.conf" in discovery.portraits(draft)["d1"]) is bool(conf)
