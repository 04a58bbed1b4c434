"""The names of steps as pyinfra prints them: in the language of this process."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from floatip.language import telling
from floatip.model.messages import Said

Op = TypeVar("Op", bound=Callable[..., Any])


def named(operation: Op) -> Op:
    """The same operation; its name stays the message that it was made of, for whoever is told of the step."""

    @wraps(operation)
    def called(*given: Any, name: str = "", **more: Any) -> Any:
        return operation(*given, name=telling.spoken(name) if isinstance(name, Said) else name, **more)

    return called  # type: ignore[return-value]
