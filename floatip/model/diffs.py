"""What changes in a text: the lines of a unified diff, and what its two heads are called.

A program finds the names below in JSON; a terminal says them in words (`floatip.cli.shared`).
"""

from __future__ import annotations

import difflib
from typing import Final

NOW: Final = "now"
THEN: Final = "then"
"""A file as it is on a server, and as the inventory has it."""
DEPLOYED: Final = "deployed"
UNDEPLOYED: Final = "undeployed"
"""An inventory as it was deployed, and as it stands."""


def of_file(path: str, now: str, then: str) -> list[str]:
    """From the text that a server has to the one that it is to have; none where they are equal."""
    return _lines(now, then, f"{path} {NOW}", f"{path} {THEN}")


def of_inventory(now: str, then: str) -> list[str]:
    """From what runs to what is not deployed yet."""
    return _lines(now, then, DEPLOYED, UNDEPLOYED)


def _lines(now: str, then: str, before: str, after: str) -> list[str]:
    return list(difflib.unified_diff(now.splitlines(), then.splitlines(), before, after, lineterm=""))
