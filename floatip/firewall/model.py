"""What is asked of a firewall and what answers it: flows, accept rules, steps, the plan."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Literal

from floatip.model.messages import Said, say

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Peer = tuple[str, Address | str, bool]
"""Our interface, the peer's own address, and whether the adverts are sent to peers instead of the group."""
Direction = Literal["in", "out"]

VRRP = "112"  # the protocol's number: /etc/protocols may be missing, and iptables prints either
COMMENT = "floatip"
GROUPS = {4: "224.0.0.18", 6: "ff02::12"}
LINK_LOCAL = "fe80::/10"


class FirewallError(ValueError):
    """The host's answer cannot be understood, or its firewall cannot be opened by us: `message` says why."""

    def __init__(self, message: Said) -> None:
        self.message = message
        super().__init__(message)


@dataclass(frozen=True, slots=True, order=True)
class Accept:
    """One rule: accept protocol 112 in one direction, from `source` and to `destination` where given."""

    direction: Direction
    source: str = ""
    destination: str = ""

    @property
    def family(self) -> int:
        """4 or 6."""
        return 6 if ":" in self.source + self.destination else 4

    @property
    def name(self) -> str:
        """`from 10.9.1.61`, `to 224.0.0.18`: unique among our rules, in words."""
        return str(self.label)

    @property
    def label(self) -> Said:
        """The same, to be said in any language."""
        if self.direction == "in":
            return say("from {address}", address=self.source)
        return say("to {address}", address=self.destination)


@dataclass(frozen=True, slots=True)
class Flow:
    """Adverts that must pass: where they go, and the rule that lets them. None: not known here."""

    interface: str
    source: Network | None
    destination: Network | None
    accept: Accept

    @property
    def direction(self) -> Direction:
        """`in` for the peer's adverts, `out` for our own."""
        return self.accept.direction

    @property
    def family(self) -> int:
        """4 or 6."""
        return self.accept.family


@dataclass(frozen=True, slots=True)
class Flows:
    """The adverts that are really exchanged (`needed`), and every rule that a peer may have (`allowed`).

    Rules for the other transport stay while the peer stays: a change from multicast to unicast
    must not close the door before the daemons have changed over.
    """

    needed: tuple[Flow, ...]
    allowed: frozenset[Accept]

    def wanted(self, blocked: Iterable[Flow], present: Iterable[Accept]) -> tuple[Accept, ...]:
        """The rules that should stand where `blocked` would be dropped and `present` stand already."""
        return tuple(sorted({flow.accept for flow in blocked} | (set(present) & self.allowed)))


@dataclass(frozen=True, slots=True)
class Step:
    """One change: in words, the shell lines that make it, and those that take it back."""

    message: Said
    do: str
    undo: str


@dataclass(frozen=True, slots=True)
class Addition(Step):
    """One rule more; `removal`: what it is called to take that away."""

    removal: Said

    def reverse(self) -> Step:
        """The step that takes the rule away."""
        return Step(self.removal, self.undo, self.do)


def addition(manager: str, rule: Accept, do: str, undo: str, place: str = "") -> Addition:
    """The step that adds a rule, at this place of the manager."""
    return Addition(accepted(manager, rule, place), do, undo, _no_longer(manager, rule, place))


def accepted(manager: str, rule: Accept, place: str = "") -> Said:
    """What a rule is called."""
    if not place:
        return say("{manager}: accept VRRP (protocol 112) {rule}", manager=manager, rule=rule.label)
    return say("{manager}: accept VRRP (protocol 112) {rule} in {place}", manager=manager, rule=rule.label, place=place)


def _no_longer(manager: str, rule: Accept, place: str) -> Said:
    if not place:
        return say("{manager}: no longer accept VRRP (protocol 112) {rule}", manager=manager, rule=rule.label)
    return say(
        "{manager}: no longer accept VRRP (protocol 112) {rule} in {place}",
        manager=manager,
        rule=rule.label,
        place=place,
    )


def written(manager: str, path: str) -> Said:
    """What is called so that writes a file."""
    return say("{manager}: write {path}", manager=manager, path=path)


@dataclass(frozen=True, slots=True)
class Part:
    """What one manager contributes. `boot` are shell lines to run whenever keepalived starts."""

    manager: str
    rules: tuple[Said, ...] = ()
    steps: tuple[Step, ...] = ()
    boot: tuple[str, ...] = ()
    warnings: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a host's firewall needs.

    `manager`: what would drop the adverts or has rules of ours, `nftables`, `ufw+nftables` …, or `none`.
    `needed`: every rule of ours that should stand. `changes`: what `script` will do, in words.
    `warnings`: what we cannot mend. `script`: root's sh script that makes it so, live and lasting, which
    takes its own steps back where one fails; None where nothing is to be done. It may run twice.
    `arm`: starts a timer on the host that takes all of `script` back after a minute, run it before;
    `disarm`: stops it, run it over a *new* connection.
    """

    manager: str
    needed: tuple[Said, ...] = ()
    changes: tuple[Said, ...] = ()
    warnings: tuple[Said, ...] = ()
    script: str | None = None
    arm: str | None = None
    disarm: str | None = None
    undo_unit: str = ""


def flows(peers: Iterable[Peer]) -> Flows:
    """The adverts between this host and its peers.

    IPv6 adverts to the group come from the peer's link-local address, which nobody configures: that
    rule is limited to fe80::/10, and to the group. IPv6 unicast comes from the peer's own address.
    """
    needed: list[Flow] = []
    allowed: set[Accept] = set()
    for interface, address, unicast in peers:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,14}", interface):
            raise FirewallError(
                say("The interface name {name} cannot be used in a firewall rule.", name=repr(interface))
            )
        for kind in (False, True):
            pair = _pair(interface, ip_address(address), kind)
            allowed |= {flow.accept for flow in pair}
            needed += [flow for flow in pair if kind == unicast and flow not in needed]
    return Flows(tuple(needed), frozenset(allowed))


def _pair(interface: str, peer: Address, unicast: bool) -> tuple[Flow, Flow]:
    """The peer's adverts to us, ours to it."""
    group = GROUPS[peer.version]
    to_group = peer.version == 6 and not unicast
    incoming = Accept("in", LINK_LOCAL, group) if to_group else Accept("in", str(peer))
    outgoing = Accept("out", "", str(peer) if unicast else group)
    destination = None if unicast else ip_network(group)
    return (
        Flow(interface, ip_network(incoming.source), destination, incoming),
        Flow(interface, None, ip_network(outgoing.destination), outgoing),
    )
