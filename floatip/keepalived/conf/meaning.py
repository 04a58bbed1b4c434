"""What a keepalived.conf means: its settings with the daemon's own defaults, and whether two files mean the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_interface

from floatip.keepalived.conf.addresses import normal
from floatip.keepalived.conf.defaults import DEFAULTS, FALSE, IPV6_VERSION, OPPOSITES, OWNER, TRUE
from floatip.keepalived.conf.statement import Statement
from floatip.keepalived.conf.syntax import Tree, read
from floatip.keepalived.conf.unclear import INSTANCE, fits

Settings = Mapping[str, tuple[str, ...]]
AS_LONG = ""  # a timeout as long as the interval
UNORDERED = frozenset({"unicast_peer", "track_script", "track_interface", "authentication"})
FLOATING = ("virtual_ipaddress", "virtual_ipaddress_excluded")  # what the adverts name, and the rest
SYNC_GROUP = "vrrp_sync_group"
PREEMPT = "preempt"  # the default, and the opposite of `nopreempt`


def instances(text: str) -> dict[str, Settings]:
    """Name → settings of each instance, in file order: keyword → its words, or the lines in its braces.

    `state`, `priority`, `advert_int` and `version` are always there; what says the default in other words never is.
    """
    whole = read(text)
    found = {
        statement.words[1]: statement
        for statement in whole.blocks().values()
        if statement.keyword == INSTANCE and len(statement.words) == 2
    }
    return {name: _settings(whole, statement) for name, statement in found.items()}


def groups(text: str) -> dict[str, frozenset[str]]:
    """Name → the instances of each group that moves together."""
    found = [block for block in read(text).blocks().values() if block.keyword == SYNC_GROUP and len(block.words) == 2]
    return {block.words[1]: frozenset(_listed(block, "group")) for block in found}


def _listed(block: Statement, keyword: str) -> Iterator[str]:
    for statement in block.body or []:
        if statement.keyword == keyword:
            yield from (deep.keyword for deep in statement.body or [] if not deep.comment)


def floating(block: Settings) -> frozenset[str]:
    """The virtual addresses in an instance's settings, without their prefixes."""
    return frozenset(_address(line.split()[0]) for key in FLOATING for line in block.get(key, ()) if line.split())


def priority(block: Settings) -> int:
    """The priority in an instance's settings; 0 where there is no such instance."""
    return int(block["priority"][0]) if block else 0


def family(block: Settings) -> int:
    """4 or 6: of which addresses an instance is."""
    return 6 if any(":" in line for line in block.get(FLOATING[0], ())) else 4


def lines(text: str) -> list[str]:
    """What a file says, a line for each statement, in our own layout and without comments."""
    return [line for statement in read(text).statements for line in _lines(statement, "")]


def same(now: str, then: str, head: str = "") -> bool:
    """Whether two files, or one block in both, mean the same to the daemon."""
    ours, theirs = compared(now, then, head)
    return ours == theirs


def compared(now: str, then: str, head: str = "") -> tuple[list[str], list[str]]:
    """What two files say, in the order of the second one, where the order means nothing; a default is said where the
    other one says something else. `head`: only of this block."""
    ours, theirs = ([_Said.of(read(text), statement) for statement in _top(text, head)] for text in (now, then))
    return _told(ours, theirs, theirs), _told(theirs, ours, theirs)


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
            return _lines(self.statement, "")
        inner = list(self.inner)
        if known := DEFAULTS.get(self.statement.keyword):
            silent = {keyword for keyword, _ in (other.inner if other else ())} - {keyword for keyword, _ in inner}
            for keyword in sorted(known.keys() & silent):
                inner.append((keyword, [f"    {keyword} {_default(self.whole, self.statement, keyword)}"]))
            keywords = [keyword for keyword, _ in (order.inner if order else ())]
            places = {keyword: keywords.index(keyword) for keyword in keywords}
            inner.sort(key=lambda item: (places.get(item[0], len(places)), item[0]))
        return [f"{self.statement.written} {{", *(line for _, lines in inner for line in lines), "}"]


def _top(text: str, head: str) -> list[Statement]:
    return [statement for statement in read(text).statements if not statement.comment and head in ("", statement.head)]


def _told(side: list[_Said], other: list[_Said], last: list[_Said]) -> list[str]:
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
        return [(deep.keyword, _lines(deep, "    ")) for deep in inner]
    found: list[tuple[str, list[str]]] = []
    for deep in inner:
        words = _words(statement.keyword, deep)
        if opposite := OPPOSITES.get(deep.keyword):
            found = [item for item in found if item[0] not in (deep.keyword, opposite)]
        if deep.keyword == PREEMPT:
            continue
        if words is None:
            found.append((deep.keyword, _lines(_tidied(deep, statement), "    ")))
        elif words not in (_default(whole, statement, deep.keyword), AS_LONG):
            found.append((deep.keyword, [f"    {deep.keyword} {words}"]))
    return found


