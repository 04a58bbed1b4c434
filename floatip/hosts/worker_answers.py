"""What a worker was asked, and what it was told by a server, read into a value; or why there is none, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypedDict, TypeVar

from floatip.hosts.ssh_errors import Reason, Untold, Why, in_words, plain, reason
from floatip.model.messages import Said, dumped, loaded

T = TypeVar("T")


class Network(TypedDict, total=False):
    """What a server is asked about its networks: `listen`, interfaces; `ask`, [interface, address]; `doctor`, with
    everything else that a diagnosis wants; `programs`, [user, path, setting] of those that it runs; `routes`, whether
    some move along; `mail`, [host, port] of the mail server."""

    listen: list[str]
    ask: list[list[str]]
    doctor: bool
    programs: list[list[str]]
    routes: bool
    mail: list[str]


class ProbeRequest(TypedDict, total=False):
    """To `probe_worker`. `servers`: [name, host data] or [name, host data, Network]; `seconds`: for each; `tell`: print
    the name of each that has answered."""

    servers: Any
    seconds: float
    tell: bool


class MonitorRequest(TypedDict):
    """To `monitor_worker`. `every`: seconds; `rounds`: None without end; `first`: seconds for the first round."""

    servers: list[list[Any]]
    every: float
    rounds: int | None
    first: float


class Followed(TypedDict):
    """To `follow_worker`, in a list of all that it follows from now on. `every`: seconds between two looks."""

    name: str
    data: dict[str, Any]
    every: float


class HostKey(TypedDict):
    """A key that is in no known_hosts."""

    host: str
    type: str
    base64: str
    file: str


class Answer(TypedDict, total=False):
    """Of one server: lines of scripts and when they came (seconds since the epoch); or `error`, what the connection
    said; or `why` with `values`, an `Untold`."""

    lines: list[str]
    network: list[str]
    aside: list[str]
    daemon: list[str]
    programs: list[str]
    at: float
    error: str
    key: HostKey
    why: str
    values: dict[str, Any]


Part = Literal["lines", "network", "aside", "daemon", "programs"]
"""Which lines of an answer."""


def result(answer: Any, data: Mapping[str, Any], read: Callable[[Answer], T]) -> T | Reason:
    """What a server answered, as `read` makes a value of it; or why there is none, in words. `data`: its connection.

    Nobody vouches for `answer`: another version, or a draft on the disk, may have written anything.
    """
    try:
        if "why" in answer:
            values = {
                str(key): loaded(value) if isinstance(value, dict) else str(value)
                for key, value in answer["values"].items()
            }
            return reason(Untold(Why(answer["why"]), **values), data)
        if "error" in answer:
            return in_words(str(answer["error"]), data)
        return read(answer)
    except Untold as untold:
        return reason(untold, data)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        return reason(Untold(Why.NONSENSE, error=words_of(error)), data)


def answer(untold: Untold) -> Answer:
    """The same for `told`, as JSON."""
    return {"why": untold.code, "values": {key: dumped(value) for key, value in untold.values.items()}}


def words_of(error: Exception) -> str:
    """What was raised, in any language where it was said, not made by Python."""
    said = error.args[0] if error.args else ""
    return said if isinstance(said, Said) else plain(str(error))


def lines(answer: Answer, key: Part = "lines") -> list[str]:
    """The lines of an answer, whatever they claim to be."""
    return [str(line) for line in answer[key]]


def by_lines(parse: Callable[[list[str]], T]) -> Callable[[Answer], T]:
    """`parse` for the lines of an answer."""
    return lambda answer: parse(lines(answer))
