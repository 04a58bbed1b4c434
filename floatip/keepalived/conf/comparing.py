"""Whether two files mean the same, and in which lines they differ: with the defaults filled in, in our own layout."""

from __future__ import annotations

from dataclasses import dataclass

from floatip.keepalived.conf.defaults import DEFAULTS, OPPOSITES
from floatip.keepalived.conf.meaning import PREEMPT
from floatip.keepalived.conf.normalized import AS_LONG, default_of, lines_of, tidied, value_of
from floatip.keepalived.conf.statement import Statement
from floatip.keepalived.conf.syntax import Tree, read


def lines(text: str) -> list[str]:
    """What a file says, a line for each statement, in our own layout and without comments."""
    return [line for statement in read(text).statements for line in lines_of(statement, "")]


def same(now: str, then: str, head: str = "") -> bool:
    """Whether two files, or one block in both, mean the same to the daemon."""
    ours, theirs = compared(now, then, head)
    return ours == theirs


def compared(now: str, then: str, head: str = "") -> tuple[list[str], list[str]]:
    """What two files say, in the order of the second one, where the order means nothing; a default is said where the
    other one says something else. `head`: only of this block."""
    ours, theirs = ([_Said.of(read(text), statement) for statement in _top(text, head)] for text in (now, then))
    return _ordered(ours, theirs, theirs), _ordered(theirs, ours, theirs)


@dataclass(frozen=True, slots=True)
class _Said:
    """A top-level statement. `inner`: keyword and lines of what stands in it, without what is the default."""

    whole: Tree
    statement: Statement
    inner: list[tuple[str, list[str]]]

    @classmethod
    def of(cls, whole: Tree, statement: Statement) -> _Said:
        return cls(whole, statement, _inner(whole, statement))

    def lines(self, other: _Said | None, order: _Said | None) -> list[str]:
        """With the defaults of whatever `other` says differently, in the order of `order`."""
        if self.statement.body is None:
            return lines_of(self.statement, "")
        inner = list(self.inner)
        if known := DEFAULTS.get(self.statement.keyword):
            silent = {keyword for keyword, _ in (other.inner if other else ())} - {keyword for keyword, _ in inner}
            for keyword in sorted(known.keys() & silent):
                inner.append((keyword, [f"    {keyword} {default_of(self.whole, self.statement, keyword)}"]))
            keywords = [keyword for keyword, _ in (order.inner if order else ())]
            places = {keyword: keywords.index(keyword) for keyword in keywords}
            inner.sort(key=lambda item: (places.get(item[0], len(places)), item[0]))
        return [f"{self.statement.written} {{", *(line for _, lines in inner for line in lines), "}"]


def _top(text: str, head: str) -> list[Statement]:
    return [statement for statement in read(text).statements if not statement.comment and head in ("", statement.head)]


def _ordered(side: list[_Said], other: list[_Said], last: list[_Said]) -> list[str]:
    """Neighbours of a kind in the order of `last`. The kinds stay: a check must be there before the instance that
    tracks it, and global settings hold for what comes after them."""
    others, order = ({each.statement.head: each for each in some} for some in (other, last))
    places = {head: number for number, head in enumerate(order)}
    runs = list[list[_Said]]()
    for each in side:
        if not runs or runs[-1][0].statement.keyword != each.statement.keyword:
            runs.append([])
        runs[-1].append(each)
    ranked = [
        each for run in runs for each in sorted(run, key=lambda each: places.get(each.statement.head, len(places)))
    ]
    return [
        line for each in ranked for line in each.lines(others.get(each.statement.head), order.get(each.statement.head))
    ]


def _inner(whole: Tree, statement: Statement) -> list[tuple[str, list[str]]]:
    """What stands in a top-level statement; where there are known defaults, only what differs from these."""
    inner = [deep for deep in statement.body or [] if not deep.comment]
    if statement.keyword not in DEFAULTS:
        return [(deep.keyword, lines_of(deep, "    ")) for deep in inner]
    found: list[tuple[str, list[str]]] = []
    for deep in inner:
        words = value_of(statement.keyword, deep)
        if opposite := OPPOSITES.get(deep.keyword):
            found = [item for item in found if item[0] not in (deep.keyword, opposite)]
        if deep.keyword == PREEMPT:
            continue
        if words is None:
            found.append((deep.keyword, lines_of(tidied(deep, statement), "    ")))
        elif words not in (default_of(whole, statement, deep.keyword), AS_LONG):
            found.append((deep.keyword, [f"    {deep.keyword} {words}"]))
    return found
