"""Run all benchmarks and print a table: `python -m tests.bench [--runs N] [--wizard]`; deploys on fresh lab hosts."""

from __future__ import annotations

import argparse

from lab import Lab, namespace
from tests.bench import measure, pages, runs
from tests.bench.inventories import pairs, wide


def main() -> None:
    """Time the wizard; then boot twenty hosts, deploy ten pairs, measure runs in which nothing changes."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=7, help="counted runs of each figure")
    parser.add_argument("--pairs", type=int, default=10, help="pairs in the large inventory")
    parser.add_argument("--wizard", action="store_true", help="the wizard only, which needs no lab and no root")
    parser.add_argument("--no-wizard", action="store_true", help="all but the wizard")
    args = parser.parse_args()
    if not args.no_wizard:
        pages.table(args.runs)
    if args.wizard:
        return
    namespace.isolate()
    names = [f"d{number}" for number in range(1, 2 * args.pairs + 1)]
    with Lab.up(dict.fromkeys(names, "bookworm")), measure.directory() as directory:
        two, many, broad = pairs(directory, 1), pairs(directory, args.pairs), wide(directory)
        measure.deploy(many)
        runs.table(args.runs, directory, two, many, broad, names)


if __name__ == "__main__":
    main()
