"""A drill: the fault happens, the client's silence is measured, everything is undone, by whomever."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from floatip.drill import FAULTS
from lab import wait_until
from lab.names import DEFAULT_SUITE, FLOATING, SUITES, spec
from lab.paths import ROOT
from lab.place import Place
from tests.lab import changes
from tests.lab.changes import settled
from tests.lab.conftest import Labs, Runs, start

CHECKED = {"vrrp_scripts": {"web": {"tcp": "127.0.0.1:22", "interval": 1, "timeout": 1, "fall": 2, "rise": 2}}}


@pytest.fixture(scope="module")
def place(
    request: pytest.FixtureRequest, labs: Labs, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Place, Path]]:
    """One lab for all drills on the same Debian, with a health check and a client; and its inventory."""
    lab = labs.up(request.param)
    group = {**CHECKED, "client": dict(spec("client").connection)}
    file = changes.inventory(tmp_path_factory.mktemp("drill"), group=group, instance={"track_script": ["web"]})
    start("pyinfra", "-y", file, "deploy.py", check=True, timeout=180)
    yield lab, file
    labs.down()


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where reports are kept."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "floatip" / "drills" / "lab"


CASES = [(suite, name) for suite in SUITES for name in FAULTS if suite == DEFAULT_SUITE or name in ("cut", "link")]


@pytest.mark.parametrize(("place", "fault"), CASES, indirect=["place"], scope="module")
def test_the_promise_holds(place: tuple[Place, Path], floatip: Runs, state: Path, fault: str) -> None:
    lab, file = place
    settled(lab)
    boot = lab.host("d1").boot_id()
    answer = floatip("drill", file, "--fault", fault, "--json", timeout=300, check=False)
    assert answer.stdout, answer.stderr
    report: dict[str, Any] = json.loads(answer.stdout)
    assert (answer.returncode, report["held"], report["back"]) == (0, True, True), report
    assert report["outage_ms"] <= report["predicted_ms"]
    assert (report["node"], report["home"], report["holder"]) == ("d1", "d1", "d1")
    # d2 had it between, and answered.
    assert fault == "kill" or report["lanes"]["d2"], report
    assert fault in ("kill", "cut") or "d2" in [who for _, who in report["answered"]]
    assert fault == "cut" or report["twice"] < 0.25
    assert report["states"]["d1"][-1][1] == "MASTER"
    assert fault == "kill" or "MASTER" in [state for _, state in report["states"]["d2"]]
    assert (lab.host("d1").boot_id() != boot) is (fault == "reboot")
    (page,) = state.glob(f"*-{fault}.html")
    assert "The promise held" in page.read_text() and "<svg" in page.read_text()
    left = lab.host("d1").run("ip xfrm policy; systemctl list-timers --no-legend; ls /run", check=False).stdout
    assert "floatip-drill" not in left and "proto 112" not in left


@pytest.mark.parametrize("place", [DEFAULT_SUITE], indirect=True)
def test_an_outage_that_is_too_long_fails(place: tuple[Place, Path], floatip: Runs) -> None:
    lab, file = place
    settled(lab)
    answer = floatip("drill", file, "--yes", "--max-outage", "0.01s", check=False, timeout=120)
    assert answer.returncode == 1
    assert answer.stdout.startswith("▲ ")
    answer = floatip("drill", file, "--yes", "--max-outage", "soon", check=False)
    assert (answer.returncode, "no time like 4s" in answer.stderr) == (2, True)


@pytest.mark.parametrize("place", [DEFAULT_SUITE], indirect=True)
def test_the_server_undoes_it_where_the_controller_vanishes(place: tuple[Place, Path], deploy: Runs) -> None:
    lab, file = place
    settled(lab)
    words = [sys.executable, "-m", "floatip", "drill", str(file), "--fault", "stop", "--yes"]
    with subprocess.Popen(words, cwd=ROOT, start_new_session=True, stdout=subprocess.DEVNULL) as child:
        wait_until("d2 has it", lambda: lab.holders(FLOATING) == ["d2"], timeout=30)
        beside = deploy(file, check=False)
        assert (beside.returncode, "Another run is at work on lab" in beside.stderr) == (1, True)
        words = ["ps", "-o", "pid=", "--ppid", str(child.pid)]
        mine = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
        child.kill()
        subprocess.run(["kill", "-9", *mine], check=True)
    settled(lab, timeout=90)
