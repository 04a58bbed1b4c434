"""A health check that cannot succeed is told by the deploy and by the status, on every Debian; and stops neither."""

from __future__ import annotations

from pathlib import Path

import pytest

from floatip.hosts.daemon import Health
from floatip.operate.status import Cause, Code
from floatip.runs.events import CheckSeen, CheckTried, TrialResult
from lab import wait_until
from lab.layers import State
from lab.names import SUITES
from lab.place import Place
from tests.lab import changes
from tests.lab.changes import settled
from tests.lab.conftest import Runs
from tests.lab.ran import Ran
from tests.lab.test_status import told

OWN = "/usr/local/lib/web.sh"
CHECKS: dict[str, dict[str, object]] = {
    "web": {"command": OWN, "weight": -60},
    "secret": {"command": "/usr/bin/tail -n1 /etc/shadow", "interval": 1, "weight": -60},
    "fit": {"command": "/usr/bin/test -d /etc"},
}


def tried(run: Ran) -> dict[tuple[str, str], tuple[TrialResult, bool]]:
    """(server, check) → how it ended, and whether something was said of it."""
    return {(one.node, one.check): (one.result, bool(one.message)) for one in run.all(CheckTried)}


def seen(run: Ran) -> dict[tuple[str, str], Health]:
    """(server, check) → what the daemon says at the end."""
    return {(one.node, one.check): one.health for one in run.all(CheckSeen)}


@pytest.mark.hosts(State.READY)
@pytest.mark.parametrize("suite", SUITES)
def test_a_check_that_cannot_succeed(lab: Place, deploy: Runs, floatip: Runs, tmp_path: Path) -> None:
    nodes = ("d1", "d2")
    for host in lab.servers:
        host.run(f"printf '#!/bin/sh\\n' >{OWN}; chmod 0700 {OWN}")
    file = changes.inventory(tmp_path, group={"vrrp_scripts": CHECKS}, instance={"track_script": list(CHECKS)})
    assert tried(deploy("--dry", file)) == {}

    run = deploy(file)
    settled(lab)
    ends = {"web": TrialResult.NOT_RUN, "secret": TrialResult.FAILED, "fit": TrialResult.WELL}
    expected = {(node, check): (end, check != "fit") for node in nodes for check, end in ends.items()}
    assert (run.returncode, tried(run)) == (0, expected)
    assert all("denied" in one.said for one in run.all(CheckTried) if one.check != "fit")
    verdicts = {"web": Health.DISABLED, "secret": Health.FAILS, "fit": Health.WELL}
    assert seen(run) == {(node, check): verdict for node in nodes for check, verdict in verdicts.items()}
    code, row = told(floatip, file)
    assert (code, row["verdict"], row["code"], row["cause_code"]) == (0, "good", Code.HELD, Cause.CHECKS_FAIL)
    told_of = {name: (one["priority"], one["checks"]) for name, one in row["nodes"].items()}
    checks = {"web": False, "secret": False, "fit": True}
    assert told_of == {"d1": (90, checks), "d2": (40, checks)}

    again = deploy(file)
    assert (again.returncode, again.changes, tried(again), seen(again)) == (0, [], {}, {})

    for host in lab.servers:
        host.run(f"chmod 0755 {OWN}")
    mended = {**CHECKS, "secret": {**CHECKS["secret"], "command": "/usr/bin/tail -n1 /etc/passwd"}}
    file = changes.inventory(tmp_path, group={"vrrp_scripts": mended}, instance={"track_script": list(mended)})
    run = deploy(file)
    assert tried(run) == {(node, "secret"): (TrialResult.WELL, False) for node in nodes}
    assert seen(run) == {(node, check): Health.WELL for node in nodes for check in mended}
    wait_until("all is well", lambda: told(floatip, file)[1]["cause_code"] is None)
    code, row = told(floatip, file)
    assert (code, row["verdict"], row["code"]) == (0, "good", Code.HELD)
    assert {name: one["priority"] for name, one in row["nodes"].items()} == {"d1": 150, "d2": 100}
