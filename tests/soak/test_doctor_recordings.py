"""Every planted fault on every Debian: the doctor names it, and its answers still look like the recorded ones.

The new recordings are in `.lab/recorded/doctor`. Where the shape differs, and rightly so, they are the ones to keep:
copy them to `tests/recorded/doctor`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import pytest

from floatip.hosts import host_answer, probe
from floatip.operate.doctor import diagnose, examining
from lab.layers import State
from lab.names import SUITES
from lab.paths import LAB
from lab.place import Place
from tests import preloaded
from tests.lab import faults
from tests.lab.conftest import Labs
from tests.lab.faults import FAULTS, UNREACHABLE, Fault
from tests.recorded.doctor_answers import HEALTHY, INVENTORY, PLACE, Recording, cluster

NEW = LAB / "recorded" / "doctor"


@pytest.fixture(scope="module")
def place(request: pytest.FixtureRequest, labs: Labs) -> Iterator[Place]:
    """One lab for all faults on the same Debian."""
    lab = labs.up(request.param, state=State.READY, whole=True)
    faults.prepare(lab)
    with pytest.MonkeyPatch.context() as patch:  # each of some thirty looks would do the same imports
        patch.setattr(sys, "executable", preloaded.python())
        yield lab
    labs.down()


def group(suite: str) -> pytest.MarkDecorator:
    """Those of one Debian share a lab, so they go to one worker."""
    return pytest.mark.xdist_group(name=f"soak-doctor-{suite}")


def asked() -> dict[str, Any]:
    """What the hosts answer the doctor."""
    return probe.ask(examining.questions([cluster()]))


def forget(lab: Place) -> None:
    """Begin a new page of each server's journal, so that a recording holds what came of its own fault."""
    for host in lab.servers:
        host.run("journalctl -q --rotate; journalctl -q --vacuum-time=1us")


def recording(answers: Mapping[str, Any], suite: str, name: str, fault: Fault | None) -> Recording:
    """With what it must lead to."""
    state = host_answer.parse(list(answers["d1"]["lines"]))
    expected = (fault.code, fault.host, fault.words) if fault else ("", "", "")
    return Recording(suite, state.packages["keepalived"], INVENTORY.name, name, *expected, answers)


def checked(place: Place, answers: Mapping[str, Any], fault: Fault) -> None:
    """The fault is the first finding; the answers are written down, and look like those before."""
    first = first_finding(answers)
    assert fault.explains(first), first
    made = recording(answers, place.host("d1").spec.suite, fault.name, fault)
    made.save(NEW)
    compared(made)


def compared(made: Recording) -> None:
    """There are the same kinds of lines, with the same keys, as in the recording that is kept."""
    before = PLACE / made.file
    assert before.exists(), f"{made.file} was never recorded before"
    assert sorted(made.shape()) == sorted(Recording.load(before).shape())


def first_finding(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The likeliest cause."""
    return next((asdict(finding) for finding in diagnose(examining.understood(cluster(), answers))), {})


PLACES = [pytest.param(suite, marks=group(suite)) for suite in SUITES]


@pytest.fixture(scope="module")
def well(place: Place) -> dict[str, Any]:
    """What its hosts answer when nothing is wrong: the first recording, as the others point to it."""
    suite = place.host("d1").spec.suite
    for old in NEW.glob(f"{suite}-*.json"):
        old.unlink()
    faults.healthy(place)
    forget(place)
    answers = asked()
    recording(answers, suite, HEALTHY, None).save(NEW)
    return answers


@pytest.mark.parametrize("place", PLACES, indirect=True)
def test_a_healthy_cluster(place: Place, well: dict[str, Any]) -> None:
    assert first_finding(well) == {}
    compared(recording(well, place.host("d1").spec.suite, HEALTHY, None))


@pytest.mark.parametrize("place", PLACES, indirect=True)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
@pytest.mark.usefixtures("well")
def test_a_planted_fault(place: Place, fault: Fault) -> None:
    faults.healthy(place)
    forget(place)
    fault.plant(place)
    try:
        answers = asked()
    finally:
        fault.clear(place)
    checked(place, answers, fault)


@pytest.mark.parametrize("place", PLACES, indirect=True)
@pytest.mark.usefixtures("well")
def test_a_server_that_is_off(place: Place) -> None:
    faults.healthy(place)
    forget(place)
    place.host("d2").power_off()
    try:
        answers = asked()
    finally:
        faults.bring_back(place, "d2")
    checked(place, answers, UNREACHABLE)
