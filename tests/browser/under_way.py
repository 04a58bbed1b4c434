"""The planted run that goes on: for half a minute as what has just been begun, or for as long as a story lasts."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from floatip.runs import detached
from tests.browser import gallery

RUN = f"20261124-12000{list(gallery.ENDS).index('under-way')}-aaaaaa"


@contextmanager
def going(place: Path) -> Iterator[Path]:
    """Its directory; while the block runs it is under way, by a process that is called as that of a real one is.
    `place`: where it is planted."""
    run = place / "state" / "floatip" / "runs" / RUN
    with subprocess.Popen(["sh", "-c", "read _", str(run.resolve())], stdin=subprocess.PIPE) as child:
        (run / detached.PID).write_text(str(child.pid))
        yield run
