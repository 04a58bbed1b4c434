"""All that the meaning of a server's keepalived.conf depends on, and what keepalived makes of it at first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from floatip.model.paths import KEEPALIVED_CONF


class Gone(StrEnum):
    """Why a line is not there any more after this pass."""

    OTHER_SERVER = "other-server"  # `@d2 …` on d1
    DEFINITION = "definition"  # stands wherever it was named
    TAKEN_IN = "taken-in"  # an `include`, in whose place the files' lines are
    NOT_READ = "not-read"  # an `include` of which no file is known
    SEQUENCE = "sequence"  # one that cannot be written out
    TOO_MUCH = "too-much"  # definitions without end, and all that comes after them


@dataclass(frozen=True, slots=True)
class Included:
    """A file that an `include` names: `directory`, that of the file with the statement, and its `pattern`; `text` is
    what the file at `path` says."""

    directory: str
    pattern: str
    path: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Source:
    """A server's keepalived.conf, with all that its meaning depends on. `host`: what lines with `@` are compared with,
    the server's host name up to its first dot."""

    text: str = field(repr=False)
    host: str = ""
    included: Sequence[Included] = ()
    path: str = KEEPALIVED_CONF


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file, from 1. `path`: empty for keepalived.conf itself."""

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Expanded:
    """What the daemon reads in the end: where each line of `text` comes from, and the lines that are gone."""

    text: str
    places: Sequence[Place]
    gone: Sequence[tuple[Place, str, Gone]] = ()

    def place(self, line: int) -> Place:
        """Where a line of the text, from 1, comes from."""
        return self.places[line - 1] if 0 < line <= len(self.places) else Place("", line)
