"""keepalived.conf in anybody's layout: its blocks, their settings, and a text in which some of them are exchanged.

    tokens   the text as a tree of statements

Two files that mean the same give the same blocks, settings and `lines`. What the daemon replaces before it reads a line
(`include`, `$NAME=`, `@server`, `\\` at the end of a line), and what is not whole, is none of this: see `unclear`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from ipaddress import ip_interface

from floatip.conf.tokens import Statement, masked, read, tree

Settings = dict[str, tuple[str, ...]]
INSTANCE = "vrrp_instance "
"""What the head of an instance's block begins with; its name follows."""
PRIORITY = 100
"""The daemon's own, where a file does not say."""
VERSION = {4: 2, 6: 3}
"""The same, by the family of the addresses."""


def blocks(text: str) -> dict[str, str]:
    """Top-level blocks, head (`vrrp_instance VI_1`) → whole text with braces and final newline."""
    return {head: text[one.begin : _after(text, one)] for head, one in _blocks(text).items()}


def settings(block: str) -> Settings:
    """The settings directly inside a block: keyword → its words, or the lines of its braces."""
    result: Settings = {}
    for one in next((one.body for one in read(block) if one.body is not None), []):
        if one.comment:
            continue
        if one.body is None:
            result[one.keyword] = tuple(one.words[1:])
        else:
            result[" ".join(one.words)] = tuple(
                " ".join(line.words) for deep in one.body for line in deep.all() if line.words and not line.comment
            )
    return result


def instances(text: str) -> dict[str, Settings]:
    """Name → settings of each instance, in file order."""
    heads = {head: block for head, block in blocks(text).items() if head.startswith(INSTANCE)}
    return {head.removeprefix(INSTANCE): settings(block) for head, block in heads.items()}


def floating(block: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """The virtual addresses in an instance's settings, without their prefixes."""
    return frozenset(_address(line.split()[0]) for line in block.get("virtual_ipaddress", ()) if line.split())


def priority(block: Mapping[str, tuple[str, ...]]) -> int:
    """The priority in an instance's settings; 0 where there is no such instance."""
    said = (*block.get("priority", ()), "")[0]
    return (int(said) if re.fullmatch(r"[0-9]{1,3}", said) else PRIORITY) if block else 0


def family(block: Mapping[str, tuple[str, ...]]) -> int:
    """4 or 6: of which addresses an instance is."""
    return 6 if any(":" in address for address in floating(block)) else 4


def version(block: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Which VRRP an instance speaks: what it says, else keepalived's own choice."""
    return block.get("version", (str(VERSION[family(block)]),))


def lines(text: str) -> list[str]:
    """What a file says, a line for each statement, in our own layout and without comments."""
    return [line for one in read(text) for line in _lines(one, "")]


def unclear(text: str) -> str:
    """The first line of which nobody can tell here what the daemon makes of it, to be shown; empty for none."""
    whole, texts = tree(text), text.rstrip().split("\n")
    heads = Counter(" ".join(one.words) for one in whole.statements if one.keyword == INSTANCE.strip())
    odd = [
        one.line
        for one in whole.statements
        if one.keyword == INSTANCE.strip()
        and (one.body is None or len(one.words) != 2 or heads[" ".join(one.words)] > 1)
    ]
    odd += [one.line for one in _elsewhere(whole.statements)]
    line = next((texts[line - 1] if line else texts[-1] for line in (*whole.odd, *odd)), "")
    return "".join(sign for sign in masked(line).strip() if sign.isprintable())[:80]


def splice(text: str, other: str, heads: frozenset[str]) -> str:
    """`text` with the blocks named in `heads` as they stand in `other`; gone where they are not there."""
    theirs, end, parts = blocks(other), 0, []
    for head, one in _blocks(text).items():
        if head in heads:
            parts += [text[end : one.begin], theirs.get(head, "")]
            end = _after(text, one)
    return "".join([*parts, text[end:]])


def change_block(text: str, head: str, change: Settings, without: frozenset[str] = frozenset()) -> str:
    """`text` with single-line settings of one block exchanged or added (`change`), or left out (`without`)."""
    block = _blocks(text).get(head)
    if block is None:
        return text
    own = [one for one in block.body or [] if not one.comment and one.body is None]
    added = "".join(f"\n    {_line(key, words)}" for key, words in change.items() if key not in _keywords(own))
    if added and not re.compile(r"[ \t]*(?:[\r\n!#]|$)").match(text, block.opened):
        added += "\n"
    parts, end = [text[: block.opened], added], block.opened
    for one in own:
        if one.keyword in change:
            parts += [text[end : one.begin], _line(one.keyword, change[one.keyword])]
            end = one.end
        elif one.keyword in without:
            parts.append(text[end : one.begin].rstrip(" \t"))
            end = _after(text, one)
    return "".join([*parts, text[end:]])


def _blocks(text: str) -> dict[str, Statement]:
    found = (one for one in read(text) if one.body is not None and one.words)
    return {" ".join(one.words): one for one in found}


def _elsewhere(statements: list[Statement]) -> list[Statement]:
    """What says something of all instances that do not say it themselves, and would have to be known of each."""
    inner = [deep for one in statements if one.keyword == "global_defs" for deep in one.body or []]
    instances = [one.body or [] for one in statements if one.keyword == INSTANCE.strip()]
    all_say = all(any(deep.keyword == "version" for deep in body) for body in instances)
    return [one for one in inner if one.keyword == "vrrp_version" and not all_say]


def _address(word: str) -> str:
    try:
        return str(ip_interface(word).ip)
    except ValueError:
        return word.split("/")[0]


def _after(text: str, one: Statement) -> int:
    """Where it ends, with the end of its line where nothing else stands there."""
    rest = re.compile(r"[ \t]*\r?\n").match(text, one.end)
    return rest.end() if rest else one.end


def _lines(one: Statement, indent: str) -> list[str]:
    if one.comment:
        return []
    if one.body is None:
        return [indent + one.written]
    inner = [line for deep in one.body for line in _lines(deep, indent + "    ")]
    return [f"{indent}{one.written} {{", *inner, indent + "}"]


def _line(keyword: str, words: tuple[str, ...]) -> str:
    return " ".join((keyword, *words))


def _keywords(statements: list[Statement]) -> set[str]:
    return {one.keyword for one in statements}
