"""What became of the lines that are no setting of an inventory."""

from __future__ import annotations

from dataclasses import dataclass, field

from floatip.adopt.tokens import Statement
from floatip.fields import Wrong
from floatip.parse.raw_lines import line as raw_line
from floatip.words import Said, say

MANAGED = say("floatip writes its own.")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of one server's file. `kept`: it goes on as a raw line; else it is left out, for the reason `why`."""

    node: str
    line: int
    text: str
    kept: bool
    why: Said


@dataclass(slots=True)
class Notes:
    """The findings on one server."""

    node: str
    found: list[Finding] = field(default_factory=list)

    def left(self, statement: Statement, why: Said) -> None:
        """Note a statement, and whatever stands in it, as left out."""
        self.found.extend(Finding(self.node, one.line, one.text, False, why) for one in statement.all())

    def raw(self, statement: Statement) -> list[str]:
        """The raw lines of a statement; none, and a note, where floatip may not pass it on."""
        lines = statement.lines()
        try:
            for one in lines:
                if one != "}":
                    raw_line(one)
        except Wrong as wrong:
            self.left(statement, say("Refused as a raw line: it {why} {hint}", why=wrong.text, hint=wrong.hint))
            return []
        why = say("Kept as a raw line, unchecked.")
        self.found.extend(Finding(self.node, one.line, one.text, True, why) for one in statement.all())
        return lines
