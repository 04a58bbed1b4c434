"""How the figures are taken: whole processes, from outside, in turn, medians."""

from __future__ import annotations

import os
import re
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

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


def run(argv: Sequence[str], *, failing: bool = False) -> tuple[float, float]:
    """Seconds and peak MiB of one process, or of the largest of its own. `failing`: its exit code does not matter."""
    begin = time.monotonic()
    child = subprocess.Popen(
        argv, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode and not failing:
        raise SystemExit(f"exit {child.returncode}: {shlex.join(argv)}")
    return time.monotonic() - begin, usage.ru_maxrss / 1024


CLASSIC = ("-o", "KexAlgorithms=curve25519-sha256")
"""ssh as paramiko does it: without OpenSSH's post-quantum key exchange, which costs both sides processor time."""


def floor(names: Sequence[str], more: Sequence[str] = ()) -> float:
    """Seconds for one plain ssh per host, all at once, that runs the very script of the fact."""

    def one(name: str) -> None:
        options = ["-F", "none", "-i", str(KEY), "-p", str(spec(name).port), "-o", f"UserKnownHostsFile={KNOWN_HOSTS}"]
        argv = ["ssh", *options, *more, "-o", "BatchMode=yes", "root@127.0.0.1", "sh", "-s"]
        subprocess.run(argv, input=SCRIPT, text=True, check=True, capture_output=True)

    begin = time.monotonic()
    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(one, names))
    return time.monotonic() - begin


def commands(inventory: Path) -> int:
    """The most commands that one host was sent in a run that changes nothing."""
    done = subprocess.run(
        pyinfra(inventory, "--debug"), cwd=ROOT, check=True, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    sent = re.findall(r"Running command on (\S+):", done.stderr + done.stdout)
    return max(sent.count(name) for name in set(sent))


def table(runs: int, two: Path, many: Path, wide: Path) -> None:
    """Measure in turn and print each figure with its median."""
    floors, classic, small, large, memory, bare = [], [], [], [], [], []
    for _ in range(runs):
        floors.append(floor(["d1", "d2"]))
        classic.append(floor(["d1", "d2"], CLASSIC))
        small.append(run(pyinfra(two))[0])
        bare.append(run([sys.executable, "-c", "import pyinfra_cli.main, pyinfra_cli.cli"])[0])
        seconds, peak = run(pyinfra(many))
        large.append(seconds)
        memory.append(peak)
    median = statistics.median
    print(f"medians of {runs} runs on lab hosts, nothing to change")
    print(f"  floor, one ssh per host, 2 hosts   {median(floors):6.2f} s")
    print(f"    without post-quantum exchange    {median(classic):6.2f} s   {ratios(classic, floors)} of it")
    print(
        f"  floatip, 2 hosts                   {median(small):6.2f} s   {ratios(small, floors)} x the floor (goal 4.5)"
    )
    print(f"    of it Python and pyinfra imports {median(bare):6.2f} s")
    print(f"  floatip, all pairs                 {median(large):6.2f} s   {ratios(large, small)} x 2 hosts (goal 4)")
    print(f"  memory of the controller           {median(memory):6.0f} MiB (goal 120)")
    narrow = commands(two)
    deploy(wide)
    print(f"  commands per host                  {narrow:6d}     (goal 3)")
    print(f"    with 4 instances of 3 addresses  {commands(wide):6d}")


def ratios(these: Sequence[float], those: Sequence[float]) -> str:
    """The median of the ratios run by run."""
    return f"{statistics.median(a / b for a, b in zip(these, those, strict=True)):.2f}"
