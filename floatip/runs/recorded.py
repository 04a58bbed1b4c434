"""What is begun in a terminal, written down as the wizard's runs are: who, when, what, and what it told of itself.

Its output stays in the terminal; its place has an empty log. A computer that cannot write it down does it all the same.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from floatip.change import pins
from floatip.model import atomic, inventory
from floatip.runs import detached, storage
from floatip.runs.events import Begin, Failed, NotConnected, Refused, Stopped
from floatip.runs.lock import process
from floatip.server_side.lease.model import What

WHO, WAS = "who", "was"
"""Files of a place: user@host, and the inventory as it was."""
OF_NOTE = (Begin, Failed, NotConnected, Refused, Stopped)


def directory() -> Path:
    """Of all runs of this computer."""
    return storage.state_directory() / "runs"


def texts(path: Path, what: What, node: str, to: Mapping[str, str] | None) -> dict[str, str]:
    """What is known of a run as it begins: file → text."""
    known = {"inventory": str(path), "what": what.value, "node": node, "move": pins.option(to or {})}
    return {**known, WHO: process.who(), WAS: _was(path)}


@contextmanager
def begun(file: Path, what: What, *, node: str = "", to: Mapping[str, str] | None = None) -> Iterator[None]:
    """Write down what the block does, where nobody does so already; not where nothing was begun after all."""
    place = None if os.environ.get(detached.RUN) else _place(texts(file.resolve(), what, node, to))
    if place is None:
        yield
        return
    os.environ[detached.RUN] = str(place)
    code = 1
    try:
        yield
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        raise
    finally:
        del os.environ[detached.RUN]
        _ended(place, code)


def _place(files: Mapping[str, str]) -> Path | None:
    try:
        with detached.exclusive(directory()):
            return detached.place(directory(), {**files, detached.PROCESS: process.this()})
    except OSError as error:
        print(f"{storage.state_directory()} cannot be written: this is not in the history ({error}).", file=sys.stderr)
        return None


def _ended(place: Path, code: int) -> None:
    with suppress(OSError):
        if code and not any(isinstance(event, OF_NOTE) for event in detached.events_of(place)):
            shutil.rmtree(place)  # somebody has said no
        else:
            atomic.write(place / detached.CODE, str(code))


def _was(path: Path) -> str:
    """The inventory of one cluster, so that it can be deployed again: with all that stands beside it."""
    with suppress(OSError, ValueError):
        (parsed,) = inventory.read(path)
        return inventory.dumps(parsed.cluster) if parsed.cluster else ""
    return ""
