"""What became of the lines that are no setting of an inventory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from floatip.keepalived.conf import Statement
from floatip.model.fields import Wrong
from floatip.model.messages import Said, say
from floatip.model.parse.raw_lines import line as raw_line

LONGEST = 300  # characters of a line that are shown


class Code(StrEnum):
    """What became of a line. The first two are lines that are no setting; with the others a setting means something
    else from now on."""

    LEFT = "left"  # left out
    KEPT = "kept"  # a raw line
    CHECK = "check"  # floatip's own check looks at the same
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
    """A statement of one server's file, with all that stands in its braces, and why it does not stay what it was.
    `line`, `last`: where it begins and ends; 0 where it is not there. `file`: an included one that it stands in."""

    node: str
    line: int
    text: str
    why: Said
    code: Code = Code.LEFT
    last: int = 0
    file: str = ""

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
        document = {"node": self.node, "file": self.file, "line": self.line, "text": self.text, "kept": self.kept}
        return {**document, "code": self.code.value, "why": self.why}

    @property
    def place(self) -> str:
        """`d1:7`, or `d1:7-10`, or `d1:conf.d/web.conf:7`."""
        lines = f"{self.line}-{self.last}" if self.last > self.line else f"{self.line}"
        where = f"{self.node}:{self.file}" if self.file else self.node
        return f"{where}:{lines}" if self.line else where


@dataclass(frozen=True, slots=True)
class Together:
    """Findings with the same reason, to be told at once."""

    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        """One that stands for them all."""
        return self.findings[0]

    @property
    def places(self) -> str:
        """Where they are, server by server: `d1:1, 5-9; d2:1`."""
        found: dict[str, dict[str, None]] = {}
        for finding in self.findings:
            found.setdefault(finding.node, {})[finding.place.removeprefix(finding.node).removeprefix(":")] = None
        return "; ".join(f"{node}:{', '.join(lines)}".removesuffix(":") for node, lines in found.items())

    @property
    def texts(self) -> tuple[str, ...]:
        """What stands there, each once; nothing for comments."""
        return tuple(
            dict.fromkeys(finding.text for finding in self.findings if not finding.text.startswith(("#", "!")))
        )

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        keys = ("node", "file", "line", "last", "text")
        lines = [{key: getattr(finding, key) for key in keys} for finding in self.findings]
        return {"code": self.first.code.value, "kept": self.first.kept, "why": self.first.why, "lines": lines}


def together(findings: Iterable[Finding]) -> tuple[Together, ...]:
    """Those of one kind and reason as one, in the order of the first of each: what changes comes before the rest."""
    found: dict[tuple[Code, str], list[Finding]] = {}
    for finding in sorted(findings, key=lambda each: (not each.changed, each.kept)):
        found.setdefault((finding.code, finding.why), []).append(finding)
    return tuple(Together(tuple(dict.fromkeys(some))) for some in found.values())


@dataclass(slots=True)
class Notes:
    """The findings on one server."""

    node: str
    found: list[Finding] = field(default_factory=list)

    def left(self, statement: Statement, why: Said) -> None:
        """Note a statement, and whatever stands in it, as left out."""
        self.found.append(self._of(statement, why, Code.LEFT))

    def _of(self, statement: Statement, why: Said, code: Code) -> Finding:
        text = (shown(statement.text) + " {…}" * (statement.body is not None)).strip()
        return Finding(self.node, statement.line, text, why, code, max(child.line for child in statement.all()))

    def changed(self, line: int, text: str, code: Code, why: Said) -> None:
        """Note a setting that means something else from now on."""
        self.found.append(Finding(self.node, line, shown(text), why, code))

    def kept(self, statement: Statement) -> None:
        """Note a statement that goes on unchecked, or a part of it."""
        self.found.append(self._of(statement, say("Kept as a raw line, unchecked."), Code.KEPT))

    def raw(self, statement: Statement, block: str = "") -> list[str]:
        """The raw lines of a statement in this block; none, and a note, where floatip may not pass it on."""
        lines = [line for line in map(_clean, statement.lines()) if line]
        try:
            for line in lines:
                if line != "}":
                    raw_line(line, block)
        except Wrong as wrong:
            self.left(statement, say("Refused as a raw line: it {why} {hint}", why=wrong.text, hint=wrong.hint))
            return []
        self.kept(statement)
        return lines


def _clean(line: str) -> str:
    """A raw line without what nobody sees: tabs, control characters, and the backslash that would make a comment go
    on."""
    clean = "".join(sign if sign.isprintable() else " " for sign in line).strip()
    return clean.rstrip("\\ ") if clean.startswith(("!", "#")) else clean


def shown(text: str) -> str:
    """A part of somebody's file, for a terminal or a page."""
    return "".join(sign if sign.isprintable() else " " for sign in text[:LONGEST])
