"""An inventory under another name: what it binds is called like its file; all else in it stays, comments too."""

from __future__ import annotations

import ast

from floatip.model.inventory import bound_name
from floatip.model.inventory.reading import statements


def renamed(text: str, old: str, new: str) -> str:
    """The text for the new name. ValueError where it does not bind just one name, once. Unreadable as it is raised."""
    names = [
        target
        for statement in statements(text, f"{old}.py")
        for target in (statement.targets if isinstance(statement, ast.Assign) else ())
        if isinstance(target, ast.Name) and target.id == bound_name(old)
    ]
    if len(names) != 1:
        raise ValueError(text)
    (name,) = names
    lines = text.encode("utf-8").splitlines(keepends=True)  # a column counts bytes
    line = lines[name.lineno - 1]
    begin, end = name.col_offset, name.end_col_offset or name.col_offset
    lines[name.lineno - 1] = line[:begin] + bound_name(new).encode() + line[end:]
    return b"".join(lines).decode("utf-8")
