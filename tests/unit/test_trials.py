"""A health check is tried as the daemon will run it; what came of it is read with care."""

from __future__ import annotations

import base64
import subprocess
from dataclasses import replace

import pytest

from floatip.deploy.operations import trials
from floatip.deploy.operations.trials import Trial
from floatip.deploy.steps.checks import changed
from floatip.keepalived import render
from floatip.model import inventory
from floatip.model.cluster import Cluster
from floatip.model.tracking import Script
from floatip.runs.events import TrialResult
from lab.paths import ROOT

WEB = Script("web", "command", "/usr/bin/test -e /run/fit", weight=-60)
ONE = (WEB,)


def cluster(*scripts: Script) -> Cluster:
    """The lab's, with these checks."""
    (read,) = inventory.read(ROOT / "inventories" / "lab.py")
    assert read.cluster
    names = tuple(script.name for script in scripts)
    instances = tuple(replace(instance, track_script=names) for instance in read.cluster.instances)
    return replace(read.cluster, scripts=scripts, instances=instances)


CHANGED = [
    (WEB, []),
    (replace(WEB, weight=-70, fall=9, rise=9, interval=7), []),
    (replace(WEB, name="other"), []),
    (replace(WEB, timeout=9), ["web"]),
    (replace(WEB, user="www-data"), ["web"]),
    (replace(WEB, target="/usr/bin/true"), ["web"]),
    (Script("web", "process", "nginx"), ["web"]),
]


@pytest.mark.parametrize(("now", "names"), CHANGED)
def test_only_a_check_that_would_run_differently_is_tried(now: Script, names: list[str]) -> None:
    live = render.keepalived_conf(cluster(WEB), "d1")
    assert [check.name for check in changed(cluster(now), "d1", live)] == names


@pytest.mark.parametrize("live", [None, "", 'vrrp_script web {\n script "/usr/bin/test -e /run/fit"\n timeout 2\n}\n'])
def test_beside_a_file_of_somebody_elses_all_are_new(live: str | None) -> None:
    assert [check.name for check in changed(cluster(WEB), "d1", live)] == ["web"]


def answer(said: bytes, code: object) -> str:
    """A line of the script."""
    return f"{trials.TRIED}0 {base64.b64encode(said + b'%d' % code if isinstance(code, int) else said).decode()}"


ANSWERS = [
    (answer(b"\n", 0), Trial(TrialResult.WELL, "", 0)),
    (
        answer(b"nginx(7): Operation\n\tnot permitted\n\n", 1),
        Trial(TrialResult.FAILED, "nginx(7): Operation not permitted", 1),
    ),
    (
        answer(b"env: '/root/x': Permission denied\n\n", 126),
        Trial(TrialResult.NOT_RUN, "env: '/root/x': Permission denied", 126),
    ),
    (answer(b"its own words\n", 126), Trial(TrialResult.FAILED, "its own words", 126)),
    (answer(b"\n", 124), Trial(TrialResult.OVERDUE, "", 124)),
    (answer(b"\x1b[31m\xff\xe2\x80\xae\n", 1), Trial(TrialResult.FAILED, "[31m\ufffd", 1)),
    (answer(b"x" * 900 + b"\n", 1), Trial(TrialResult.FAILED, "x" * trials.WORDS, 1)),
    (answer(b"no code", None), trials.UNKNOWN),
    (answer(b"\n9999", None), trials.UNKNOWN),
    (f"{trials.TRIED}0 %%%", trials.UNKNOWN),
    (f"{trials.TRIED}7 MQ==", trials.UNKNOWN),
    ("", trials.UNKNOWN),
]


@pytest.mark.parametrize(("line", "trial"), ANSWERS, ids=range(len(ANSWERS)))
def test_what_a_server_says_of_it(line: str, trial: Trial) -> None:
    assert trials.read(ONE, ["a login script", line]) == {"web": trial}


@pytest.mark.programs
def test_a_check_that_prints_without_end_or_does_not_end_is_bounded() -> None:
    checks = (
        Script("talks", "command", "/usr/bin/yes", timeout=1),
        Script("sleeps", "command", "/usr/bin/sleep 60", timeout=1),
    )
    assert trials.longest(checks) < 30
    words = trials.script(checks).replace('setpriv --reuid="$uid" --regid="$gid" --clear-groups', "")  # needs no root
    done = subprocess.run(
        ["dash", "-c", words], capture_output=True, text=True, timeout=trials.longest(checks), check=True
    )
    found = trials.read(checks, done.stdout.splitlines())
    assert {name: trial.result for name, trial in found.items()} == dict.fromkeys(found, TrialResult.OVERDUE)
    assert len(done.stdout) < 1500
