"""Taking over what servers run already: their keepalived.conf files as the raw values of an inventory.

    tokens    any keepalived.conf as a tree of statements
    findings  what became of the lines that are no setting
    blocks    one server's file as raw settings

Every line is accounted for: it became a setting, or it is what floatip writes anyway, or a finding tells what became
of it. What the files of the servers say differently, though they must agree, is a finding too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_interface
from typing import Any

from floatip.adopt.blocks import File, Group, file, prefixed
from floatip.adopt.findings import Finding, Notes
from floatip.adopt.tokens import masked
from floatip.host_state import HostState
from floatip.words import say

__all__ = ["Adopted", "Finding", "adopt", "masked"]


@dataclass(frozen=True, slots=True)
class Adopted:
    """`vrrp`: server → its part in each group; `data`: what they share; both as raw as an inventory."""

    vrrp: dict[str, dict[str, Any]]
    data: dict[str, Any]
    findings: tuple[Finding, ...]


def adopt(files: Mapping[str, str], states: Mapping[str, HostState]) -> Adopted:
    """What the files (server → text) say. `states` give each server's own address on its interface."""
    notes = {name: Notes(name) for name in files}
    read = {name: file(text, notes[name]) for name, text in files.items()}
    names = _names(read)
    vrrp: dict[str, dict[str, Any]] = {name: {} for name in files}
    shared: dict[str, dict[str, Any]] = {}
    for node, one in read.items():
        for group in one.groups:
            called = names[_identity(group)]
            own = _own_address(group, states.get(node))
            vrrp[node][called] = {"interface": "", **({"address": own} if own else {}), **group.member}
            mine = _cluster_part(group, own, one)
            _agree(shared.setdefault(called, mine), mine, called, notes[node])
    order = _in_order([[names[_identity(group)] for group in one.groups] for one in read.values()])
    data: dict[str, Any] = {"vrrp_instances": {name: shared[name] for name in order}}
    scripts: dict[str, Any] = {}
    lines: list[str] = []
    for node, one in read.items():
        for name, script in one.scripts.items():
            if scripts.setdefault(name, script) != script:
                _differs(notes[node], f"vrrp_script {name}", "")
        lines = lines or one.lines
        if one.lines and one.lines != lines:
            _differs(notes[node], "; ".join(one.lines)[:80], "")
    if scripts:
        data["vrrp_scripts"] = scripts
    if lines:
        data["extra_lines"] = lines
    return Adopted(vrrp, data, tuple(found for one in notes.values() for found in one.found))


def _identity(group: Group) -> object:
    """What is the same group on another server: the VRID and the family of its addresses."""
    first = next(iter(group.cluster.get("virtual_ipaddress", [])), "")
    return group.cluster.get("virtual_router_id", group.name), ":" in first


def _names(read: Mapping[str, File]) -> dict[object, str]:
    """Each group is called as the first server calls it; a name that is taken gets a number."""
    found: dict[object, str] = {}
    for one in read.values():
        for group in one.groups:
            name, number = group.name, 2
            while _identity(group) not in found and name in found.values():
                name, number = f"{group.name}_{number}", number + 1
            found.setdefault(_identity(group), name)
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


def _own_address(group: Group, state: HostState | None) -> str:
    """The server's own address on the interface of the group, in the network of its first floating address."""
    floating = [one.split("/")[0] for one in group.cluster.get("virtual_ipaddress", [])]
    links = [link for link in (state.links if state else ()) if link.name == group.member.get("interface")]
    for text in sorted(address for link in links for address in link.addresses):
        own = ip_interface(text)
        if text.split("/")[0] == group.source:
            return text
        if str(own.ip) not in floating and own.network.prefixlen < own.max_prefixlen and _within(floating, text):
            return text
    return group.source


def _within(floating: list[str], own: str) -> bool:
    return any("/" in prefixed(one, own) for one in floating)


def _cluster_part(group: Group, own: str, one: File) -> dict[str, Any]:
    made = dict(group.cluster)
    made["virtual_ipaddress"] = [prefixed(address, own) for address in made.get("virtual_ipaddress", [])]
    if one.version is not None:
        made.setdefault("version", one.version)
    if made.get("advert_int") == 1:
        del made["advert_int"]
    return made


def _agree(stored: dict[str, Any], mine: dict[str, Any], called: str, notes: Notes) -> None:
    for key in {**stored, **mine}:
        if stored.get(key) != mine.get(key):
            _differs(notes, f"{called}: {key} {mine.get(key, '-')}", str(stored.get(key, "-")))


def _differs(notes: Notes, text: str, other: str) -> None:
    why = say("Another server says it differently ({other}); that one is taken for all.", other=other or "…")
    notes.found.append(Finding(notes.node, 0, text, False, why))
