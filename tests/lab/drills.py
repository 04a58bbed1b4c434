"""What the stories about drills share: a cluster with a client, and what must be so when the promise held."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lab.names import spec
from lab.place import Place
from tests.lab import changes
from tests.lab.changes import settled
from tests.lab.conftest import Runs, start

Settings = dict[str, dict[str, Any]]

CHECK = {"tcp": "127.0.0.1:22", "interval": 1, "timeout": 1, "fall": 2, "rise": 2}
USUAL: Settings = {
    "instance": {"track_script": ["web"]},
    "group": {"vrrp_scripts": {"web": CHECK}},
}
"""Adverts each second, and a health check: a drill of 23 s, most of which it waits for these."""
QUICK: Settings = {"instance": {"version": 3, "advert_int": 0.25}, "group": {}}
"""The same without a health check, with four adverts a second: 10 s."""


def deploy(directory: Path, settings: Settings) -> Path:
    """Deploy the lab's inventory with these settings, and with the client as the one who watches; the file."""
    group = {**settings["group"], "client": dict(spec("client").connection)}
    file = changes.inventory(directory, group=group, instance=settings["instance"])
    start("pyinfra", "-y", file, "deploy.py", check=True, timeout=180)
    return file


def promise_holds(lab: Place, file: Path, floatip: Runs, state: Path, fault: str) -> None:
    """Do a drill, and look at what it tells, at the page that it leaves, and at the server."""
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
    assert '<p class="good">' in page.read_text() and "<svg" in page.read_text()
    left = lab.host("d1").run("ip xfrm policy; systemctl list-timers --no-legend; ls /run", check=False).stdout
    assert "floatip-drill" not in left and "proto 112" not in left
