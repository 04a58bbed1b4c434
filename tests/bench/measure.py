"""How the figures are taken: whole processes, from outside, in turn, medians."""

from __future__ import annotations

import os
import re
import resource
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from floatip.hosts.host_script import SCRIPT
from lab.names import spec
from lab.paths import KEY, KNOWN_HOSTS, ROOT


@contextmanager
def directory() -> Iterator[Path]:
    """A directory for the inventories."""
    with tempfile.TemporaryDirectory(prefix="floatip-bench-") as name:
        yield Path(name)


def pyinfra(inventory: Path, *options: str) -> list[str]:
    """The command line of a deploy."""
    return [sys.executable, "-m", "pyinfra", "-y", *options, str(inventory), "deploy.py"]


def deploy(inventory: Path) -> None:
    """Deploy once; what is measured afterwards are runs that change nothing."""
    subprocess.run(pyinfra(inventory), cwd=ROOT, check=True, stdin=subprocess.DEVNULL, capture_output=True)


def run(
    argv: Sequence[str], *, failing: bool = False, cwd: Path = ROOT, env: Mapping[str, str] | None = None
) -> tuple[float, float]:
    """Seconds and peak MiB of one process, or of the largest of its own. `failing`: its exit code does not matter."""
    begin, null = time.monotonic(), subprocess.DEVNULL
    child = subprocess.Popen(argv, cwd=cwd, env=env, stdin=null, stdout=null, stderr=null)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode and not failing:
        raise SystemExit(f"exit {child.returncode}: {shlex.join(argv)}")
    return time.monotonic() - begin, usage.ru_maxrss / 1024


CLASSIC = ("-o", "KexAlgorithms=curve25519-sha256")
"""ssh as paramiko does it: without OpenSSH's post-quantum key exchange, which costs both sides processor time."""


def floor(names: Sequence[str], more: Sequence[str] = ()) -> float:
    """Seconds for one plain ssh per host, all at once, that runs the very script of the fact."""

    def measured(name: str) -> None:
        options = ["-F", "none", "-i", str(KEY), "-p", str(spec(name).port), "-o", f"UserKnownHostsFile={KNOWN_HOSTS}"]
        argv = ["ssh", *options, *more, "-o", "BatchMode=yes", "root@127.0.0.1", "sh", "-s"]
        subprocess.run(argv, input=SCRIPT, text=True, check=True, capture_output=True)

    begin = time.monotonic()
    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(measured, names))
    return time.monotonic() - begin


def commands(inventory: Path) -> int:
    """The most commands that one host was sent in a run that changes nothing."""
    done = subprocess.run(
        pyinfra(inventory, "--debug"), cwd=ROOT, check=True, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    sent = re.findall(r"Running command on (\S+):", done.stderr + done.stdout)
    return max(sent.count(name) for name in set(sent))


def ratios(these: Sequence[float], those: Sequence[float]) -> str:
    """The median of the ratios run by run."""
    return f"{statistics.median(a / b for a, b in zip(these, those, strict=True)):.2f}"


class Figure(NamedTuple):
    """Something that is done again and again. `against`: the one that it is compared with, and at most how many times
    that it shall take."""

    name: str
    take: Callable[[], object]
    against: str = ""
    goal: float = 0.0


class Taken(NamedTuple):
    """What it has cost each time: seconds, seconds of processor time on this side, and MiB at the peak."""

    seconds: list[float]
    processor: list[float]
    memory: list[float]


def in_turn(runs: int, figures: Sequence[Figure]) -> dict[str, Taken]:
    """Take each figure, then each once more: what else the machine does meets them all."""
    found = {figure.name: Taken([], [], []) for figure in figures}
    for _ in range(runs):
        for figure in figures:
            before, begin = _processor(), time.monotonic()
            said = figure.take()
            found[figure.name].seconds.append(time.monotonic() - begin)
            found[figure.name].processor.append(_processor() - before)
            found[figure.name].memory.append(said[1] if isinstance(said, tuple) else 0.0)
    return found


def _processor() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def show(figures: Sequence[Figure], taken: Mapping[str, Taken]) -> None:
    """A line each: median and least seconds, processor time, memory, and the median of the ratios of each turn."""
    print(f"  {'':<44} seconds  least  processor  MiB  times")
    for figure in figures:
        seconds, processor, memory = taken[figure.name]
        middle = statistics.median
        line = f"  {figure.name:<44} {middle(seconds):7.2f} {min(seconds):6.2f} {middle(processor):10.2f}"
        line += f" {middle(memory) or 0:4.0f}"
        if figure.against:
            other = taken[figure.against]
            line += f"  {ratios(seconds, other.seconds)} of {figure.against} (goal {figure.goal:g})"
        print(line, flush=True)
