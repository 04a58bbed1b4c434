"""Taking over what servers run already: their keepalived.conf files as the raw values of an inventory.

    findings  what became of the lines that are no setting
    blocks    one server's file as raw settings
    readers   the statements of one vrrp_instance, each read into its settings
    groups    instances that move together
    changes   what would mean something else from now on

Every line is accounted for: it became a setting, or it is what floatip writes anyway, or a finding tells what became
of it. What the files of the servers say differently, though they must agree, is a finding too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from ipaddress import ip_interface
from typing import Any

from floatip.keepalived.adopt import changes, groups
from floatip.keepalived.adopt.blocks import File, file
from floatip.keepalived.adopt.findings import Code, Finding, Notes
from floatip.keepalived.adopt.readers import Group, prefixed
from floatip.keepalived.conf import FLOATING, masked
from floatip.model.messages import say
from floatip.model.settings import GLOBAL, INSTANCE, NODE
from floatip.model.settings.addresses import address_of

__all__ = ["Adopted", "Code", "Finding", "adopt", "masked"]

DEFAULTS = {row.key: row.default for row in (*INSTANCE, *GLOBAL) if not row.required}

Addresses = Mapping[str, Collection[str]]
"""Interface of a server → its addresses, with prefix."""
Placed = Mapping[tuple[str, str], str]
"""(server, instance) → an address."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """`vrrp`: server → its part in each group; `hosts`: what it says of itself; `data`: what they share; all as raw as
    an inventory."""

    vrrp: dict[str, dict[str, Any]]
    hosts: dict[str, dict[str, Any]]
    data: dict[str, Any]
    findings: tuple[Finding, ...]


def adopt(files: Mapping[str, str], addresses: Mapping[str, Addresses]) -> Adopted:
    """What the files (server → text) say. `addresses`: those of the servers that were looked at."""
    notes = {name: Notes(name) for name in files}
    read = {name: file(text, notes[name]) for name, text in files.items()}
    names = _names(read)
    parts = {node: list(zip(_called(one, names), one.groups, strict=True)) for node, one in read.items()}
    own = {
        (node, called): _own_address(group, addresses.get(node, {}))
        for node, some in parts.items()
        for called, group in some
    }
    sources = {
        (node, called): _source(group, own[node, called]) for node, some in parts.items() for called, group in some
    }
    vrrp: dict[str, dict[str, Any]] = {name: {} for name in files}
    shared: dict[str, dict[str, Any]] = {}
    for node, some in parts.items():
        changes.users(read[node], notes[node])
        for called, group in some:
            address = own[node, called]
            vrrp[node][called] = {"interface": "", **({"address": address} if address else {}), **group.member}
            mine = _cluster_part(group, address, read[node])
            _agree(shared.setdefault(called, mine), mine, called, notes[node])
            _changes(group, called, own, sources, node, notes[node])
    order = _in_order([[called for called, _ in some] for some in parts.values()])
    data: dict[str, Any] = {"vrrp_instances": {name: shared[name] for name in order}}
    scripts: dict[str, Any] = {}
    for node, one in read.items():
        for name, script in one.scripts.items():
            _agree(scripts.setdefault(name, script), script, f"vrrp_script {name}", notes[node])
    data |= _together(read, parts, notes)
    lines = next((one.lines for one in read.values() if one.lines), [])
    for node, one in read.items():
        if one.lines != lines:
            _differs(notes[node], "; ".join(one.lines)[:80] or "-", "; ".join(lines)[:80])
    if scripts:
        data["vrrp_scripts"] = scripts
    if lines:
        data["extra_lines"] = lines
    own_words = {row.key for row in NODE}
    hosts = {
        node: {key: value for key, value in one.settings.items() if key in own_words and value != node}
        for node, one in read.items()
    }
    everywhere: dict[str, Any] | None = None
    for node, one in read.items():
        mine = {key: value for key, value in _unlike_default(one.settings).items() if key not in own_words}
        everywhere = mine if everywhere is None else everywhere
        _agree(everywhere, mine, "global_defs", notes[node])
    return Adopted(
        vrrp, hosts, {**data, **(everywhere or {})}, tuple(found for note in notes.values() for found in note.found)
    )


def _together(
    read: Mapping[str, File], parts: Mapping[str, list[tuple[str, Group]]], notes: Mapping[str, Notes]
) -> dict[str, Any]:
    """Which groups move together, where any do."""
    found: dict[str, Any] = {}
    for node, some in parts.items():
        called = {group.name: name for name, group in some}
        tracked = {group.name: group.cluster.get("track_script", ()) for _, group in some}
        mine = groups.adopted(read[node].sync, called, tracked, read[node].scripts, notes[node])
        found = found or mine
        _agree(found, mine, groups.KEYWORD, notes[node])
    return {groups.KEYWORD: found} if found else {}


def _source(group: Group, address: str) -> str:
    """Where a server's adverts will come from; empty where that is not known."""
    return str(group.member.get("mcast_src_ip", address.split("/")[0]))


