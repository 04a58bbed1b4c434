"""A drill under way, in the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from floatip.cli.shared import shown as visible
from floatip.model.messages import Said
from floatip.operate.drill import diagram, progress, runner
from floatip.operate.drill.messages import Note
from floatip.runs import detached


@contextmanager
def shown(text: Said) -> Iterator[runner.Tell]:
    """The pings of a drill while one waits, where there is a terminal; gives who is to be told about them."""
    seen: list[Note] = []
    with Console(stderr=True).status(visible(text)) as line:

        def tell(note: Note) -> None:
            seen.append(note)
            detached.note(**note)
            so_far = progress.read(seen)
            longest = visible(diagram.longest(so_far)) if so_far.answers else ""
            line.update(f"{visible(text)}\n  {diagram.line(so_far)}  {longest}")

        yield tell
