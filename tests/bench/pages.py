"""How fast the wizard answers: each page of a finished draft on the server's side, and the first after its start."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from flask.testing import FlaskClient

from floatip.hosts import probe
from floatip.model import inventory
from floatip.model.cluster import Node
from floatip.runs import deployed
from lab.paths import ROOT
from tests.bench.inventories import pair
from tests.browser import gallery, planted, planted_servers
from tests.running import wizard
from wizard import context, create_app
from wizard.hosts import discovery, monitors
from wizard.pages import PAGES

CLUSTERS = 50  # on one start page
IMPORTS = "import flask, flask_babel, flask_wtf, wtforms, waitress"  # what the wizard stands on


def table(runs: int) -> None:
    """Measure and print; nothing is asked of any server."""
    print(f"medians of {runs} runs, the wizard on this machine")
    with tempfile.TemporaryDirectory(prefix="floatip-bench-") as name:
        pages = answers(Path(name), max(runs, 20))
    with tempfile.TemporaryDirectory(prefix="floatip-bench-") as name:
        pages |= of_cluster(Path(name), max(runs, 20))
    for path, seconds in sorted(pages.items(), key=lambda item: -item[1]):
        print(f"  page {path:<22} {1000 * seconds:6.1f} ms  (goal 50)")
    with tempfile.TemporaryDirectory(prefix="floatip-bench-") as name:
        alone, many = (home(Path(name) / str(count), count, max(runs, 20)) for count in (1, CLUSTERS))
    print(
        f"  start page, {CLUSTERS} clusters       {1000 * many:6.1f} ms  (goal 100)   {many / alone:.1f} x that of one"
    )
    started, bare = [], []
    for _ in range(runs):
        started.append(first_answer())
        bare.append(clock(lambda: subprocess.run([sys.executable, "-c", IMPORTS], check=True)))
    ratio = statistics.median(a / b for a, b in zip(started, bare, strict=True))
    print(f"  first page after `floatip wizard` {statistics.median(started):6.2f} s   (goal 2)")
    print(f"    of it Python, Flask and the like {statistics.median(bare):5.2f} s   {ratio:.2f} x that")


def answers(directory: Path, runs: int) -> dict[str, float]:
    """Page → median seconds through the application, without a network."""
    app = create_app(directory / "state", directory / "inventories")
    client = app.test_client()
    client.get(f"/start/{context.of(app).start_link.token}").close()
    found = inventory.raw((ROOT / "inventories" / "lab.py").read_text("utf-8"), "lab.py")
    assert isinstance(found, tuple)
    draft = context.of(app).drafts.new(name="lab", hosts=found[0], data=found[1])
    draft.found = {"": discovery.connections(draft)}
    context.of(app).drafts.save(draft, draft.version)
    slugs = [*(page.slug for page in PAGES), "check", "save", "adopt"]
    paths = {"start": "/", **{slug: f"/cluster/{draft.key}/{slug}" for slug in slugs}}
    return {name: median(client, path, runs) for name, path in paths.items()}


OF_A_CLUSTER = ("status", "check", "drill", "maintain", "reboot", "remove", "history", "rename")


def of_cluster(directory: Path, runs: int) -> dict[str, float]:
    """Page of a saved cluster → median seconds, once its servers have been looked at."""
    draft = gallery.plant(directory)["well"]
    before = vars(monitors)["Following"], probe.ask, os.environ.get("XDG_STATE_HOME")
    vars(monitors)["Following"], probe.ask = planted.Always, planted.ask
    os.environ["XDG_STATE_HOME"] = str(directory / "state")
    try:
        app = create_app(directory / "state" / "floatip", directory / "inventories")
        client = app.test_client()
        client.get(f"/start/{context.of(app).start_link.token}").close()
        while b'data-state="waits"' in client.get(f"/cluster/{draft.key}/check").data:
            time.sleep(0.1)
        return {f"cluster/{slug}": median(client, f"/cluster/{draft.key}/{slug}", runs) for slug in OF_A_CLUSTER}
    finally:
        vars(monitors)["Following"], probe.ask = before[:2]
        os.environ.pop("XDG_STATE_HOME")
        os.environ.update({"XDG_STATE_HOME": before[2]} if before[2] else {})


def home(directory: Path, count: int, runs: int) -> float:
    """Median seconds of the start page with so many deployed clusters of two servers, which are looked at meanwhile."""
    app = create_app(directory / "state", directory / "inventories")
    client = app.test_client()
    client.get(f"/start/{context.of(app).start_link.token}").close()
    before, following = os.environ.get("XDG_STATE_HOME"), vars(monitors)["Following"]
    os.environ["XDG_STATE_HOME"] = str(directory / "deployed")
    vars(monitors)["Following"] = planted.Always
    try:
        for number in range(count):
            cluster = replace(pair(1), name=f"c{number}", nodes=tuple(_node(number, side) for side in (0, 1)))
            context.of(app).inventories.save(cluster)
            deployed.keep(cluster)
        while b'data-level="waits"' in client.get("/").data:
            time.sleep(0.1)
        return median(client, "/", runs)
    finally:
        vars(monitors)["Following"] = following
        os.environ.pop("XDG_STATE_HOME")
        os.environ.update({"XDG_STATE_HOME": before} if before else {})


def _node(number: int, side: int) -> Node:
    """One of two, which is well: its port says so."""
    return Node(("d1", "d2")[side], (("ssh_hostname", f"127.0.{number}.1"), ("ssh_port", planted_servers.WELL[side])))


def median(client: FlaskClient, path: str, runs: int) -> float:
    """Seconds of one answer; the first, which compiles the template, is not counted."""

    def ask() -> None:
        answer = client.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status}"

    ask()
    return statistics.median(clock(ask) for _ in range(runs))


def first_answer() -> float:
    """Seconds from `floatip wizard --no-browser` to the page behind its link."""
    with tempfile.TemporaryDirectory(prefix="floatip-bench-") as name:
        begin = time.monotonic()
        with wizard(Path(name)) as running, urllib.request.urlopen(running.link) as answer:
            assert answer.status == 200
            return time.monotonic() - begin


def clock(work: Callable[[], object]) -> float:
    """Seconds that it takes."""
    begin = time.monotonic()
    work()
    return time.monotonic() - begin
