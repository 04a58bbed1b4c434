"""Run every scanner and print what it found: `python -m tests.audit`. Exit code 1 where that is anything."""

from __future__ import annotations

import os
import sys
import time

from lab import namespace
from lab.paths import ROOT
from tests.audit import code, site

CHECKS = (
    ("bandit", code.bandit),
    ("semgrep, its rules on what they are for", code.fixtures),
    ("semgrep", code.semgrep),
    ("wapiti", site.wapiti),
)


def main() -> None:
    """Nothing here can reach another machine: the whole audit has a network of its own, which is loopback."""
    if os.geteuid() != 0:
        os.execvp("unshare", ["unshare", "--map-root-user", "--", sys.executable, "-m", "tests.audit"])
    namespace.isolate()
    os.chdir(ROOT)
    failed = False
    for name, check in CHECKS:
        begin = time.monotonic()
        found = check()
        print(f"{'▲' if found else '●'} {name}: {len(found) or 'nothing'} found ({time.monotonic() - begin:.0f} s)")
        for line in found:
            print(f"    {line}")
        failed = failed or bool(found)
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
