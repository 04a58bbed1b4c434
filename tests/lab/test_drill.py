"""A drill: the fault happens, the client's silence is measured, everything is undone, by whomever.

Each fault once, and on each of the other Debians the one for which a server needs most programs. All of them on all
releases, with an advert a second: `tests/soak/test_drill_series.py`.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import wait_until
from lab.layers import State
from lab.names import DEFAULT_SUITE, FLOATING, SUITES
from lab.paths import ROOT
from lab.place import Place
from tests import preloaded
from tests.lab import drills
from tests.lab.changes import settled
from tests.lab.conftest import Labs, Runs
from tests.lab.controllers import family, send

USUAL, QUICK = f"{DEFAULT_SUITE}-usual", f"{DEFAULT_SUITE}-quick"
FAULTS = {
    USUAL: ("kill", "check"),
    QUICK: ("stop", "link", "reboot"),
    **{f"{suite}-quick": ("cut",) for suite in SUITES if suite != DEFAULT_SUITE},
}
"""Group → the faults that it goes through. A killed daemon that is back before a second of silence has passed is
something that only the usual interval shows."""


def row(name: str, *values: str) -> Any:
    """Those of one group share a lab, so they go to one worker."""
    return pytest.param(name, *values, marks=pytest.mark.xdist_group(name=f"drill-{name}"))


@pytest.fixture(scope="module")
def place(
    request: pytest.FixtureRequest, labs: Labs, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Place, Path]]:
    """One lab for all drills of a group, which is called after its Debian and its settings; and its inventory."""
    suite, _, kind = request.param.partition("-")
    lab = labs.up(suite, state=State.READY)
    settings = drills.USUAL if kind == "usual" else drills.QUICK
    yield lab, drills.deploy(tmp_path_factory.mktemp("drill"), settings)
    labs.down()


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where reports are kept."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "floatip" / "drills" / "lab"


ROWS = [row(name, fault) for name, some in FAULTS.items() for fault in some]


@pytest.mark.parametrize(("place", "fault"), ROWS, indirect=["place"], scope="module")
def test_the_promise_holds(place: tuple[Place, Path], floatip: Runs, state: Path, fault: str) -> None:
    drills.promise_holds(*place, floatip, state, fault)


@pytest.mark.parametrize("place", [row(QUICK)], indirect=True)
def test_the_server_undoes_it_where_the_controller_vanishes(place: tuple[Place, Path], deploy: Runs) -> None:
    lab, file = place
    settled(lab)
    words = [preloaded.python(), "-m", "floatip", "drill", str(file), "--fault", "stop", "--yes"]
    with subprocess.Popen(words, cwd=ROOT, start_new_session=True, stdout=subprocess.DEVNULL) as child:
        wait_until("d2 has it", lambda: lab.holders(FLOATING) == ["d2"], timeout=60, every=0.05)
        send(signal.SIGSTOP, family(child.pid))  # each as it is found: it would undo the fault while the deploy begins
        everything = list(family(child.pid))
        assert deploy(file, check=False).returncode == 1  # one run at a time
        assert lab.holders(FLOATING) == ["d2"]
        send(signal.SIGKILL, everything)
    timers = "systemctl list-timers --no-legend floatip-drill-undo.timer"
    assert lab.host("d1").run(timers).stdout
    settled(lab, timeout=90)
    wait_until("the timer is gone", lambda: not lab.host("d1").run(timers).stdout)
