"""Run the benchmarks and print tables: `python -m tests.bench [--runs N] [--pairs N] [PART ...]`; all but `pages` boot
lab hosts, and need root.

    pages   the wizard's pages
    two     runs that change nothing, of two servers
    many    the same of `--pairs` pairs, and a hundred connections to them
    moves   how long a move takes, step by step, and how many pings it loses
    first   a first deployment on fresh servers, step by step
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping

from lab import Lab, namespace
from lab.layers import State
from lab.names import DEFAULT_SUITE
from tests import isolation
from tests.bench import measure, pages, runs, timed

Part = Callable[[argparse.Namespace], None]


def _two(args: argparse.Namespace) -> None:
    with Lab.up(dict.fromkeys(("d1", "d2"), DEFAULT_SUITE)), measure.directory() as directory:
        runs.two(args.runs, directory)


def _many(args: argparse.Namespace) -> None:
    names = [f"d{number}" for number in range(1, 2 * args.pairs + 1)]
    with Lab.up(dict.fromkeys(names, DEFAULT_SUITE), state=State.READY), measure.directory() as directory:
        runs.many(max(3, args.runs // 2), directory, names)


PARTS: Mapping[str, Part] = {
    "pages": lambda args: pages.table(args.runs),
    "two": _two,
    "many": _many,
    "moves": lambda args: timed.moves(args.runs, args.suite),
    "first": lambda args: timed.first(max(3, args.runs // 2), args.suite),
}


def main() -> None:
    """One part after the other, each on a lab of its own."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help="all, without one")
    parser.add_argument("--runs", type=int, default=7, help="counted runs of each figure")
    parser.add_argument("--pairs", type=int, default=10, help="pairs in the large inventory")
    parser.add_argument("--suite", default=DEFAULT_SUITE, help="Debian of `moves` and `first`")
    args = parser.parse_args()
    if unknown := [name for name in args.parts if name not in PARTS]:
        parser.error(f"no part {unknown[0]}: {', '.join(PARTS)}")
    chosen = [name for name in PARTS if name in args.parts or not args.parts]
    isolation.nobody_s_home()
    if chosen != ["pages"]:
        namespace.isolate()
    for name in chosen:
        PARTS[name](args)


if __name__ == "__main__":
    main()
