"""What real hosts answered when the doctor asked, recorded: one file for each fault and Debian release.

`tests/soak/test_doctor_recordings.py` makes them, `tests/unit/test_doctor_recordings.py` has the doctor read them.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self, TypeVar

from floatip.keepalived import render
from floatip.model import inventory
from floatip.model.cluster import Cluster
from floatip.operate.doctor import Case, examining

PLACE = Path(__file__).parent / "doctor"
INVENTORY = PLACE / "lab.py"
HEALTHY = "healthy"
SECTIONS = ("lines", "daemon", "aside", "network")
SAME, LONG = "@healthy ", 100
KERNEL = re.compile(r"^(journal|loaded)=.*\bRunning on Linux .*")
"""The machine that the recording was made on: of no use to the doctor, and nobody's business."""
ORIGIN = re.compile(r"^(deployed=\S+ \S+ )\S+")
"""Who deployed from there: nobody's business either, but there has to be somebody."""
PASSING = re.compile(r"aside (loaded|journal)|network heard|.* links .*\.tentative")
"""Kinds of lines that are there at one moment and not at the next, whatever was planted: what the daemon has logged
lately, an advert, an address that is being tried. That they are read is seen where a finding rests on them."""

Answers = Mapping[str, Mapping[str, Any]]
"""Server → what it answered, as `floatip.hosts.probe.ask` got it."""
R = TypeVar("R", bound="Recording")


@dataclass(frozen=True)
class Recording:
    """One look at all servers. `code`, `host`, `words`: what the first finding must be, empty where there is none;
    `servers`: the answer of each."""

    suite: str
    keepalived: str
    inventory: str
    name: str
    code: str
    host: str
    words: str
    servers: Answers

    @property
    def file(self) -> str:
        """What its file is called."""
        return f"{self.suite}-{self.name}.json"

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read one, whole; the healthy one of the same Debian is beside it."""
        made = cls(**json.loads(path.read_text("utf-8")))
        return made if made.name == HEALTHY else whole(made, cls.load(path.with_name(f"{made.suite}-{HEALTHY}.json")))

    def save(self, place: Path) -> Path:
        """Write it, a line of an answer on a line of its own."""
        place.mkdir(parents=True, exist_ok=True)
        path = place / self.file
        known = None if self.name == HEALTHY else self.load(place / f"{self.suite}-{HEALTHY}.json")
        text = json.dumps({**asdict(self), "servers": kept(self.servers, known)}, indent=1)
        path.write_text(f"{text}\n", "utf-8")
        return path

    def shape(self) -> set[str]:
        """Which kinds of lines there are, and which keys are in them: what the parsers rely on, without the numbers."""
        kinds = {kind for answer in self.servers.values() for kind in _kinds(answer)}
        return {kind for kind in kinds if not PASSING.fullmatch(kind)}


def cluster() -> Cluster:
    """The one that was recorded."""
    (parsed,) = inventory.read(INVENTORY)
    assert parsed.cluster is not None, parsed.problems
    return parsed.cluster


def kept(answers: Answers, healthy: Recording | None = None) -> Answers:
    """The answers as they are kept: a long line that is the same where all is well is only pointed to."""
    known = healthy.servers if healthy else {}
    return {
        name: {key: _kept(value, known.get(name, {}).get(key, [])) for key, value in answer.items()}
        for name, answer in answers.items()
    }


def _kept(value: Any, known: list[str]) -> Any:
    if not isinstance(value, list):
        return value
    lines = [ORIGIN.sub(r"\1root@desk", line) for line in value if not KERNEL.match(line)]
    return [f"{SAME}{known.index(line)}" if len(line) > LONG and line in known else line for line in lines]


def whole(made: R, healthy: Recording) -> R:
    """With the lines that were only pointed to."""

    def part(name: str, key: str, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        known = healthy.servers.get(name, {}).get(key, [])
        return [known[int(line[len(SAME) :])] if line.startswith(SAME) else line for line in value]

    servers = {
        name: {key: part(name, key, value) for key, value in each.items()} for name, each in made.servers.items()
    }
    return replace(made, servers=servers)


def case(made: Recording, healthy: Recording) -> Case:
    """What the doctor judges. A file that a deploy had written stands for what today's would write: `healthy`, made on
    the same Debian, tells which ones these are."""
    ours = cluster()
    servers = {name: dict(answer) for name, answer in made.servers.items()}
    for name, answer in servers.items():
        if "lines" in answer:
            answer["lines"] = [_today(ours, name, line, healthy) for line in answer["lines"]]
    return examining.understood(ours, servers)


def _today(ours: Cluster, name: str, line: str, healthy: Recording) -> str:
    kind, mode, _ = [*line.removeprefix("file=").split(" "), "", ""][:3]
    write = _WRITTEN.get(kind)
    if write is None or line not in healthy.servers[name]["lines"]:
        return line
    return f"file={kind} {mode} {base64.b64encode(write(ours, name).encode()).decode()}"


_WRITTEN: dict[str, Callable[[Cluster, str], str]] = {
    "conf": render.keepalived_conf,
    "check": lambda ours, name: render.check_script(),
    "rsyslog": lambda ours, name: render.rsyslog_conf(),
}


def _kinds(answer: Mapping[str, Any]) -> Iterator[str]:
    if "error" in answer:
        yield "error"
    for section in SECTIONS:
        for line in answer.get(section, ()):
            for kind in _kind(*line.partition("=")[::2]):
                yield f"{section} {kind}"


def _kind(key: str, value: str) -> Iterator[str]:
    if key == "links":
        yield from (f"{key} {path}" for path in _paths(json.loads(value)))
    elif key == "json":
        yield from (f"{key} {path}" for path in _paths(json.loads(base64.b64decode(value))))
    elif key in ("unit", "service"):
        yield f"{key} {value.partition('=')[0]}"
    elif key in ("file", "package", "status"):
        yield f"{key} {value.split(' ')[0]}"
    else:
        yield key


def _paths(value: Any, at: str = "") -> Iterator[str]:
    """`[].data.iname`: where there is something in a JSON document."""
    if isinstance(value, list):
        for entry in value:
            yield from _paths(entry, f"{at}[]")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _paths(item, f"{at}.{key}")
    else:
        yield at
