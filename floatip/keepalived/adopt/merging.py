"""Several files as one inventory: what all servers share, and what one of them says differently."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from floatip.keepalived.adopt import agreeing, changes, groups, tracking
from floatip.keepalived.adopt.blocks import File
from floatip.keepalived.adopt.findings import Notes
from floatip.keepalived.adopt.own import Placed
from floatip.keepalived.adopt.readers import Group, prefixed
from floatip.keepalived.conf import ADDRESSES
from floatip.model.instance import FLOATING
from floatip.model.settings import GLOBAL, INSTANCE, NODE
from floatip.model.settings.addresses import address_of

DEFAULTS = {row.key: row.default for row in (*INSTANCE, *GLOBAL) if not row.required}


def settings(read: Mapping[str, File], notes: Mapping[str, Notes]) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """What each server says of itself in `global_defs`, and what all of them do."""
    own = {row.key for row in NODE}
    hosts = {
        node: {key: value for key, value in content.settings.items() if key in own and value != node}
        for node, content in read.items()
    }
    shared: dict[str, Any] | None = None
    for node, content in read.items():
        mine = {key: value for key, value in _unlike_default(content.settings).items() if key not in own}
        shared = mine if shared is None else shared
        agreeing.agree(shared, mine, "global_defs", notes[node])
    return hosts, shared or {}


def instances(
    parts: Mapping[str, list[tuple[str, Group]]],
    order: Collection[str],
    own: Placed,
    sources: Placed,
    read: Mapping[str, File],
    notes: Mapping[str, Notes],
) -> dict[str, Any]:
    """What all servers say of each instance; `sources`: where the adverts of each will come from."""
    shared: dict[str, dict[str, Any]] = {}
    for node, some in parts.items():
        for called, group in some:
            mine = _cluster_part(group, own[node, called], read[node])
            agreeing.agree(shared.setdefault(called, mine), mine, called, notes[node])
            _changes(group, called, own, sources, node, notes[node])
    return {name: shared[name] for name in order}


def scripts(read: Mapping[str, File], notes: Mapping[str, Notes]) -> dict[str, Any]:
    """The health checks."""
    return _blocks({node: content.scripts for node, content in read.items()}, "vrrp_script", notes)


def files(read: Mapping[str, File], notes: Mapping[str, Notes]) -> dict[str, Any]:
    """The files with a number that are tracked, where any are."""
    shared = _blocks({node: content.files for node, content in read.items()}, "track_file", notes)
    return {"track_files": shared} if shared else {}


def _blocks(
    said: Mapping[str, Mapping[str, dict[str, Any]]], keyword: str, notes: Mapping[str, Notes]
) -> dict[str, Any]:
    """Blocks of that keyword by their names, of all servers; of two of a name, the first one."""
    shared: dict[str, Any] = {}
    for node, blocks in said.items():
        for name, block in blocks.items():
            agreeing.agree(shared.setdefault(name, block), block, f"{keyword} {name}", notes[node])
    return shared


def lines(said: Mapping[str, list[str]], notes: Mapping[str, Notes]) -> list[str]:
    """The raw lines of the first server that has some, for all."""
    lines = next((mine for mine in said.values() if mine), [])
    for node, mine in said.items():
        if mine != lines:
            agreeing.differs(notes[node], "; ".join(mine)[:80] or "-", "; ".join(lines)[:80])
    return lines


def sync_groups(
    read: Mapping[str, File], parts: Mapping[str, list[tuple[str, Group]]], notes: Mapping[str, Notes]
) -> dict[str, Any]:
    """Which groups move together, where any do. A server need not say anything of one that none of its instances is
    in."""
    said: dict[str, dict[str, object]] = {}
    for node, some in parts.items():
        called = {group.name: name for name, group in some}
        tracked = {group.name: list(map(tracking.named, group.cluster.get("track_script", ()))) for _, group in some}
        user = changes.named_user(read[node])
        said[node] = groups.adopted(read[node].sync, called, tracked, read[node].scripts, notes[node], user)
    found = groups.of_all(said.values())
    for node, mine in said.items():
        here = {name for name, _ in parts[node]}
        shared = {name: group for name, group in found.items() if name in mine or here & groups.instances(group)}
        agreeing.agree(shared, mine, groups.KEYWORD, notes[node])
    return {groups.KEYWORD: found} if found else {}


def _changes(group: Group, called: str, own: Placed, sources: Placed, node: str, notes: Notes) -> None:
    """What would mean something else, in one group of one server."""
    address = own[node, called]
    floating = [
        address_of(address) for key in ADDRESSES for address in group.cluster.get(key, []) if not _elsewhere(address)
    ]
    others = [source for (other, name), source in sources.items() if name == called and other != node]
    changes.election(group, called, notes)
    changes.prefixes(group, {text: prefixed(text, address) for text in floating}, notes)
    changes.source(group, sources[node, called] if "mcast_src_ip" in group.member else address, notes)
    changes.peers(group, others, notes)


def _cluster_part(group: Group, own: str, content: File) -> dict[str, Any]:
    made = dict(group.cluster)
    made.setdefault(FLOATING, [])
    made |= {key: [_prefixed(address, own) for address in made[key]] for key in ADDRESSES if key in made}
    if content.version is not None:
        made.setdefault("version", content.version)
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
