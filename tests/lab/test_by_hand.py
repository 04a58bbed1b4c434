"""What is begun with pyinfra itself is in this computer's history; a renamed cluster is the same one to its servers."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from floatip.model import inventory
from floatip.operate import renaming
from floatip.runs import detached, recorded
from floatip.runs.lock import process
from lab.layers import State
from lab.paths import ROOT
from lab.place import Place
from tests import preloaded
from tests.lab import changes
from tests.lab.changes import CONF, FAST, settled, unnoticed
from tests.lab.conftest import Runs

Pyinfra = Callable[..., int]


@pytest.fixture
def pyinfra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pyinfra:
    """pyinfra as somebody starts it, who knows nothing of floatip's history; its exit code."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def run(file: Path, *more: str) -> int:
        argv = [preloaded.python(), "-m", "pyinfra", *more, str(file), "deploy.py"]
        own = {name: text for name, text in os.environ.items() if name != detached.RUN}
        done = subprocess.run(
            argv, cwd=ROOT, env=own, stdin=subprocess.DEVNULL, capture_output=True, timeout=180, check=False
        )
        return done.returncode

    return run


@pytest.mark.hosts(State.DEPLOYED)
def test_a_run_by_hand_and_a_new_name(lab: Place, pyinfra: Pyinfra, floatip: Runs, tmp_path: Path) -> None:
    file = changes.inventory(tmp_path, instance=FAST)

    def history(of: Path) -> list[tuple[str, str, bool]]:
        """What was begun, how it ended, and whether its inventory is the file's."""
        found = json.loads(floatip("history", of, "--json").stdout)["runs"]
        assert {run["who"] for run in found} <= {process.who()} and all(
            run["terminal"] for run in found if run["what"] == "deploy"
        )
        return [(run["what"], run["state"], run["differs"] == []) for run in found]

    assert pyinfra(file, "-y", "--dry") == 0
    assert history(file) == []
    assert pyinfra(file, "-y") == 0
    settled(lab)
    assert history(file) == [("deploy", "done", True)]
    other = tmp_path / "other.py"
    other.write_text(file.read_text().replace("\nlab = ", "\nother = ").replace("eth1", "eht1"))
    assert pyinfra(other, "-y") != 0
    assert [(what, state) for what, state, _ in history(other)] == [("deploy", "failed")]

    before = {name: lab.host(name).run(f"cat {CONF}").stdout for name in ("d1", "d2")}
    since = {name: lab.host(name).run("systemctl show -p MainPID keepalived").stdout for name in before}
    renaming.rename(file, "web", recorded.directory())
    renamed = file.with_name("web.py")
    assert json.loads(floatip("check", "--live", renamed, "--json").stdout)["ok"]
    assert [run for run in history(renamed) if run[0] == "deploy"] == [("deploy", "done", True)]
    with unnoticed(lab):
        floatip("deploy", renamed, "--yes")
    settled(lab)
    for name, text in before.items():
        now = lab.host(name).run(f"cat {CONF}").stdout
        assert f"# Cluster web, server {name}" in now
        assert now.replace("# Cluster web,", "# Cluster lab,") == text
        assert lab.host(name).run("systemctl show -p MainPID keepalived").stdout == since[name]
    (read,) = inventory.read(renamed)
    assert read.cluster and read.cluster.name == "web"
