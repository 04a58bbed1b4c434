"""What a server knows of a change that was cut off, what it hears, and what it makes of both.

An instance that gets another identity (VRID, version, multicast or unicast) can have two masters, one on each. So a
server asks the others which one lives on. They cannot answer but by speaking: masters do, backups are silent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from floatip.server_side.lease.model import SECONDS


class Way(StrEnum):
    """Which file a server shall have."""

    BACK = "previous"
    ON = "wanted"


@dataclass(frozen=True, slots=True)
class Voice:
    """How the master of an instance sounds: `multicast` or to each peer by its address; `family` is 4 or 6."""

    interface: str
    virtual_router_id: int
    version: int
    family: int
    multicast: bool

    def __str__(self) -> str:
        """The interface comes last: its name may hold commas, though no blanks."""
        kind = "m" if self.multicast else "u"
        return f"{self.virtual_router_id},{self.version},{self.family},{kind},{self.interface}"


@dataclass(frozen=True, slots=True)
class Known:
    """What one server keeps of a change. `previous` and `wanted`: instance → its voice, where the file has it.

    `proved`: the run saw everything in order, and was about to forget the change. `advert_int`: the longest of all.
    """

    previous: Mapping[str, Voice]
    wanted: Mapping[str, Voice]
    members: frozenset[str]
    advert_int: float
    proved: bool = False

    @property
    def renamed(self) -> tuple[str, ...]:
        """The instances that nobody with the previous file hears of anybody with the wanted one, or the reverse."""
        both = self.previous.keys() & self.wanted.keys()
        return tuple(sorted(name for name in both if self.previous[name] != self.wanted[name]))


@dataclass(frozen=True, slots=True)
class Now:
    """One look: `live` is the side of the change that its file is on, `leads` the instances whose addresses this server
    has, `voices` what members have said meanwhile: (voice, source)."""

    live: Way
    leads: frozenset[str]
    voices: frozenset[tuple[Voice, str]]


def decide(known: Known, now: Now) -> Way:
    """Which file a server shall have that nobody tells any more.

    Where some instances call for one and some for the other, it is the previous one. Where no identity changes, the
    two files do not exclude each other, and there is nothing to hear: what was not proved is taken back.
    """
    ways = {_one(known, now, name) for name in known.renamed}
    if not ways:
        return Way.ON if known.proved else Way.BACK
    return Way.ON if ways == {Way.ON} else Way.BACK


def _one(known: Known, now: Now, name: str) -> Way:
    said = {voice for voice, source in now.voices if source in known.members}
    if known.previous[name] in said:
        return Way.BACK
    if known.wanted[name] in said:
        return Way.ON
    if name in now.leads:
        return now.live
    return Way.ON if known.proved else Way.BACK


def certain(known: Known, now: Now) -> bool:
    """Whether the server knows where the others are: it hears them, or leads itself."""
    said = {voice for voice, source in now.voices if source in known.members}
    return all({known.previous[name], known.wanted[name]} & said or name in now.leads for name in known.renamed)


SHORT, LONG = 3, 7
"""How many adverts a server listens for: with the wanted file, and with the previous one.

Who has the wanted file and hears the previous identity goes back at once; who has the previous one and hears the wanted
identity waits until that one would have gone back. Else the two could change places for ever.
"""


def seconds(known: Known, live: Way) -> int:
    """For how long to listen, with this file."""
    return listening(known.advert_int, live)


def listening(advert_int: float, live: Way) -> int:
    """The same, of that interval alone."""
    return ceil((SHORT if live is Way.ON else LONG) * advert_int) + (1 if live is Way.ON else 4)


def whole_again(advert_int: float) -> int:
    """Within how many seconds after its last sign of life the servers have brought a run's change to its end: its
    leases expire, then each listens, joins the others, and makes sure of it."""
    return SECONDS + 3 * listening(advert_int, Way.BACK)


def whither(known: Iterable[Known], voices: Iterable[Voice], leading: Iterable[Voice]) -> Way:
    """Which way the servers go that answer, when others fall silent in the middle of the change.

    `known`: what the servers keep; `voices`: those that the silent ones are heard with; `leading`: those of the
    servers that answer and have an address. Nobody may be left alone with the other identity: so back, where a silent
    one is heard with the previous one, or where that costs nothing since somebody here leads with it; else on.
    """
    known = list(known)
    before = {member.previous[name] for member in known for name in member.renamed}
    after = {member.wanted[name] for member in known for name in member.renamed}
    if not before:
        return Way.BACK
    said = set(voices)
    if said & before:
        return Way.BACK
    if said & after:
        return Way.ON
    return Way.BACK if before & set(leading) else Way.ON
