"""Measure how fast is too fast: `python -m tests.bench.soak [--setting fast] [--failovers 200] [--load-seconds 60]`."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from lab import Lab, namespace
from lab.names import DEFAULT_SUITE, SUITES
from lab.place import Place
from tests import isolation
from tests.bench import measure
from tests.bench.soak import failovers, load, report
from tests.lab import stories

SETTINGS = {"standard": (1.0,), "fast": (0.1,), "fastest": (0.05, 0.02)}
"""Setting → the `advert_int` that it stands for, in seconds; for the fastest, those that come into question."""


def say(text: str) -> None:
    """A line with the time of day, at once: a soak takes its time."""
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def main() -> None:
    """Boot d1, d2 and client; deploy each setting, force failovers, look on quietly and under load."""
    args = arguments()
    names = list(SETTINGS) if args.setting == "all" else [args.setting]
    isolation.nobody_s_home()
    namespace.isolate()
    results = []
    with Lab.up(dict.fromkeys(("d1", "d2", "client"), args.suite)) as place:
        for name in names:
            for seconds in SETTINGS[name]:
                results.append(soak(place, name, seconds, args))
                say(report.table(results[-1]))
                if args.json:
                    report.save(results, args.json)


def arguments() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak", description=__doc__)
    parser.add_argument("--setting", choices=[*SETTINGS, "all"], default="all")
    parser.add_argument("--failovers", type=int, default=200, help="how many are forced, for each advert_int")
    parser.add_argument("--load-seconds", type=int, default=60, help="of load, and as many of quiet before it")
    parser.add_argument("--loops", type=int, default=2, help="endless loops on each server under load")
    parser.add_argument("--suite", choices=SUITES, default=DEFAULT_SUITE)
    parser.add_argument("--json", type=Path, help="a file for all figures, written after each advert_int")
    return parser.parse_args()


def soak(place: Place, name: str, advert_int: float, args: argparse.Namespace) -> report.Result:
    """All figures of one `advert_int`."""
    instance = stories.instance(advert_int=advert_int, nopreempt=True)
    say(f"{name}: deploying advert_int {advert_int:g}")
    with measure.directory() as directory:
        stories.deployed(place, stories.cluster(instance), directory)
    failovers.steady(place, advert_int)
    say(f"{name}: {args.failovers} failovers")
    series = failovers.series(place, instance, args.failovers, say)
    phases = tuple(watched(place, name, args.load_seconds, loops) for loops in (0, args.loops))
    return report.Result(name, args.suite, instance, series, phases)


def watched(place: Place, name: str, seconds: int, loops: int) -> load.Phase:
    """A time in which no failover is asked for; the log tells when it was."""
    say(f"{name}: {seconds} s {'under load' if loops else 'of quiet'} begin")
    found = load.phase(place, seconds, loops)
    say(f"{name}: they have ended")
    return found


if __name__ == "__main__":
    main()
