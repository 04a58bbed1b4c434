"""Where what a cluster runs comes from, as each of its servers remembers it: who deployed it last, when, from which
computer, and which inventory that was. One line:

    1 1795977300 ann@desk 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08

The version of this format, seconds since the epoch, user@host, and the digest of the inventory without its name and the
ways to its servers, which differ from computer to computer. A server is not trusted: what does not read just so is no
record.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from floatip.model import inventory
from floatip.model.cluster import Cluster

LINE = re.compile(r"1 ([0-9]{1,10}) ([A-Za-z0-9@._+?-]{1,100}) ([0-9a-f]{64})", re.ASCII)
NAMELESS = "of_all"  # no server is called so
MOST = 200  # digests that are remembered


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """`at`: seconds since the epoch, by the clock of whoever deployed; `who`: user@host; `digest`: of the inventory."""

    at: int
    who: str
    digest: str


def record(cluster: Cluster, who: str, at: float) -> str:
    """What each server shall remember from now on."""
    return f"1 {int(at)} {who} {digest(cluster)}\n"


def parse(text: str) -> Origin | None:
    """What a server remembers; None where that is nothing, or cannot be understood."""
    found = LINE.fullmatch(text.strip())
    return Origin(int(found[1]), found[2], found[3]) if found else None


def newest(texts: Iterable[str]) -> Origin | None:
    """The last deploy that these servers remember."""
    return max((origin for origin in map(parse, texts) if origin), default=None)


@lru_cache(MOST)
def digest(cluster: Cluster) -> str:
    """Of an inventory, wherever its servers are reached from."""
    nodes = tuple(replace(node, connection=()) for node in cluster.nodes)
    bare = replace(cluster, name=NAMELESS, nodes=nodes, client=())
    return hashlib.sha256(inventory.dumps(bare).encode()).hexdigest()


def elsewhere(texts: Iterable[str], who: str, own: Iterable[Cluster | None]) -> Origin | None:
    """The last deploy, where somebody else has made it, or this user elsewhere, and it is none of these inventories."""
    last = newest(texts)
    if last is None or last.who == who or last.digest in {digest(text) for text in own if text}:
        return None
    return last
