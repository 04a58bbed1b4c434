"""What pyinfra finds out anew for each operation, command or host, and is always the same: found out once.

For each operation it asks `inspect` where it was called, and gets with that the lines of source around all callers,
which it never looks at: half of the time of a run that changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from inspect import getframeinfo, stack
from typing import Any

from pyinfra.api import arguments, connectors, facts, host, inventory, util

WITHOUT_LINES: dict[str, Callable[..., Any]] = {
    "getframeinfo": partial(getframeinfo, context=0),
    "stack": partial(stack, 0),
}

vars(util).update(WITHOUT_LINES)
arguments.all_global_arguments = facts.all_global_arguments = cache(arguments.all_global_arguments)
for _name in ("get_all_connectors", "get_execution_connectors"):
    _found = cache(getattr(connectors, _name))
    for _module in (connectors, host, inventory):
        if hasattr(_module, _name):
            setattr(_module, _name, _found)