def _changes(group: Group, called: str, own: Placed, sources: Placed, node: str, notes: Notes) -> None:
    """What would mean something else, in one group of one server."""
    address = own[node, called]
    floating = [address_of(one) for key in FLOATING for one in group.cluster.get(key, []) if not _elsewhere(one)]
    others = [source for (other, name), source in sources.items() if name == called and other != node]
    changes.election(group, called, notes)
    changes.prefixes(group, {text: prefixed(text, address) for text in floating}, notes)
    changes.source(group, sources[node, called] if "mcast_src_ip" in group.member else address, notes)
    changes.peers(group, others, notes)


def _identities(one: File) -> list[object]:
    """What makes each group the same as one on another server: the VRID and the family of its addresses; a second
    one of the same kind, as on another interface, is the second there too."""
    kinds = [_kind(group) for group in one.groups]
    return [(kind, kinds[:number].count(kind)) for number, kind in enumerate(kinds)]


def _kind(group: Group) -> object:
    first = next(iter(group.cluster.get("virtual_ipaddress", [])), "")
    return group.cluster.get("virtual_router_id", group.name), ":" in address_of(first)


def _called(one: File, names: Mapping[object, str]) -> list[str]:
    return [names[identity] for identity in _identities(one)]


def _names(read: Mapping[str, File]) -> dict[object, str]:
    """Each group is called as the first server calls it; a name that is taken gets a number."""
    found: dict[object, str] = {}
    for one in read.values():
        for identity, group in zip(_identities(one), one.groups, strict=True):
            name, number = group.name, 2
            while identity not in found and name in found.values():
                name, number = f"{group.name}_{number}", number + 1
            found.setdefault(identity, name)
    return found


def _in_order(lists: list[list[str]]) -> list[str]:
    """All names, in the order in which the files have them, as far as they agree."""
    found: list[str] = []
    for names in lists:
        place = 0
        for name in names:
            if name not in found:
                found.insert(place, name)
            place = found.index(name) + 1
    return found


def _own_address(group: Group, addresses: Addresses) -> str:
    """The server's own address on the interface of the group, in the network of its first floating address."""
    floating = [address_of(one).split("/")[0] for one in group.cluster.get("virtual_ipaddress", [])]
    for text in sorted(addresses.get(str(group.member.get("interface")), ())):
        own = ip_interface(text)
        if text.split("/")[0] == group.source != group.member.get("mcast_src_ip"):
            return text
        if str(own.ip) not in floating and own.network.prefixlen < own.max_prefixlen and _within(floating, text):
            return text
    return group.source


def _within(floating: list[str], own: str) -> bool:
    return any("/" in prefixed(text, own) for text in floating)


def _cluster_part(group: Group, own: str, one: File) -> dict[str, Any]:
    made = dict(group.cluster)
    made.setdefault("virtual_ipaddress", [])
    made |= {key: [_prefixed(one, own) for one in made[key]] for key in FLOATING if key in made}
    if one.version is not None:
        made.setdefault("version", one.version)
    return _unlike_default(made)


def _unlike_default(made: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in made.items() if key not in DEFAULTS or value != DEFAULTS[key]}


def _elsewhere(raw: object) -> bool:
    """Whether a floating address is put on another interface: the network of the server's own is none of its own."""
    return isinstance(raw, dict) and "dev" in raw


def _prefixed(raw: Any, own: str) -> object:
    if _elsewhere(raw):
        return raw
    return {**raw, "address": prefixed(raw["address"], own)} if isinstance(raw, dict) else prefixed(raw, own)


def _agree(stored: dict[str, Any], mine: dict[str, Any], called: str, notes: Notes) -> None:
    for key in {**stored, **mine}:
        if stored.get(key) != mine.get(key):
            _differs(notes, f"{called}: {key} {mine.get(key, '-')}", str(stored.get(key, "-")))


def _differs(notes: Notes, text: str, other: str) -> None:
    why = say("Another server says it differently ({other}); that one is taken for all.", other=other or "…")
    notes.changed(0, text, Code.SERVERS, why)
