"""Statements in one way of writing, and what the daemon takes where a block does not say."""

from __future__ import annotations

import re

from floatip.keepalived.conf.addresses import normal
from floatip.keepalived.conf.defaults import DEFAULTS, FALSE, IPV6_VERSION, OWNER, TRUE
from floatip.keepalived.conf.statement import Statement
from floatip.keepalived.conf.syntax import Tree
from floatip.keepalived.conf.unclear import INSTANCE
from floatip.model.instance import EXCLUDED, FLOATING

AS_LONG = ""  # a timeout as long as the interval
UNORDERED = frozenset({"unicast_peer", "track_script", "track_interface", "authentication"})
ADDRESSES = (FLOATING, EXCLUDED)


def tidied(statement: Statement, block: Statement) -> Statement:
    """Without what means nothing in it: the order of a list, the prefix of a single address, an option that says what
    is done anyway."""
    if statement.body is None:
        return statement
    body = [deep for deep in statement.body if not deep.comment]
    if statement.keyword in UNORDERED:
        body = sorted(body, key=lambda deep: deep.written)
    if statement.keyword in ADDRESSES:
        interface = _interface(block)
        body = [Statement(normal(deep.words, interface) if deep.words else [], deep.line, deep.body) for deep in body]
    return Statement(statement.words, statement.line, body)


def _interface(block: Statement) -> str:
    """Where the addresses of an instance are put. With a virtual MAC address 2.1.5 makes a difference between that and
    the same interface as an option."""
    found = {statement.keyword: statement.words[1:] for statement in block.body or [] if statement.words}
    return "" if "use_vmac" in found else " ".join(found.get("interface", ()))


def value_of(kind: str, statement: Statement) -> str | None:
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


def default_of(whole: Tree, block: Statement, keyword: str) -> str:
    """What the daemon takes where a block does not say."""
    said = {
        statement.keyword: value_of(block.keyword, statement) for statement in block.body or [] if not statement.comment
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
    addresses = [statement for statement in block.body or [] if statement.keyword == FLOATING]
    if any(":" in deep.keyword for statement in addresses for deep in statement.body or [] if not deep.comment):
        return IPV6_VERSION
    every = [statement for each in whole.statements if each.keyword == "global_defs" for statement in each.body or []]
    said = [
        statement.words[1]
        for statement in every
        if statement.keyword == "vrrp_version" and statement.words[1:] in (["2"], ["3"])
    ]
    return said[-1] if said else DEFAULTS[INSTANCE]["version"]


def lines_of(statement: Statement, indent: str) -> list[str]:
    """On lines of their own, without comments."""
    if statement.comment:
        return []
    if statement.body is None:
        return [indent + statement.written]
    inner = [line for deep in statement.body for line in lines_of(deep, indent + "    ")]
    return [f"{indent}{statement.written} {{", *inner, indent + "}"]
