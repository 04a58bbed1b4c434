"""`make test`: everything that must hold, with what is told of each part, and how long it took.

The code is looked at while images are built, which mostly waits for the network and the disk, and beside the first of
the tests, which mostly wait for hosts. What fails does not keep the rest from running.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import NamedTuple

from lab import machine
from lab.paths import ROOT
from tests import times

WORKERS = 7
"""Lab hosts mostly wait: two processors carry so many labs (docs/decisions/tests.md)."""
IMAGES = ("images", [sys.executable, "-m", "lab", "images"])
CODE = ("lint, types, audit", ["make", "--no-print-directory", "--keep-going", "lint", "types", "audit"])
TESTS = [
    *(sys.executable, "-m", "pytest", "-m", "not soak"),
    *("-n", str(WORKERS), "--dist", "loadgroup", "--no-loadscope-reorder"),
]


class Ended(NamedTuple):
    """A step that has come to its end, and all that it said."""

    name: str
    failed: bool
    seconds: float
    said: str

    def print(self) -> Ended:
        """Print it in one piece, so that two steps are not mixed; note how long it took."""
        times.add_setup(self.name, self.seconds)
        print(f"──── {self.name} ({self.seconds:.0f} s)\n{self.said}", end="", flush=True)
        return self


def main(options: Sequence[str]) -> int:
    """Run all of it; 0 where all of it is well. `options` go to pytest."""
    times.begin()
    root = os.geteuid() == 0
    with ThreadPoolExecutor() as beside:
        looked = beside.submit(_look_at_code, root)
        ended = [_ran(*IMAGES).print()] if root else []
        began, set_up = time.monotonic(), times.set_up()
        tested = subprocess.run([*TESTS, *options], cwd=ROOT, check=False).returncode
        ended.append(looked.result().print())
    print(f"set-up and tests: {set_up + time.monotonic() - began:.0f} s")
    failed = [step.name for step in ended if step.failed]
    if failed:
        print(f"FAILED, see above: {', '.join(failed)}", flush=True)
    return tested or (1 if failed else 0)


def _look_at_code(root: bool) -> Ended:
    """As one of many on the machine: who measures with it alone waits until this has ended."""
    with machine.shared() if root else nullcontext():
        return _ran(*CODE)


def _ran(name: str, words: Sequence[str]) -> Ended:
    began = time.monotonic()
    done = subprocess.run(words, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return Ended(name, done.returncode != 0, time.monotonic() - began, done.stdout + done.stderr)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
