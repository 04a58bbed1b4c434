"""What is begun in a terminal, written down as the wizard's runs are: who, when, what, and what it told of itself.

Its output stays in the terminal; its place has an empty log. A computer that cannot write it down does it all the same.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from floatip.change import pins
from floatip.language import telling
from floatip.model import atomic, inventory, reasons
from floatip.model.messages import say
from floatip.runs import detached, storage
from floatip.runs.events import Begin, Event, Failed, NotConnected, Refused, Stopped, line
from floatip.runs.lock import process
from floatip.server_side.lease.model import What

WHO, WAS = "who", "was"
"""Files of a place: user@host, and the inventory as it was."""
CHECKS = 20  # of one inventory
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
    made = None if os.environ.get(detached.RUN) else place(texts(file.resolve(), what, node, to))
    if made is None:
        yield
        return
    os.environ[detached.RUN] = str(made)
    code = 1
    try:
        yield
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        raise
    finally:
        del os.environ[detached.RUN]
        ended(made, code)


def noted(file: Path, what: What, code: int, *, log: str = "", node: str = "", events: Sequence[Event] = ()) -> None:
    """Write down what has ended already, and begun nothing: a look at the servers, or what was refused. `log`: what it
    has said. The last CHECKS of an inventory are kept: they may be begun by a timer."""
    files = {**texts(file.resolve(), what, node, None), detached.CODE: str(code), detached.LOG: log}
    try:
        with detached.exclusive(directory()):
            detached.place(directory(), {**files, detached.STEPS: "".join(map(line, events))})
            for old in _checks(file.resolve())[CHECKS:] if what is What.CHECK else ():
                shutil.rmtree(old)
    except OSError as error:
        _not_written(error)


def _checks(path: Path) -> list[Path]:
    """The newest first."""
    places = sorted(directory().iterdir(), reverse=True)
    wanted = {"what": What.CHECK.value, "inventory": str(path)}
    return [place for place in places if all(_says(place / name, text) for name, text in wanted.items())]


def _says(file: Path, text: str) -> bool:
    try:
        return file.read_text("utf-8") == text
    except (OSError, ValueError):
        return False


def place(files: Mapping[str, str]) -> Path | None:
    """A fresh place for what this process does; None where none can be made, which is said."""
    try:
        with detached.exclusive(directory()):
            return detached.place(directory(), {**files, detached.PROCESS: process.this()})
    except OSError as error:
        _not_written(error)
        return None


def _not_written(error: OSError) -> None:
    message = say(
        "{path} cannot be written: this is not in the history ({error}).",
        path=storage.state_directory(),
        error=reasons.of(error),
    )
    print(telling.tell(message), file=sys.stderr)


def ended(place: Path, code: int) -> None:
    """How it ended; what somebody has said no to, before it was begun, leaves nothing."""
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