def _tidied(statement: Statement, block: Statement) -> Statement:
    """Without what means nothing in it: the order of a list, the prefix of a single address, an option that says what
    is done anyway."""
    if statement.body is None:
        return statement
    body = [deep for deep in statement.body if not deep.comment]
    if statement.keyword in UNORDERED:
        body = sorted(body, key=lambda deep: deep.written)
    if statement.keyword in FLOATING:
        interface = _interface(block)
        body = [Statement(normal(deep.words, interface) if deep.words else [], deep.line, deep.body) for deep in body]
    return Statement(statement.words, statement.line, body)


def _interface(block: Statement) -> str:
    """Where the addresses of an instance are put. With a virtual MAC address 2.1.5 makes a difference between that and
    the same interface as an option."""
    found = {statement.keyword: statement.words[1:] for statement in block.body or [] if statement.words}
    return "" if "use_vmac" in found else " ".join(found.get("interface", ()))


def _words(kind: str, statement: Statement) -> str | None:
    """The value of a setting that has a default, always written in the same way; None for any other."""
    default = DEFAULTS[kind].get(statement.keyword)
    if default is None or statement.body is not None:
        return None
    value = " ".join(statement.words[1:])
    if default in TRUE | FALSE:
        return "true" if value in TRUE | {""} else "false" if value in FALSE else value
    if statement.keyword == "timeout" and kind == "vrrp_script" and re.fullmatch("0+", value):
        return AS_LONG
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value, re.ASCII):
        return f"{float(value):.9f}".rstrip("0").rstrip(".")
    return value


def _default(whole: Tree, block: Statement, keyword: str) -> str:
    """What the daemon takes where a block does not say."""
    said = {
        statement.keyword: _words(block.keyword, statement) for statement in block.body or [] if not statement.comment
    }
    if block.keyword == INSTANCE:
        if keyword == "state" and said.get("priority") == OWNER[1]:
            return OWNER[0]
        if keyword == "priority" and said.get("state") == OWNER[0] and said.get(keyword) != OWNER[1]:
            return OWNER[1]
        if keyword == "version":
            return _version(whole, block)
    if (block.keyword, keyword) == ("vrrp_script", "timeout"):
        return said.get("interval") or DEFAULTS[block.keyword]["interval"]
    return DEFAULTS[block.keyword][keyword]


def _version(whole: Tree, block: Statement) -> str:
    """Of an instance that does not say: by its family, else what the file says for all, before or after it."""
    addresses = [statement for statement in block.body or [] if statement.keyword == "virtual_ipaddress"]
    if any(":" in deep.keyword for statement in addresses for deep in statement.body or [] if not deep.comment):
        return IPV6_VERSION
    every = [statement for each in whole.statements if each.keyword == "global_defs" for statement in each.body or []]
    said = [
        statement.words[1]
        for statement in every
        if statement.keyword == "vrrp_version" and statement.words[1:] in (["2"], ["3"])
    ]
    return said[-1] if said else DEFAULTS[INSTANCE]["version"]


def _settings(whole: Tree, block: Statement) -> Settings:
    result: dict[str, tuple[str, ...]] = {}
    for statement in block.body or []:
        if statement.comment or not statement.words:
            continue
        value = _words(block.keyword, statement)
        if statement.keyword in OPPOSITES:
            result.pop(OPPOSITES[statement.keyword], None)
        if statement.body is not None:
            inner = [deep.head for each in _tidied(statement, block).body or [] for deep in each.all() if deep.words]
            result[statement.head] = (*result.get(statement.head, ()), *inner)
        elif statement.keyword != PREEMPT:
            result[statement.keyword] = tuple(statement.words[1:]) if value is None else (value,)
    for keyword in ("state", "priority", "advert_int", "version"):
        if not fits(keyword, result.get(keyword, ())):
            result[keyword] = (_default(whole, block, keyword),)
    if result.get("preempt_delay") == (DEFAULTS[INSTANCE]["preempt_delay"],):
        del result["preempt_delay"]
    return result


def _lines(statement: Statement, indent: str) -> list[str]:
    if statement.comment:
        return []
    if statement.body is None:
        return [indent + statement.written]
    inner = [line for deep in statement.body for line in _lines(deep, indent + "    ")]
    return [f"{indent}{statement.written} {{", *inner, indent + "}"]


def _address(word: str) -> str:
    try:
        return str(ip_interface(word).ip)
    except ValueError:
        return word.split("/")[0]
