"""The doctor says "nothing is wrong" only where the status is well, too; two who hold an address are always told."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from floatip.hosts.daemon import DaemonState, State, Vrrp
from floatip.operate import status
from floatip.operate.doctor import Case, Code, Finding, diagnose
from tests.lab.faults import FAULTS
from tests.recorded.doctor_answers import HEALTHY, PLACE, Recording, case

FILES = sorted(PLACE.glob("*.json"))
FLOATING = "10.9.1.6"


def recorded(stem: str) -> Case:
    """A recording, as the doctor sees it."""
    made = Recording.load(PLACE / f"{stem}.json")
    return case(made, Recording.load(PLACE / f"{made.suite}-{HEALTHY}.json"))


def rows(given: Case) -> list[status.Row]:
    """The status of the same servers at the same moment."""
    return status.read(given.cluster, {name: seen.daemon for name, seen in given.seen.items()})


def agrees(given: Case) -> list[Finding]:
    """What the doctor says, where that goes with the status."""
    found = diagnose(given)
    codes = {finding.code for finding in found}
    for row in rows(given):
        if row.code is status.Code.TWICE:
            assert codes & {Code.UNHEARD, Code.HELD_TWICE}
        if row.code is status.Code.NOBODY:
            assert Code.HELD_BY_NOBODY in codes
        well = row.level == "good" and {node.state for node in row.nodes} <= {"master", "backup"}
        assert well or codes, row
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_planted_fault(path: object) -> None:
    stem = getattr(path, "stem", "")
    found = agrees(recorded(stem))
    assert bool(found) == (not stem.endswith(HEALTHY))


def test_every_code_of_the_table_is_one() -> None:
    assert {fault.code for fault in FAULTS} <= set(Code)


KINDS: tuple[State | None, ...] = ("master", "backup", "init", "fault", "stopped", "absent", None)


def vitals(kind: State, rank: int, vrid: int = 101) -> DaemonState:
    """A server in this state; its health check is well."""
    instances = {"VI_1": Vrrp(kind, rank, 60.0, {}, vrid, rank)}
    other = {"VI_7": Vrrp("backup", rank, 60.0, {}, 7, rank)}
    seen = {"init": {}, "stopped": {}, "absent": other}.get(kind, instances)
    held = frozenset({FLOATING}) if kind == "master" else frozenset[str]()
    return DaemonState(kind != "stopped", 60.0, held, seen, {"web": True})


def constructed(kinds: tuple[State | None, State | None], vrids: tuple[int, int] = (101, 101)) -> Case:
    """The healthy recording, with servers in these states; None: one that does not answer."""
    given = recorded(f"bookworm-{HEALTHY}")
    states = dict(zip(("d1", "d2"), zip(kinds, (150, 100), vrids, strict=True), strict=True))
    seen = {
        name: replace(given.seen[name], daemon=vitals(kind, rank, vrid))
        for name, (kind, rank, vrid) in states.items()
        if kind
    }
    failures = {name: "no route" for name, (kind, _, _) in states.items() if not kind}
    return replace(given, seen=seen, failures=failures)


@pytest.mark.parametrize(
    "kinds", list(product(KINDS, KINDS)), ids=lambda kinds: "-".join(kind or "silent" for kind in kinds)
)
def test_every_status(kinds: tuple[State | None, State | None]) -> None:
    found = agrees(constructed(kinds))
    assert bool(found) == (kinds != ("master", "backup"))
    assert all(finding.mend for finding in found)


@pytest.mark.parametrize("stays", [{"nopreempt": True}, {"preempt_delay": 300}])
def test_an_address_that_stays_where_it_is_on_purpose(stays: dict[str, int]) -> None:
    given = constructed(("backup", "master"))
    assert [finding.code for finding in agrees(given)] == [Code.NOT_AT_HOME]
    instances = tuple(replace(instance, **stays) for instance in given.cluster.instances)  # type: ignore[arg-type]
    assert agrees(replace(given, cluster=replace(given.cluster, instances=instances))) == []


def test_two_daemons_with_different_numbers_are_told_apart() -> None:
    """It is not the network that drops what they say."""
    given = constructed(("master", "master"), (101, 77))
    (row,) = rows(given)
    assert (row.cause_code, row.cause) == (status.Cause.OTHER_VRID, "d2 runs VRID 77 instead of 101.")
    found = agrees(given)
    assert [finding.code for finding in found][-1] == Code.HELD_TWICE
    assert "d2 runs VRID 77 instead of 101." in found[-1].what
    (row,) = rows(constructed(("master", "master")))
    assert row.cause_code is status.Cause.VRRP_DROPPED


def test_a_daemon_without_this_instance_does_not_just_start() -> None:
    (row,) = rows(constructed(("master", "absent")))
    assert [node.state for node in row.nodes] == ["master", "absent"]
    (row,) = rows(constructed(("absent", "absent")))
    assert (row.verdict, row.cause_code) == ("bad", status.Cause.NO_INSTANCE)


@pytest.mark.parametrize("checks", [{"checks": {"web": False}}, {"checks": {}, "read": True}], ids=["fails", "not run"])
def test_a_health_check_that_is_not_well_while_the_address_is_held(checks: dict[str, Any]) -> None:
    given = constructed(("master", "backup"))
    d2 = given.seen["d2"]
    given = replace(given, seen={**given.seen, "d2": replace(d2, daemon=replace(d2.daemon, **checks))})
    (row,) = rows(given)
    assert (row.verdict, row.level) == ("good", "warning")
    assert agrees(given)
