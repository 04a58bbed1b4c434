"""`make test`: everything that must hold, with what is told of each part, and how long it took.

While images are built, which mostly waits for the network and the disk, the code is looked at; then all tests run in
one go. What fails does not keep the rest from running.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from lab.paths import ROOT
from tests import times

WORKERS = 5
"""Lab hosts mostly wait: two processors carry so many labs (docs/decisions/tests.md)."""
IMAGES = ("images", [sys.executable, "-m", "lab", "images"])
CODE = ("lint, types, audit", ["make", "--no-print-directory", "--keep-going", "lint", "types", "audit"])
TESTS = [
    *(sys.executable, "-m", "pytest", "-m", "not soak"),
    *("-n", str(WORKERS), "--dist", "loadgroup", "--no-loadscope-reorder"),
]


def main(options: Sequence[str]) -> int:
    """Run all of it; 0 where all of it is well. `options` go to pytest."""
    times.begin()
    before = [CODE, *([IMAGES] if os.geteuid() == 0 else [])]
    with ThreadPoolExecutor() as pool:
        failed = [name for name, code in pool.map(_told, before) if code]
    began = time.monotonic()
    tested = subprocess.run([*TESTS, *options], cwd=ROOT, check=False).returncode
    print(f"set-up and tests: {times.set_up() + time.monotonic() - began:.0f} s")
    if failed:
        print(f"FAILED, see above: {', '.join(failed)}", flush=True)
    return tested or (1 if failed else 0)


def _told(step: tuple[str, Sequence[str]]) -> tuple[str, int]:
    """Run a step, and print all that it said once it has ended, so that two of them are not mixed."""
    name, words = step
    began = time.monotonic()
    done = subprocess.run(words, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - began
    times.add_setup(name, seconds)
    print(f"──── {name} ({seconds:.0f} s)\n{done.stdout}{done.stderr}", end="", flush=True)
    return name, done.returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
