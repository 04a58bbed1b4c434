"""Reading and splicing keepalived.conf texts of our own making (layout: `render`).

Only what the planner needs: top-level blocks by their head line, the settings of one block, and a
text in which single blocks or settings are exchanged. Not a parser for anybody else's file.
"""

from __future__ import annotations

import re

Settings = dict[str, tuple[str, ...]]
INSTANCE = "vrrp_instance "
"""What the head line of an instance's block begins with; its name follows."""


def blocks(text: str) -> dict[str, str]:
    """Top-level blocks, head (`vrrp_instance VI_1`) → whole text with braces and final newline."""
    found: dict[str, str] = {}
    for match in re.finditer(r"^(\S[^\n{]*?) *\{\n.*?^\}\n", text, re.MULTILINE | re.DOTALL):
        found[match[1]] = match[0]
    return found


def settings(block: str) -> Settings:
    """The settings directly inside a block: keyword → its words, or the lines of its braces."""
    result: Settings = {}
    nested: str | None = None
    for line in (line.strip() for line in block.splitlines()[1:-1]):
        if not line or line[0] in "!#":
            continue
        if nested is not None:
            if line == "}":
                nested = None
            else:
                result[nested] += (line,)
        elif line.endswith("{"):
            nested = line[:-1].strip()
            result[nested] = ()
        else:
            keyword, *words = line.split()
            result[keyword] = tuple(words)
    return result


def instances(text: str) -> dict[str, Settings]:
    """Name → settings of each instance, in file order."""
    heads = {head: block for head, block in blocks(text).items() if head.startswith(INSTANCE)}
    return {head.removeprefix(INSTANCE): settings(block) for head, block in heads.items()}


def splice(text: str, other: str, heads: frozenset[str]) -> str:
    """`text` with the blocks named in `heads` as they stand in `other`; gone where they are not there."""
    theirs = blocks(other)
    for head, block in blocks(text).items():
        if head in heads:
            text = text.replace(block, theirs.get(head, ""))
    return text


def change_block(text: str, head: str, change: Settings, without: frozenset[str] = frozenset()) -> str:
    """`text` with single-line settings of one block exchanged (`change`) or left out (`without`)."""
    block = blocks(text).get(head)
    if block is None:
        return text
    lines = []
    for line in block.splitlines(keepends=True):
        keyword = line.split()[0] if line.startswith("    ") and line.split() else ""
        if keyword in change and not line.startswith("     "):
            lines.append(f"    {keyword} {' '.join(change[keyword])}\n")
        elif keyword not in without:
            lines.append(line)
    return text.replace(block, "".join(lines))
