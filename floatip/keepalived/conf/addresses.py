"""The line of a floating address: the address, then options, each a word alone or with its value behind it.

Read as `alloc_ipaddress` of vrrp_ipaddress.c does, 2.1.5 to 2.3.3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import ip_interface
from typing import Final

from floatip.model.settings.addresses import EXTRA

VALUED: Final = frozenset({"dev", "label", "brd", "scope", "peer", "preferred_lft"})
SYNONYMS: Final = {"broadcast": "brd"}
ORDER: Final = ("dev", "label", "brd", "scope")
"""In which they are compared; keepalived takes them in any."""
GLOBAL: Final = frozenset({"global", "0"})

Options = Mapping[str, str]


def options(words: Sequence[str]) -> Options:
    """Option → its value, empty for one that takes none; of the words behind the address."""
    found: dict[str, str] = {}
    rest = list(words)
    while rest:
        name = SYNONYMS.get(word := rest.pop(0), word)
        found[name] = rest.pop(0) if name in VALUED and rest else ""
    return found


def telling(given: Options, interface: str) -> Options:
    """Without what the daemon or the kernel does anyway. `interface`: where the address is put if no option says so;
    empty where that is not known."""
    default = {"dev": {interface} - {""}, "label": {given.get("dev", interface)} - {""}, "scope": GLOBAL}
    return {name: value for name, value in given.items() if value not in default.get(name, ())}


def folded(given: Options) -> Options:
    """As an inventory has them: those that are no setting of their own as one text, in their order."""
    known = {name: value for name, value in given.items() if name in ORDER}
    rest = [word for name, value in given.items() if name not in ORDER for word in (name, value) if word]
    return {**known, EXTRA: " ".join(rest)} if rest else known


def normal(words: Sequence[str], interface: str) -> list[str]:
    """The same line, always written in the same way."""
    found = telling(options(words[1:]), interface)
    names = sorted(found, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))
    return [prefixed(words[0]), *(word for name in names for word in (name, found[name]) if word)]


def placed(lines: Sequence[str]) -> dict[str, Options]:
    """Address with prefix → its options, of the lines in an instance's settings."""
    return {words[0]: folded(options(words[1:])) for line in lines if (words := line.split())}


def prefixed(word: str) -> str:
    """An address with its prefix, as the daemon fills it in; anything else as it is."""
    try:
        return str(ip_interface(word))
    except ValueError:
        return word
