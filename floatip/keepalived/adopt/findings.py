"""What became of the lines that are no setting of an inventory."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from floatip.keepalived.conf import Statement
from floatip.model.fields import Wrong
from floatip.model.messages import Said, say
from floatip.model.parse.raw_lines import line as raw_line

LONGEST = 300  # characters of a line that are shown
MANAGED = say("floatip writes its own.")


class Code(StrEnum):
    """What became of a line. The first two are lines that are no setting; with the others a setting means something
    else from now on."""

    LEFT = "left"  # left out
    KEPT = "kept"  # a raw line
    USER = "user"  # a check or a notify script runs as another user
    PEERS = "peers"  # the adverts go to other servers
    SOURCE = "source"  # they come from another address
    TIMES = "times"  # `interval`, `timeout`, `fall`, `rise` or a weight
    PREFIX = "prefix"  # a floating address gets another prefix
    ELECTION = "election"  # who leads, and when
    NAME = "name"  # an instance is called otherwise
    SERVERS = "servers"  # what another server's file says holds for this one too


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of one server's file, and why it does not stay what it was. `line`: 0 where it is not there."""

    node: str
    line: int
    text: str
    why: Said
    code: Code = Code.LEFT

    @property
    def kept(self) -> bool:
        """Whether it goes on as a raw line."""
        return self.code is Code.KEPT

    @property
    def changed(self) -> bool:
        """Whether it is a setting that means something else from now on."""
        return self.code not in (Code.LEFT, Code.KEPT)

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        told = {"node": self.node, "line": self.line, "text": self.text, "kept": self.kept}
        return {**told, "code": self.code.value, "why": self.why}


@dataclass(slots=True)
class Notes:
    """The findings on one server."""

    node: str
    found: list[Finding] = field(default_factory=list)

    def left(self, statement: Statement, why: Said) -> None:
        """Note a statement, and whatever stands in it, as left out."""
        self.found.extend(Finding(self.node, one.line, shown(one.text) or "{", why) for one in statement.all())

    def changed(self, line: int, text: str, code: Code, why: Said) -> None:
        """Note a setting that means something else from now on."""
        self.found.append(Finding(self.node, line, shown(text), why, code))

    def raw(self, statement: Statement) -> list[str]:
        """The raw lines of a statement; none, and a note, where floatip may not pass it on."""
        lines = statement.lines()
        try:
            for line in lines:
                if line != "}":
                    raw_line(line)
        except Wrong as wrong:
            self.left(statement, say("Refused as a raw line: it {why} {hint}", why=wrong.text, hint=wrong.hint))
            return []
        why = say("Kept as a raw line, unchecked.")
        self.found.extend(
            Finding(self.node, one.line, shown(one.text) or "{", why, Code.KEPT) for one in statement.all()
        )
        return lines


def shown(text: str) -> str:
    """A part of somebody's file, for a terminal or a page."""
    return "".join(sign if sign.isprintable() else " " for sign in text[:LONGEST])
