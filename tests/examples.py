"""How many examples a property is tried with: all of them in `make test`, a twentieth in `make quick`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, TypeVar

from hypothesis import settings

T = TypeVar("T")

VARIABLE = "FLOATIP_TESTS_EXAMPLES"
"""In the environment: "few" or "all"; `--examples` sets it before a test is read."""
FEWEST = 3


def examples(count: int, **more: Any) -> settings:
    """Settings of a property that is tried with `count` examples. A few are the same ones every time."""
    if os.environ.get(VARIABLE) == "few":
        return settings(max_examples=max(FEWEST, count // 20), derandomize=True, database=None, deadline=None, **more)
    return settings(max_examples=count, deadline=None, **more)


def some(count: int, few: int) -> int:
    """How many cases of a table that is made by counting: `few` of them in `make quick`."""
    return few if os.environ.get(VARIABLE) == "few" else count


def each(rows: Iterable[T], few: int = 4) -> list[T]:
    """The rows of a long table: every fourth, or so, in `make quick`."""
    return list(rows)[:: some(1, few)]
