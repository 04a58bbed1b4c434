"""Every fault on every Debian, with an advert a second, as it is where nobody has set another interval."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from floatip.operate.drill import FAULTS
from lab.layers import State
from lab.names import SUITES
from lab.place import Place
from tests.lab import drills
from tests.lab.conftest import Labs, Runs


@pytest.fixture(scope="module")
def place(
    request: pytest.FixtureRequest, labs: Labs, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Place, Path]]:
    """One lab for all drills on the same Debian; and its inventory."""
    lab = labs.up(request.param, state=State.READY)
    yield lab, drills.deploy(tmp_path_factory.mktemp("drill"), drills.USUAL)
    labs.down()


# Those of one Debian share a lab, so they go to one worker.
PLACES = [pytest.param(suite, marks=pytest.mark.xdist_group(name=f"soak-drill-{suite}")) for suite in SUITES]


@pytest.mark.parametrize("place", PLACES, indirect=True)
@pytest.mark.parametrize("fault", FAULTS)
def test_the_promise_holds(
    place: tuple[Place, Path], floatip: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    drills.promise_holds(*place, floatip, tmp_path / "floatip" / "drills" / "lab", fault)
