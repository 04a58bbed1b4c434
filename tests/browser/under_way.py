"""The planted run and failover test that go on: for half a minute as what has just been begun, or for as long as a
story lasts."""

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
    """The run's directory; while the block runs both are under way, by a process that is called as that of a real one
    is. `place`: where they are planted."""
    state = place / "state" / "floatip"
    (drill,) = (state / "drilling" / "watched").iterdir()
    both = [state / "runs" / RUN, drill]
    names = [str(directory.resolve()) for directory in both]
    with subprocess.Popen(["sh", "-c", "read _", *names], stdin=subprocess.PIPE) as child:
        for directory in both:
            (directory / detached.PID).write_text(str(child.pid))
        yield both[0]
