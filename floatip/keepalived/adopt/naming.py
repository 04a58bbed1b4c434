"""Which instances of several files are one, and what it is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from floatip.keepalived.adopt.blocks import File
from floatip.keepalived.adopt.findings import Code, Notes
from floatip.keepalived.adopt.readers import Group
from floatip.model.instance import FLOATING
from floatip.model.messages import say
from floatip.model.settings.addresses import address_of


def called(file: File, names: Mapping[object, str]) -> list[str]:
    """What each instance of a file is called from now on."""
    return [names[identity] for identity in _identities(file)]


def names(read: Mapping[str, File]) -> dict[object, str]:
    """Each instance is called as the first server calls it; a name that is taken gets a number."""
    found: dict[object, str] = {}
    for file in read.values():
        for identity, group in zip(_identities(file), file.groups, strict=True):
            name, number = group.name, 2
            while identity not in found and name in found.values():
                name, number = f"{group.name}_{number}", number + 1
            found.setdefault(identity, name)
    return found


def in_order(lists: Sequence[Sequence[str]]) -> list[str]:
    """All names, in the order in which the files have them, as far as they agree."""
    found: list[str] = []
    for some in lists:
        place = 0
        for name in some:
            if name not in found:
                found.insert(place, name)
            place = found.index(name) + 1
    return found


def same_vrid(read: Mapping[str, File], notes: Mapping[str, Notes]) -> None:
    """Instances with another VRID on each server, but one name or one address: those of the first server hold for all.

    As the files are, both servers have the address."""
    first = next(iter(read.values()), File())
    known = {_kind(group) for group in first.groups}
    for node, file in list(read.items())[1:]:
        theirs = {_kind(group) for group in file.groups}
        for group in file.groups:
            lonely = [two for two in first.groups if _kind(two) not in theirs and _akin(group, two)]
            if _kind(group) not in known and len(lonely) == 1 and "virtual_router_id" in lonely[0].cluster:
                vrid = lonely[0].cluster["virtual_router_id"]
                statement = group.setting("virtual_router_id") or group.block
                why = say("Another server says {vrid}, so both have the address today; that one is used.", vrid=vrid)
                notes[node].changed(statement.line, statement.text, Code.SERVERS, why)
                group.cluster["virtual_router_id"] = vrid


def _akin(first: Group, second: Group) -> bool:
    mine, theirs = ({address_of(raw).split("/")[0] for raw in _listed(group)} for group in (first, second))
    return first.name == second.name or bool(mine & theirs)


def _identities(file: File) -> list[object]:
    """What makes each instance the same as one on another server: the VRID and the family of its addresses; a second
    one of the same kind, as on another interface, is the second there too."""
    kinds = [_kind(group) for group in file.groups]
    return [(kind, kinds[:number].count(kind)) for number, kind in enumerate(kinds)]


def _kind(group: Group) -> object:
    first = next(iter(_listed(group)), "")
    return group.cluster.get("virtual_router_id", group.name), ":" in address_of(first)


def _listed(group: Group) -> list[object]:
    return list(group.cluster.get(FLOATING, []))
