"""A drill under way, in the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console

from floatip.operate.drill import diagram, progress, runner
from floatip.runs import detached


@contextmanager
def shown(words: str) -> Iterator[runner.Tell]:
    """The pings of a drill while one waits, where there is a terminal; gives who is to be told about them."""
    seen: list[Mapping[str, Any]] = []
    with Console(stderr=True).status(words) as line:

        def tell(told: Mapping[str, Any]) -> None:
            seen.append(told)
            detached.note(**told)
            so_far = progress.told(seen)
            line.update(f"{words}\n  {diagram.line(so_far)}  {diagram.longest(so_far) if so_far.heard else ''}")

        yield tell
