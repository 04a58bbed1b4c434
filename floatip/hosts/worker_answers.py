"""What a worker was told by a server, read into a value; or why there is none, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from floatip.hosts.ssh_errors import Reason, Untold, Why, in_words, plain, reason
from floatip.model.messages import Said, dumped, loaded

T = TypeVar("T")


def told(answer: Any, data: Mapping[str, Any], read: Callable[[Mapping[str, Any]], T]) -> T | Reason:
    """What a server answered, as `read` makes a value of it; or why there is none, in words. `data`: its connection."""
    try:
        if "why" in answer:
            values = {
                str(key): loaded(one) if isinstance(one, dict) else str(one) for key, one in answer["values"].items()
            }
            return reason(Untold(Why(answer["why"]), **values), data)
        if "error" in answer:
            return in_words(plain(str(answer["error"])), data)
        return read(answer)
    except Untold as untold:
        return reason(untold, data)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        return reason(Untold(Why.NONSENSE, error=_why(error)), data)


def answer(untold: Untold) -> dict[str, Any]:
    """The same for `told`, as JSON."""
    return {"why": untold.code, "values": {key: dumped(value) for key, value in untold.values.items()}}


def _why(error: Exception) -> str:
    """What was raised, in any language where it was said, not made by Python."""
    said = error.args[0] if error.args else ""
    return said if isinstance(said, Said) else plain(str(error))


def lines(answer: Mapping[str, Any], key: str = "lines") -> list[str]:
    """The lines of an answer, whatever they claim to be."""
    return [str(line) for line in answer[key]]


def by_lines(parse: Callable[[list[str]], T]) -> Callable[[Mapping[str, Any]], T]:
    """`parse` for the lines of an answer."""
    return lambda answer: parse(lines(answer))
