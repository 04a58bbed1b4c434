"""How long asking servers takes, and how much memory: `python -m tests.bench.asking [--runs 3] [--pairs 10]`."""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from ipaddress import ip_interface
from pathlib import Path
from subprocess import DEVNULL, Popen

from floatip.hosts.probe import LISTENS
from floatip.model.cluster import Floating
from floatip.model.inventory import dumps
from lab import Lab, namespace
from lab.lab import Lab as Place
from lab.names import DEFAULT_SUITE
from lab.paths import ROOT
from tests.bench import measure
from tests.bench.inventories import pair, pairs
from tests.bench.runs import floatip

FEW, MANY = 1, 20  # floating addresses
COMMANDS = (("status", ()), ("check", ("--live",)), ("doctor", ()))
# What a login of d1 prints, so that whatever is asked there comes after it.
LOUD = {
    "10 MB in lines": "head -c 10000000 /dev/zero | tr '\\0' y | fold -w 100",
    "200,000 lines": "seq 200000",
    "lines without end": "yes",
    "one line without end": "cat /dev/zero",
}


def main() -> None:
    """Boot the hosts, deploy, and print two tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.asking", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="counted runs of each figure")
    parser.add_argument("--pairs", type=int, default=10, help="pairs in the large inventory")
    args = parser.parse_args()
    namespace.isolate()
    names = [f"d{number}" for number in range(1, 2 * args.pairs + 1)]
    with Lab.up(dict.fromkeys(names, DEFAULT_SUITE)) as place, measure.directory() as directory:
        few, many = addresses(directory, FEW), addresses(directory, MANY)
        all_pairs = pairs(directory, args.pairs)
        measure.deploy(all_pairs)
        speed(args.runs, few, all_pairs)
        measure.deploy(many)
        doctor(args.runs, few, many)
        memory(place, many)


def addresses(directory: Path, count: int) -> Path:
    """The first pair with so many floating addresses."""
    made = pair(1)
    (instance,) = made.instances
    floating = tuple(Floating(ip_interface(f"10.9.1.{220 + number}/24")) for number in range(count))
    path = directory / f"addresses{count}.py"
    path.write_text(dumps(replace(made, instances=(replace(instance, virtual_ipaddress=floating),))))
    return path


def clock(argv: Sequence[str]) -> float:
    """Seconds, whatever its exit code is: a doctor that finds something ends with 1."""
    return spent(argv)[0]


def spent(argv: Sequence[str]) -> tuple[float, float]:
    """The same, and seconds of processor time, its child processes' included."""
    begin = time.monotonic()
    child = Popen(argv, cwd=ROOT, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return time.monotonic() - begin, usage.ru_utime + usage.ru_stime


def speed(runs: int, few: Path, many: Path) -> None:
    """One pair against all of them, and each command against a plain ssh to every server at once."""
    print(f"medians of {runs} runs: one pair, all pairs, all pairs against one")
    for command, more in COMMANDS:
        small = [clock(floatip(command, few, *more)) for _ in range(runs)]
        large = [clock(floatip(command, many, *more)) for _ in range(runs)]
        print(f"  {command:<8} {_row(small, large)}")


def doctor(runs: int, few: Path, many: Path) -> None:
    """A doctor that asks for one address, and for many; and where its time goes."""
    small, large, floors, processor = [], [], [], []
    load = os.getloadavg()[0]
    for _ in range(runs):
        floors.append(measure.floor(["d1", "d2"]))
        small.append(clock(floatip("doctor", few)))
        seconds, busy = spent(floatip("doctor", many))
        large.append(seconds)
        processor.append(busy)
    print(f"doctor, {FEW} and {MANY} addresses: {_row(small, large)} (goal 6 s, whatever the number)")
    print(f"  of it listening, by design: {LISTENS:.2f} s; processor time here: {statistics.median(processor):.2f} s")
    print(f"  one ssh per host: {statistics.median(floors):.2f} s; load at the beginning: {load:.1f}")


def memory(place: Place, file: Path) -> None:
    """Peaks of `floatip status` and of its child processes, while d1 prints without end."""
    d1 = place.host("d1")
    print(f"status of two servers: {peak(floatip('status', file)):.0f} MiB")
    for name, command in LOUD.items():
        d1.run(f"cp -a /root/.bashrc /run/bashrc; echo {_quoted(command)} >>/root/.bashrc")
        for words in COMMANDS:
            print(f"  {name:<20} {words[0]:<8} {peak(floatip(words[0], file, *words[1])):4.0f} MiB (goal 100)")
        d1.run("mv /run/bashrc /root/.bashrc")


def peak(argv: Sequence[str]) -> float:
    """MiB of the largest of the processes that it consists of."""
    return measure.run(argv, failing=True)[1]


def _quoted(command: str) -> str:
    return "'" + command.replace("'", "'\\''") + "'"


def _row(small: Sequence[float], large: Sequence[float]) -> str:
    median = statistics.median
    return f"{median(small):6.2f} s {median(large):6.2f} s {measure.ratios(large, small)} x"


if __name__ == "__main__":
    main()
