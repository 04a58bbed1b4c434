"""Runs that outlive whoever started them, each in a place of its own (`floatip.runs.detached`).

Beside what every such command has there: `inventory` (its path), `was` (what that said then), `who` began it, `what` it
does, `node` (the server that it moves the addresses to, or reboots), `move` (as `floatip.change.pins.option` says it),
and `stop` where somebody asked for that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from floatip.change import pins
from floatip.model import inventory as inventories
from floatip.model.cluster import Cluster
from floatip.model.fields import Wrong
from floatip.model.paths import started_in
from floatip.model.problems import Problem
from floatip.runs import detached, pyinfra_run, recorded
from floatip.runs.events import Event
from floatip.server_side.lease.model import What

STOP = "stop"
LARGEST = 4000  # characters of a small file of ours that are read


@dataclass(frozen=True, slots=True)
class Run:
    """One run, under way or ended. `code`: the exit code; None while it runs, -1 where it vanished; `node`: the server
    that addresses are moved to, or that is rebooted; `moved`: instance → the server that it is moved to; `events`: what
    it has told so far; `who`: user@host that began it; `terminal`: in a terminal, where its output has stayed."""

    key: str
    inventory: Path
    log: str
    code: int | None
    what: What = What.DEPLOY
    node: str = ""
    moved: Mapping[str, str] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    stopping: bool = False
    who: str = ""
    terminal: bool = False


class Unusable(Exception):
    """The inventory cannot be deployed: `problems` say why. Nothing was started, and nothing of it was run."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(map(str, problems)))


class Busy(Exception):
    """Another `run` of this inventory is under way. Nothing was started."""

    def __init__(self, run: Run) -> None:
        self.run = run
        super().__init__(run.key)


def start(
    directory: Path,
    inventory: Path,
    what: What = What.DEPLOY,
    *,
    node: str = "",
    replace: bool = False,
    to: Mapping[str, str] | None = None,
    language: str = "",
) -> str:
    """Start a run in a session of its own; its key. One that does the same for this inventory, and is under way, is
    joined; Busy where it does something else. Unusable where the inventory cannot be read as data: pyinfra would run
    such a file.

    `node`: which server is rebooted, or has the addresses moved to it; `to`: what exactly is moved; `replace`: a
    keepalived.conf that somebody else wrote may be replaced; `language`: that of its log.
    """
    path = inventory.resolve()
    if problems := inventories.obstacles(path):
        raise Unusable(problems)
    record = recorded.texts(path, what, node, to)
    with detached.exclusive(directory):
        for other in _under_way(directory, path):
            if (other.what, other.node) != (what, node):
                raise Busy(other)
            return other.key
        command = _words(path, what, node, _data(what, record["move"], replace))
        return detached.start(directory, command, record, started_in(path), language)


def _under_way(directory: Path, path: Path) -> Iterator[Run]:
    return (run for run in runs(directory) if run.code is None and run.inventory == path)


def _words(path: Path, what: What, node: str, data: Mapping[str, bool | str]) -> list[str]:
    if what is What.REBOOT:
        return [*pyinfra_run.python(), "-m", "floatip", "reboot", "--json", str(path), node]
    return pyinfra_run.command(path, data=data, options=["-y", "--json"])


def _data(what: What, move: str, replace: bool) -> dict[str, bool | str]:
    given: dict[str, bool | str] = {
        pyinfra_run.REPLACE: replace,
        pyinfra_run.MOVE: move,
        pyinfra_run.REMOVE: what is What.REMOVE,
    }
    return {name: value for name, value in given.items() if value}


def runs(directory: Path) -> list[Run]:
    """All runs, the newest first."""
    return list(newest(directory))


def newest(directory: Path) -> Iterator[Run]:
    """The same, one by one: who wants a few reads no more."""
    found = sorted((path.name for path in directory.glob("*")), reverse=True)
    return (run for key in found if (run := read(directory, key)))


def of(directory: Path, file: Path) -> Iterator[Run]:
    """Those of an inventory, and of what this computer keeps of it: an earlier deploy, or what runs. Newest first."""
    path, own = file.resolve(), directory.resolve().parent
    return (
        run
        for run in newest(directory)
        if run.inventory == path or (run.inventory.name == path.name and own in run.inventory.parents)
    )


def read(directory: Path, key: str) -> Run | None:
    """One run; None where there is none of this key."""
    place = directory / key
    try:
        if not detached.KEY.fullmatch(key):
            return None
        inventory, log = Path((place / "inventory").read_text()), (place / detached.LOG).read_text(errors="replace")
    except OSError:
        return None
    what, node = _what(place)
    code, stopping = detached.code(place), (place / STOP).exists()  # the code first: an ended run has told everything
    who, terminal = _text(place / recorded.WHO)[:100], (place / detached.PROCESS).exists()
    found = tuple(detached.events_of(place))
    return Run(key, inventory, log, code, what, node, _moved(place), found, stopping, who, terminal)


def was(directory: Path, run: Run) -> Cluster | None:
    """The inventory of a run as it was then; None where that was not kept."""
    try:
        text = (directory / run.key / recorded.WAS).read_text("utf-8")
        (parsed,) = inventories.loads(text, run.inventory.name)
    except (OSError, ValueError):
        return None
    return parsed.cluster


def _what(place: Path) -> tuple[What, str]:
    """Runs of earlier releases, which are kept, were reboots, of the server that `reboot` names, or called deploys."""
    rebooted = _text(place / "reboot")
    if rebooted:
        return What.REBOOT, rebooted
    try:
        return What(_text(place / "what") or What.DEPLOY), _text(place / "node")
    except ValueError:
        return What.DEPLOY, ""


def _moved(place: Path) -> dict[str, str]:
    try:
        return pins.from_option(_text(place / "move"))
    except Wrong:
        return {}


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace")[:LARGEST]
    except OSError:
        return ""


def stop(directory: Path, key: str) -> None:
    """Ask a run to end after its present step; nothing where there is none of this key."""
    if read(directory, key):
        (directory / key / STOP).touch()
