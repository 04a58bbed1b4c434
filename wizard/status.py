"""Who holds each address now, in words: values in, values out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from floatip.cluster import Cluster, Instance
from floatip.host_state import HostState
from floatip.words import Said, all_of, any_of, say

WORDS = {
    "master": ("●", say("MASTER, has the address")),
    "backup": ("○", say("BACKUP, stands by")),
    "stopped": ("▲", say("keepalived does not run")),
    "unknown": ("?", say("not known: it does not answer")),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One address. `verdict` is "good", "bad" or "unknown"; `nodes`: (server, state, sign, words)."""

    address: str
    verdict: str
    sentence: Said
    nodes: tuple[tuple[str, str, str, Said], ...]


def read(cluster: Cluster, states: Mapping[str, HostState]) -> list[Row]:
    """One row an address."""
    return [_row(str(one.ip), each, states) for each in cluster.instances for one in each.virtual_ipaddress]


def _row(address: str, instance: Instance, states: Mapping[str, HostState]) -> Row:
    found = {member.node: _state(address, states.get(member.node)) for member in instance.members}
    verdict, sentence = _verdict(address, instance, found)
    return Row(address, verdict, sentence, tuple((name, state, *WORDS[state]) for name, state in found.items()))


def _state(address: str, state: HostState | None) -> str:
    if state is None:
        return "unknown"
    if address in state.held:
        return "master"
    return "backup" if state.active("keepalived") else "stopped"


def _verdict(address: str, instance: Instance, found: Mapping[str, str]) -> tuple[str, Said]:
    holders = [name for name, state in found.items() if state == "master"]
    silent = [name for name, state in found.items() if state == "unknown"]
    if len(holders) > 1:
        split = say(
            "{names} hold {address} at the same time. They do not hear each other's adverts: "
            "something between them drops VRRP (IP protocol 112).",
            names=all_of(holders),
            address=address,
        )
        return "bad", split
    if holders and not silent:
        preferred = instance.preferred.node
        if holders[0] == preferred:
            return "good", say("{holder} holds {address}.", holder=preferred, address=address)
        away = say(
            "{holder} holds {address}, though {preferred} is preferred.",
            holder=holders[0],
            address=address,
            preferred=preferred,
        )
        return "good", away
    if holders:
        unsure = say(
            "{holder} holds {address}; whether {names} does too is not known.",
            holder=holders[0],
            address=address,
            names=any_of(silent),
        )
        return "unknown", unsure
    if silent:
        return "unknown", say(
            "Nobody that answers holds {address}; {names} may.", address=address, names=all_of(silent)
        )
    if "backup" in found.values():
        return "bad", say("Nobody holds {address}: an election may be under way.", address=address)
    return "bad", say("Nobody holds {address}: keepalived runs on none of them.", address=address)
