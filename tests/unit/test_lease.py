"""A lease as a value: read strictly, told in a sentence; and a process that is gone."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from floatip.change.plan import Kind, Plan, Step, Wait
from floatip.cli import main, show
from floatip.deploy.survey.departure_plan import NOBODY
from floatip.deploy.survey.outdated import outdated
from floatip.hosts import daemon, host_answer, probe
from floatip.hosts.host_state import File, HostState
from floatip.hosts.monitor import Snapshot
from floatip.model.cluster import Cluster
from floatip.model.messages import say
from floatip.runs.events import Refusal, Refused, line
from floatip.runs.events import read as read_events
from floatip.runs.lock import held, process
from floatip.server_side.lease import model
from floatip.server_side.lease.model import Lease, What
from floatip.server_side.lease.scripts import Found
from lab.paths import ROOT

RUN = "ab" * 16
LINE = f"1 {RUN} 130 90 deploy 192.0.2.7 - ann@desk"
LEASE = Lease(RUN, 30, 10, What.DEPLOY, "192.0.2.7", "", "ann@desk")
GOOD = [
    (LINE, LEASE),
    (LINE.replace("192.0.2.7", "-"), replace(LEASE, origin="")),
    (LINE.replace("192.0.2.7", "fe80::1%eth0"), replace(LEASE, origin="fe80::1%eth0")),
    (
        LINE.replace(" - ", " 0-1:2:3:4 ").replace("deploy", "reboot"),
        replace(LEASE, process="0-1:2:3:4", what=What.REBOOT),
    ),
    (LINE.replace(" 90 ", " 900 "), replace(LEASE, age=0)),
]
BAD = [
    "",
    "1",
    LINE.replace("1 ", "2 ", 1),
    LINE.replace(RUN, RUN[1:]),
    LINE.replace("130", "soon"),
    LINE.replace("130", "9" * 40),
    LINE.replace("deploy", "plunder"),
    LINE.replace("192.0.2.7", "\x1b[31m"),
    LINE.replace("ann@desk", "ann\x1b]0;x\x07"),
    LINE.replace("ann@desk", "a" * 101),
    LINE + " more",
    LINE + "\nmore",
]


@pytest.mark.parametrize(("text", "lease"), GOOD)
def test_a_lease_is_read(text: str, lease: Lease) -> None:
    assert model.read(text + "\n", 100) == lease


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_lease_is_none(text: str) -> None:
    assert model.read(text, 100) is None


def test_what_a_server_says_of_it() -> None:
    answer = ["floatip-state=1", "uid=0", "links=[]"]
    assert host_answer.parse([*answer, "up=100.50", f"lease={LINE}"]).lease == LEASE
    for more in (
        ["up=130.00", f"lease={LINE}"],
        [f"lease={LINE}"],
        ["up=inf", f"lease={LINE}"],
        ["up=100.50", "lease=x"],
    ):
        assert host_answer.parse([*answer, *more]).lease is None, more


def test_what_a_status_says_of_it() -> None:
    answer = ["floatip-daemon=1", "links=[]", "up=100.50", f"lease={LINE}"]
    seen = Snapshot(0.0, {"d1": daemon.parse(answer), "d2": daemon.parse(answer[:3])}, {})
    assert {name: lease["who"] for name, lease in show.document([], seen)["leases"].items()} == {"d1": "ann@desk"}
    console = Console(width=200)
    with console.capture() as printed:
        console.print(show.picture([], seen))
    assert [line[:2] for line in printed.get().splitlines() if "ann@desk" in line] == ["d1"]


def test_a_refusal_names_the_holder_and_what_to_do() -> None:
    said = model.refusal("d1", LEASE, 0)
    assert said.startswith("d1 is in use: a deploy by ann@desk from 192.0.2.7, since ")
    assert "No server was changed." in said and "expires within 30 s" in said and "floatip unlock" in said
    assert " from " not in model.described("d1", replace(LEASE, origin=""))
    assert "(process 77)" in model.refusal("d1", LEASE, 77)
    assert model.refusal("d1", None, 0) == "Another run is changing d1. No server was changed."
    refused = Refused(Refusal.BUSY, said, ("d1",))
    assert read_events(line(refused)) == [refused]


def test_a_lost_lease_is_told() -> None:
    assert "ann@desk" in model.lost("d1", LEASE)
    assert "unlocked or rebooted" in model.lost("d1", None)


def test_a_process_that_is_gone() -> None:
    mine = process.this()
    assert not process.ended(mine)
    boot, namespace, pid, born = mine.split(":")
    assert process.ended(f"{boot}:{namespace}:{pid}:{int(born) + 1}"), "another one has its number"
    with subprocess.Popen(["sleep", "60"]) as other:
        born = process._birth(other.pid)
        other.kill()
    gone = f"{boot}:{namespace}:{other.pid}:{born}"
    assert process.ended(gone)
    # Of another computer, or of another container on this one, nothing is known.
    for unknown in (
        gone.replace(boot, "0" * 36),
        gone.replace(f":{namespace}:", ":1:"),
        "-",
        "",
        f"{gone}\n",
        "x" * 999,
    ):
        assert not process.ended(unknown)


def test_a_process_of_somebody_else_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(pid: int, number: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", denied)
    monkeypatch.setattr(process, "_birth", lambda pid: "")
    boot, namespace, *_ = process._here().split(":")
    assert not process.ended(f"{boot}:{namespace}:1:1")


def test_who_we_are_needs_no_quoting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "Zoë $(id)")
    assert process.who().startswith("Zo????id?@")
    assert model.read(LINE.replace("ann@desk", process.who()), 100)


STATE = HostState(0, "debian", "12", True, {"keepalived": "1"}, {"keepalived": ("active", "enabled")}, (), False, {})
CHANGES: list[tuple[str, Callable[[HostState], HostState], bool]] = [
    ("nothing", lambda state: state, False),
    ("the clock", lambda state: replace(state, clock=99), False),
    ("a lease", lambda state: replace(state, lease=LEASE), False),
    ("a service that came up", lambda state: replace(state, units={"keepalived": ("reloading", "enabled")}), False),
    ("a file", lambda state: replace(state, files={"conf": File("640:root:root", "other")}), True),
    ("a package", lambda state: replace(state, packages={}), True),
    ("a reboot", lambda state: replace(state, boot="other"), True),
    ("a mark", lambda state: replace(state, pending=True), True),
    ("a service switched off", lambda state: replace(state, units={"keepalived": ("active", "disabled")}), True),
]


def surveyed(state: HostState, plan: Plan) -> Any:
    return SimpleNamespace(
        states={"d1": state}, wanted={"d1": "conf"}, firewalls={"d1": None}, plan=plan, departures=NOBODY
    )


def planned(kind: Kind, *steps: Step | Wait) -> Plan:
    return Plan(kind, steps, (), say("notice"), {})


@pytest.mark.parametrize(("what", "change", "void"), CHANGES, ids=[what for what, _, _ in CHANGES])
def test_what_makes_a_plan_void(what: str, change: Callable[[HostState], HostState], void: bool) -> None:
    plan = planned(Kind.RELOAD)
    assert outdated(surveyed(STATE, plan), surveyed(change(STATE), plan)) == (["d1"] if void else [])


def test_the_order_of_the_steps_makes_a_plan_void_where_it_matters() -> None:
    step = Step("d1", "conf", say("why"))
    wait = Wait("d1", frozenset(), frozenset(), frozenset(), 1.0, say("why"))
    for kind, void in ((Kind.RELOAD, []), (Kind.IDENTITY, ["d1"])):
        orders = [planned(kind, *steps) for steps in ((step, wait), (wait, step))]
        assert outdated(surveyed(STATE, orders[0]), surveyed(STATE, orders[1])) == void
    assert outdated(surveyed(STATE, planned(Kind.RELOAD, step)), surveyed(STATE, planned(Kind.RELOAD))) == ["d1"]


LAB = str(ROOT / "inventories" / "lab.py")
LOCKS = [
    # What is found on d1, options, how the lease was found when it was ended, exit code.
    (None, [], {}, 0),
    ("d1 is off.", [], {}, 3),
    (LEASE, ["--yes"], {"d1": Found.GIVEN}, 0),
    (LEASE, ["--yes"], {"d1": Found.LOST}, 0),
    (LEASE, ["--yes"], {"d1": Found.STEP}, 1),
    (LEASE, ["--yes"], {"d1": None}, 1),
    (LEASE, ["--json"], {}, 1),
    (LEASE, ["--json", "--yes"], {"d1": Found.GIVEN}, 0),
]


@pytest.mark.parametrize(("found", "options", "ended", "code"), LOCKS)
def test_unlock(
    monkeypatch: pytest.MonkeyPatch, found: Lease | str | None, options: list[str], ended: dict[str, Any], code: int
) -> None:
    asked: list[dict[str, str]] = []
    here = found if isinstance(found, str) else replace(STATE, lease=found)
    monkeypatch.setattr(probe, "states", lambda cluster: {"d1": here, "d2": STATE})

    def end(cluster: Cluster, runs: dict[str, str]) -> dict[str, Any]:
        asked.append(runs)
        return ended

    monkeypatch.setattr(held, "end", end)
    answer = CliRunner().invoke(main, ["unlock", LAB, *options])
    assert answer.exit_code == code, answer.output
    assert asked == ([{"d1": RUN}] if ended else [])
    assert "--json" in options or not isinstance(found, Lease) or "ann@desk" in answer.stdout


def test_unlock_asks_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "states", lambda cluster: {"d1": replace(STATE, lease=LEASE)})
    monkeypatch.setattr(held, "end", lambda cluster, runs: pytest.fail("it was not confirmed"))
    assert CliRunner().invoke(main, ["unlock", LAB], input="n\n").exit_code == 1
