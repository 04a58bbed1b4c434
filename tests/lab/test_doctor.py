"""`floatip doctor` names the fault that was planted, first; on a healthy cluster it says nothing.

One fault for each finding. Each and every variation, on all releases, is recorded: `tests/recorded/doctor`. That the
doctor has nothing to say of what is well on each Debian: `test_floats`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from lab.layers import State
from lab.names import DEFAULT_SUITE, SUITES
from lab.place import Place
from tests.lab import faults
from tests.lab.conftest import Labs, Runs
from tests.lab.faults import FEW, FIRST, Fault
from tests.recorded.doctor_answers import INVENTORY


def group(name: str) -> pytest.MarkDecorator:
    """Those of one name share a lab, so they go to one worker."""
    return pytest.mark.xdist_group(name=f"doctor-{name}")


@pytest.fixture(scope="module")
def place(request: pytest.FixtureRequest, labs: Labs) -> Iterator[Place]:
    """One lab for all faults of a group, which is called after its Debian; with a health check."""
    lab = labs.up(request.param.partition("-")[0], state=State.READY, whole=True)
    faults.prepare(lab)
    yield lab
    labs.down()


def findings(floatip: Runs) -> list[dict[str, Any]]:
    """What the doctor says."""
    answer = floatip("doctor", INVENTORY, "--json", check=False)
    found: list[dict[str, Any]] = json.loads(answer.stdout)["findings"]
    assert answer.returncode == (1 if found else 0)
    return found


def rows(name: str, some: list[Fault], *marks: pytest.MarkDecorator) -> list[Any]:
    """A group of faults, as parameters."""
    return [pytest.param(name, fault, id=f"{name}-{fault.name}", marks=[group(name), *marks]) for fault in some]


ROWS = [
    *rows(f"{DEFAULT_SUITE}-1", FIRST[::2]),
    *rows(f"{DEFAULT_SUITE}-2", FIRST[1::2]),
    *(row for suite in SUITES if suite != DEFAULT_SUITE for row in rows(suite, FEW, pytest.mark.soak)),
]


@pytest.mark.parametrize(("place", "fault"), ROWS, indirect=["place"], scope="module")
def test_the_planted_fault_is_the_first_finding(place: Place, floatip: Runs, fault: Fault) -> None:
    faults.healthy(place)
    fault.plant(place)
    try:
        first = next(iter(findings(floatip)), {})
        assert fault.explains(first), first
    finally:
        fault.clear(place)


QUIET = f"{DEFAULT_SUITE}-1"


@pytest.mark.parametrize("place", [pytest.param(QUIET, marks=group(QUIET))], indirect=True)
def test_a_healthy_cluster_is_left_alone(place: Place, floatip: Runs) -> None:
    faults.healthy(place)
    assert findings(floatip) == []


OFF = f"{DEFAULT_SUITE}-2"


@pytest.mark.parametrize("place", [pytest.param(OFF, marks=group(OFF))], indirect=True)
def test_a_server_that_is_off(place: Place, floatip: Runs) -> None:
    faults.healthy(place)
    place.host("d2").power_off()
    try:
        (only,) = findings(floatip)
        assert (only["code"], only["node"]) == ("unreachable", "d2")
    finally:
        faults.bring_back(place, "d2")
