"""Rows of a form that one adds and takes out, and what they are called."""

from __future__ import annotations

from collections.abc import Container, Mapping
from itertools import chain, count
from typing import Any


def change(rows: Any, action: str, most: int, empty: Mapping[str, Any]) -> bool:
    """Do what a button asks of a FieldList: `add` an empty row, while there are fewer than `most`, or `remove-0`,
    `remove-1`… Whether the button was one of these."""
    if action == "add" and len(rows) < most:
        rows.append_entry(empty)
    elif action.startswith("remove-") and action[7:].isdecimal():
        kept = [data for at, data in enumerate(rows.data) if at != int(action[7:])]
        while rows.entries:
            rows.pop_entry()
        for data in kept:
            rows.append_entry(data)
    return action == "add" or action.startswith("remove-")


def free(name: str, between: str, taken: Container[str]) -> str:
    """A second row of the same name gets another, with a number behind it: none is lost."""
    return next(text for text in chain([name], (f"{name}{between}{n}" for n in count(2))) if text not in taken)
