"""`group_data` beside an inventory: pyinfra adds what its files say to the groups that are called like them.

What is written there as literals is read, as in an inventory; nothing is run. `lab.py` holds for the cluster `lab`.
What pyinfra would take from another of these files, for all servers or for all of this inventory, is refused.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from floatip.model import reasons
from floatip.model.inventory.reading import Unreadable, contents, docstring, literal, statements, unreadable
from floatip.model.messages import say
from floatip.model.parse import GROUP_KEYS
from floatip.model.problems import Problem

DIRECTORY = "group_data"
Groups = Mapping[str, Mapping[str, Any]]


def read(directory: Path, groups: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What the files say of these groups; Unreadable where one of them cannot be taken as data."""
    folder = directory / DIRECTORY
    return {name: _values(folder / f"{name}.py") for name in groups if (folder / f"{name}.py").exists()}


def shown(group: str) -> str:
    """How the file of a group is called in a problem."""
    return f"{DIRECTORY}/{group}.py"


def misplaced(groups: Groups) -> tuple[Problem, ...]:
    """What groups that are no cluster say, and pyinfra would act on or floatip does not see."""
    return tuple(
        Problem(
            shown(group),
            "misplaced",
            say("{file} sets {key}, which holds for no cluster there.", file=shown(group), key=key),
            say("Move it into the inventory."),
        )
        for group, data in groups.items()
        for key in data
        if key.startswith(("_", "ssh_")) or key in (*GROUP_KEYS, "vrrp")
    )


def _values(path: Path) -> dict[str, Any]:
    name = shown(path.stem)
    try:
        text = contents(path, name)
    except OSError as error:
        message = say("{file} cannot be read: {reason}.", file=name, reason=reasons.of(error))
        raise Unreadable(Problem(name, "unreadable", message)) from None
    found: dict[str, Any] = {}
    for number, statement in enumerate(statements(text, name)):
        if number == 0 and docstring(statement):
            continue
        target = statement.targets[0] if isinstance(statement, ast.Assign) and len(statement.targets) == 1 else None
        if not isinstance(target, ast.Name) or not isinstance(statement, ast.Assign):
            hint = say("floatip does not run this file: write only NAME = value there.")
            raise unreadable(name, statement, "not-literal", say("holds something other than a value"), hint)
        if not target.id.startswith("__"):
            found[target.id] = literal(statement.value, name)
    return found
