"""A wizard as `floatip wizard` starts it, in a process of its own, with a state and inventories of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from lab.paths import ROOT


@dataclass(frozen=True)
class Running:
    """A wizard that has printed its start link. `said`: the file that its standard error goes to."""

    link: str
    pid: int
    directory: Path
    said: Path

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        return urlsplit(self.link).port or 0

    @property
    def address(self) -> str:
        """The origin, like http://127.0.0.1:40123."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def token(self) -> str:
        """What the start link is good for."""
        return self.link.rpartition("/")[2]


@contextmanager
def wizard(directory: Path, python: str = sys.executable) -> Iterator[Running]:
    """One wizard; everything that it keeps lies in `directory`. `python`: where it need not be a process of its own
    from the first moment on, `preloaded.python()`."""
    argv = [python, "-m", "floatip", "wizard", "--no-browser", "--inventories", str(directory / "inventories")]
    own = {"XDG_STATE_HOME": str(directory / "state"), "HOME": str(directory)}
    said = directory / "said"
    with (
        said.open("wb") as stderr,
        subprocess.Popen(
            argv, cwd=ROOT, env={**os.environ, **own}, stdout=subprocess.PIPE, stderr=stderr, text=True
        ) as child,
    ):
        assert child.stdout is not None
        try:
            yield Running(child.stdout.readline().strip(), child.pid, directory, said)
        finally:
            child.terminate()
