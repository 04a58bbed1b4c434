"""keepalived's first pass over its files: `include`, definitions, lines for one server, sequences.

Done line by line, as `read_line`, `replace_param` and `add_seq` of lib/parser.c do it in 2.1.5 to 2.3.3. Lines that
none of this concerns come out byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from posixpath import dirname
from typing import Final

from floatip.keepalived.conf.sequence import sequence
from floatip.keepalived.conf.sources import Expanded, Gone, Place, Source

NAME: Final = r"[A-Za-z_][A-Za-z0-9_]*"
FIRST = re.compile(r"^[ \t]*(?:[@$~]|include[rmwba]?[ \t])", re.MULTILINE)
INCLUDE = re.compile(r"include[rmwba]?[ \t]+(.*)")
DEFINITION = re.compile(rf"\$({NAME})=[ \t]*(.*)", re.DOTALL)
REFERENCE = re.compile(rf"\$(?:\{{({NAME})\}}|({NAME})(?=[ \t,)]|$))")
SPECIAL = re.compile(r'[!#"\\]')
LONGEST = 1023  # bytes of a line: the daemon's buffer
DEEPEST = 8  # files within files
NESTED = 50  # lines that come out of one another
MOST_LINES, MOST_SIGNS, MOST_REPLACED = 20_000, 1_000_000, 1000


class _Enough(Exception):
    """Definitions or sequences have no end."""


def expand(source: Source) -> Expanded:
    """The file as keepalived reads it on this server."""
    if not FIRST.search(source.text):
        return Expanded(source.text, ())
    done = _Pass(source)
    try:
        done.file(source.text, "", dirname(source.path), 0)
    except _Enough as enough:
        done.gone.append((done.place, str(enough), Gone.TOO_MUCH))
    return Expanded("\n".join(done.lines), done.places, done.gone)


@dataclass(slots=True)
class _Pass:
    source: Source
    lines: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    gone: list[tuple[Place, str, Gone]] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    several: set[str] = field(default_factory=set)  # definitions of more than one line
    defining: str = ""
    place: Place = field(default_factory=lambda: Place("", 0))
    directory: str = ""
    depth: int = 0
    signs: int = 0
    nested: int = 0

    def file(self, text: str, path: str, directory: str, depth: int) -> None:
        before = self.place, self.directory, self.depth
        for number, raw in enumerate(text.split("\n"), 1):
            self.place, self.directory, self.depth = Place(path, number), directory, depth
            text = _without_comment(raw.rstrip("\r"))
            if text or not (self.defining and raw.rstrip("\r")):  # a comment does not end a definition
                self._take(text, raw)
        self.place, self.directory, self.depth = before

    def _take(self, text: str, raw: str) -> None:
        """One line, and whatever it becomes. `raw`: as it stands in the file, in case that nothing concerns it."""
        if self.nested >= NESTED:
            raise _Enough(text)
        self.nested += 1
        if self.defining:
            self._more(text)
        else:
            self._line(text, raw)
        self.nested -= 1

    def _line(self, text: str, raw: str) -> None:
        first, rest = text, list[str]()
        while (mine := self._mine(text)) is not None:
            if found := DEFINITION.fullmatch(mine):
                self._define(found)
                break
            if mine.startswith("~SEQ"):
                self._sequence(mine)
                break
            text = mine if mine.startswith("~") else self._replaced(mine, rest)
            text = text if text == mine else _without_comment(text)
            if text == mine or not re.search(r"^@|\$", text):
                self._give(text, raw if text == first else text)
                break
        for line in filter(None, rest):
            self._take(line, line)

    def _mine(self, text: str) -> str | None:
        """A line without the servers that it is for; None where this one is none of them."""
        if not text.startswith("@"):
            return text
        found = re.fullmatch(r"@(\^?)(\S*)[ \t]+(.*)", text)
        if found and (bool(self.source.host) and found[2] == self.source.host) != bool(found[1]):
            return found[3]
        self._note(text, Gone.OTHER_SERVER)
        return None

    def _define(self, found: re.Match[str]) -> None:
        self._note(f"${found[1]}=…", Gone.DEFINITION)  # it may be a password
        name, value = found[1], found[2]
        self.values[name] = value.removesuffix("\\").rstrip(" \t") if value.endswith("\\") else value
        self.several.discard(name)
        if value.endswith("\\"):
            self.several.add(name)
            self.defining = name
            self.values[name] += "\n" if self.values[name] else ""

    def _more(self, text: str) -> None:
        """A further line of a definition; an empty one ends it."""
        name, goes_on = self.defining, text.endswith("\\")
        line = text.removesuffix("\\").rstrip(" \t") if goes_on else text
        self.values[name] += f"{line}\n" if goes_on and line else line
        if not goes_on:
            self.defining = ""
        if not self.values[name]:
            self.several.discard(name)

    def _sequence(self, text: str) -> None:
        found = sequence(text, lambda numbers: self._replaced(numbers, []))
        if found is None:
            return self._note(text, Gone.SEQUENCE)
        for value in found.values:
            self.values[found.name] = value
            self.several.discard(found.name)
            self._take(found.text, found.text)
        return None

    def _replaced(self, text: str, rest: list[str]) -> str:
        """With the values of definitions; further lines of theirs go to `rest`."""
        at, times = 0, 0
        while (at := text.find("$", at)) >= 0:
            found = REFERENCE.match(text, at)
            name = (found[1] or found[2]) if found else ""
            if not found or name not in self.values or (name in self.several and found.end() < len(text)):
                at += 1
                continue
            first, *more = self.values[name].split("\n")
            times += 1
            if times > MOST_REPLACED or len(first) + len(text) > LONGEST:
                raise _Enough(text)
            text = text[:at] + first + text[found.end() :]
            rest[:0] = more
            if first.lstrip(" \t").startswith("~"):
                break
        return text

    def _give(self, text: str, line: str) -> None:
        """A line that is done: it goes out, or brings in other files."""
        if found := INCLUDE.fullmatch(text):
            return self._include(text, found[1])
        if len(self.lines) >= MOST_LINES or self.signs > MOST_SIGNS:
            raise _Enough(text)
        self.signs += len(line)
        self.lines.append(line)
        self.places.append(self.place)
        return None

    def _include(self, text: str, pattern: str) -> None:
        here = [file for file in self.source.included if (file.directory, file.pattern) == (self.directory, pattern)]
        if not here or self.depth >= DEEPEST:
            return self._note(text, Gone.NOT_READ)
        self._note(text, Gone.TAKEN_IN)
        for file in here:
            self.file(file.text.removesuffix("\n"), file.path, dirname(file.path), self.depth + 1)
        return None

    def _note(self, text: str, gone: Gone) -> None:
        self.gone.append((self.place, text, gone))


def _without_comment(line: str) -> str:
    """As `decomment` leaves it: without blanks around it, and a backslash at its end stays there."""
    text, quoted = line.strip(" \t"), False
    parts, last, goes_on = list[str](), 0, False
    for at in _signs(text):
        if text[at] == '"':
            quoted = not quoted
        elif text[at] == "\\" and at + 1 == len(text):
            goes_on = True
        elif text[at] == "\\" and not quoted:
            parts.append(text[last:at])
            last = at + 1
        elif text[at] in "!#" and not quoted:
            goes_on = text.endswith("\\")
            text = text[:at]
            break
    made = "".join([*parts, text[last:]])
    return made.removesuffix("\\").rstrip(" \t") + "\\" if goes_on else made.rstrip(" \t")


def _signs(text: str) -> Iterator[int]:
    """Where quotes, comments, escapes of these, and a last backslash are."""
    at = 0
    while found := SPECIAL.search(text, at):
        begin = found.start()
        escapes = found[0] == "\\" and begin + 1 < len(text)
        if not escapes or text[begin + 1] in "!#":
            yield begin
        at = begin + (2 if escapes else 1)
