"""Measure what a move on purpose costs a client: `python -m tests.bench.moves [--seconds 300] [--loops 2]`."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from contextlib import nullcontext
from itertools import cycle
from pathlib import Path

from lab import Lab, Probe, namespace
from lab.names import DEFAULT_SUITE, FLOATING, SUITES
from lab.paths import ROOT
from lab.place import Place
from tests import isolation
from tests.bench import measure
from tests.bench.soak.load import loaded
from tests.lab import stories
from tests.lab.changes import INVENTORY, settled

INTERVAL_MS = 1.0
"""Between two pings: each that is lost stands for a millisecond without an answer."""

REST = 60
"""Seconds that the last move may still take while the load goes on."""


def main() -> None:
    """Boot d1, d2 and client, move the address to and fro, print how many pings each move lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.moves", description=__doc__)
    parser.add_argument("--seconds", type=int, default=300, help="for how long the address is moved to and fro")
    parser.add_argument("--loops", type=int, default=0, help="endless loops on each server, and a writer; 0: none")
    parser.add_argument("--suite", choices=SUITES, default=DEFAULT_SUITE)
    args = parser.parse_args()
    isolation.nobody_s_home()
    namespace.isolate()
    with Lab.up(dict.fromkeys(("d1", "d2", "client"), args.suite)) as place:
        measure.deploy(INVENTORY)
        settled(place)
        with loaded(place, args.seconds + REST, args.loops) if args.loops else nullcontext():
            print(summary(series(place, args.seconds)))


def series(place: Place, seconds: int) -> list[int]:
    """Move as often as there is time for; how many pings each move lost."""
    end = time.monotonic() + seconds
    lost = []
    for name in cycle(("d2", "d1")):
        if time.monotonic() > end:
            break
        with Probe(place.client, FLOATING, INTERVAL_MS) as probe:
            move(INVENTORY, name)
            stories.settles(place, name)
            stories.reaches(place, place.host(name).mac())
        lost.append(probe.pings.lost)
        print(f"to {name}: {probe.pings.summary()}", flush=True)
    return lost


def move(inventory: Path, name: str) -> None:
    """As an operator does it."""
    argv = [sys.executable, "-m", "floatip", "move", str(inventory), name]
    subprocess.run(argv, cwd=ROOT, check=True, stdin=subprocess.DEVNULL, capture_output=True)


def summary(lost: list[int]) -> str:
    """The chance that a ping falls into the gap is the gap's mean length in parts of the pings' interval."""
    mean = statistics.mean(lost) * INTERVAL_MS
    return (
        f"{len(lost)} moves, {sum(map(bool, lost))} of them lost pings {INTERVAL_MS:g} ms apart:"
        f" {mean:.2f} ms without an answer on average, {max(lost) * INTERVAL_MS:.0f} ms at most"
    )


if __name__ == "__main__":
    main()
