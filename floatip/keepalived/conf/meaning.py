"""What a keepalived.conf means: its settings with the daemon's own defaults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_interface

from floatip.keepalived.conf.defaults import DEFAULTS, OPPOSITES
from floatip.keepalived.conf.normalized import ADDRESSES, default_of, tidied, value_of
from floatip.keepalived.conf.statement import Statement
from floatip.keepalived.conf.syntax import Tree, read
from floatip.keepalived.conf.unclear import INSTANCE, fits
from floatip.model.instance import FLOATING

Settings = Mapping[str, tuple[str, ...]]
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
    """Several may stand on one line."""
    for statement in block.body or []:
        if statement.keyword == keyword:
            yield from (word for deep in statement.body or [] if not deep.comment for word in deep.words)


def floating(block: Settings) -> frozenset[str]:
    """The virtual addresses in an instance's settings, without their prefixes."""
    return frozenset(_address(line.split()[0]) for key in ADDRESSES for line in block.get(key, ()) if line.split())


def priority(block: Settings) -> int:
    """The priority in an instance's settings; 0 where there is no such instance."""
    return int(block["priority"][0]) if block else 0


def family(block: Settings) -> int:
    """4 or 6: of which addresses an instance is."""
    return 6 if any(":" in line for line in block.get(FLOATING, ())) else 4


def _settings(whole: Tree, block: Statement) -> Settings:
    result: dict[str, tuple[str, ...]] = {}
    for statement in block.body or []:
        if statement.comment or not statement.words:
            continue
        value = value_of(block.keyword, statement)
        if statement.keyword in OPPOSITES:
            result.pop(OPPOSITES[statement.keyword], None)
        if statement.body is not None:
            inner = [deep.head for each in tidied(statement, block).body or [] for deep in each.all() if deep.words]
            result[statement.head] = (*result.get(statement.head, ()), *inner)
        elif statement.keyword != PREEMPT:
            result[statement.keyword] = tuple(statement.words[1:]) if value is None else (value,)
    for keyword in ("state", "priority", "advert_int", "version"):
        if not fits(keyword, result.get(keyword, ())):
            result[keyword] = (default_of(whole, block, keyword),)
    if result.get("preempt_delay") == (DEFAULTS[INSTANCE]["preempt_delay"],):
        del result["preempt_delay"]
    return result


def _address(word: str) -> str:
    try:
        return str(ip_interface(word).ip)
    except ValueError:
        return word.split("/")[0]
