"""Where the time of a run goes that changes something: its steps as a terminal shows them, each with its seconds."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterable, Sequence
from itertools import cycle, islice, pairwise
from pathlib import Path
from typing import NamedTuple

from lab import Lab, Probe
from lab.names import FLOATING
from lab.paths import ROOT
from tests.bench import measure
from tests.bench.inventories import pairs
from tests.bench.runs import PYTHON, TWO, floatip, started
from tests.lab import changes, stories

STEP = re.compile(r"--> (?:Starting operation: )?(.*)")
ADVERTS = (1, 0.1)
"""Seconds between two adverts."""


class Timeline(NamedTuple):
    """`steps`: (what began, how long it was until the next one)."""

    seconds: float
    steps: list[tuple[str, float]]


def timeline(argv: Sequence[str]) -> Timeline:
    """Run a command; when it printed which line."""
    begin, marks = time.monotonic(), [("until the first line", 0.0)]
    with subprocess.Popen(
        argv,
        cwd=ROOT,
        env=PYTHON,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as child:
        said = []
        for line in child.stdout or ():
            said.append(line)
            if step := STEP.match(line):
                marks.append((step[1].strip(), time.monotonic() - begin))
    seconds = time.monotonic() - begin
    if child.returncode:
        raise SystemExit("".join(said))
    ends = [*marks, ("", seconds)]
    return Timeline(seconds, [(name, after - at) for (name, at), (_, after) in pairwise(ends)])


def moves(runs: int, suite: str) -> None:
    """An address goes to and fro while a client asks a hundred times a second; its inventory with each of ADVERTS."""
    with Lab.up(dict.fromkeys((*TWO, "client"), suite)) as place, tempfile.TemporaryDirectory() as name:
        for advert in ADVERTS:
            file = changes.inventory(Path(name), instance={"advert_int": advert})
            measure.deploy(file)
            changes.settled(place)
            taken, floors, lost = [], [], []
            for server in islice(cycle(("d2", "d1")), 2 * ((runs + 1) // 2)):
                floors.append(measure.floor(TWO))
                with Probe(place.client, FLOATING) as probe:
                    taken.append(timeline([*floatip("move", file), server]))
                    stories.settles(place, server)
                    stories.reaches(place, place.host(server).mac())
                lost.append(probe.pings.lost)
            print(f"moves, {suite}, adverts {advert} s apart, load {os.getloadavg()[0]:.1f}: pings lost {lost}")
            show(taken, floors)


def first(runs: int, suite: str) -> None:
    """A deploy on servers that were never deployed to, packages included."""
    taken, floors = [], []
    for _ in range(runs):
        with Lab.up(dict.fromkeys(TWO, suite)), measure.directory() as directory:
            floors.append(measure.floor(TWO))
            taken.append(timeline(started(pairs(directory, 1))))
    print(f"first deployments, {suite}, load {os.getloadavg()[0]:.1f}")
    show(taken, floors)


def show(taken: Sequence[Timeline], floors: Sequence[float]) -> None:
    """Medians: the whole, and each step that takes longer than a twentieth of a second."""
    seconds = [run.seconds for run in taken]
    floor = statistics.median(floors)
    print(
        f"  {statistics.median(seconds):5.2f} s ({min(seconds):.2f} to {max(seconds):.2f}, {len(taken)} runs),"
        f" {measure.ratios(seconds, floors)} times the floor of {floor:.2f} s"
    )
    for name, spent in _steps(taken):
        if spent >= 0.05:
            print(f"    {spent:5.2f} s  {name}")


def _steps(taken: Iterable[Timeline]) -> list[tuple[str, float]]:
    found: dict[tuple[str, int], list[float]] = {}
    for run in taken:
        seen: dict[str, int] = {}
        for name, spent in run.steps:
            plain = re.sub(r"\bd[12]\b", "…", name)  # the two change places
            seen[plain] = seen.get(plain, 0) + 1
            found.setdefault((plain, seen[plain]), []).append(spent)
    return [(name, statistics.median(each)) for (name, _), each in found.items()]
