"""Who holds each address now, in words: values in, values out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from floatip.cluster import Cluster, Instance
from floatip.host_state import HostState

WORDS = {
    "master": ("●", "MASTER, has the address"),
    "backup": ("○", "BACKUP, stands by"),
    "stopped": ("▲", "keepalived does not run"),
    "unknown": ("?", "not known: it does not answer"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One address. `verdict` is "good", "bad" or "unknown"; `nodes`: (server, state, sign, words)."""

    address: str
    verdict: str
    sentence: str
    nodes: tuple[tuple[str, str, str, str], ...]


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


def _verdict(address: str, instance: Instance, found: Mapping[str, str]) -> tuple[str, str]:
    holders = [name for name, state in found.items() if state == "master"]
    silent = [name for name, state in found.items() if state == "unknown"]
    if len(holders) > 1:
        why = "They do not hear each other's adverts: something between them drops VRRP (IP protocol 112)."
        return "bad", f"{' and '.join(holders)} hold {address} at the same time. {why}"
    if holders and not silent:
        home = "" if holders[0] == instance.preferred.node else f", though {instance.preferred.node} is preferred"
        return "good", f"{holders[0]} holds {address}{home}."
    if holders:
        return "unknown", f"{holders[0]} holds {address}; whether {' or '.join(silent)} does too is not known."
    if silent:
        return "unknown", f"Nobody that answers holds {address}; {' and '.join(silent)} may."
    running = "keepalived runs on none of them" if "backup" not in found.values() else "an election may be under way"
    return "bad", f"Nobody holds {address}: {running}."
