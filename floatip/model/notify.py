"""A script that a server runs when its part in an instance changes, and who runs scripts at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

SCRIPT_USER: Final = "nobody"
"""Who runs a script, where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Notify:
    """What runs when the state changes: an absolute path, or a file beside the inventory, and its arguments. `text`: of
    that file, where it was read; an inventory does not hold it."""

    run: str
    user: str = SCRIPT_USER
    text: str | None = field(default=None, compare=False, repr=False)

    @property
    def shipped(self) -> bool:
        """Whether it is a file that floatip puts on the servers."""
        return not self.run.startswith("/")

    @property
    def file(self) -> str:
        """What that file is called; empty for a program of the servers."""
        return self.run.split(" ")[0] if self.shipped else ""
