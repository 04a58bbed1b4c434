"""The servers' own addresses: where somebody tells them, where the files do, and what stands in where nobody does."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface, ip_address, ip_interface

from floatip.keepalived.adopt.questions import Asked, Asking
from floatip.keepalived.adopt.readers import Group, prefixed
from floatip.model.instance import FLOATING
from floatip.model.messages import all_of, say
from floatip.model.settings.addresses import address_of

Addresses = Mapping[str, Collection[str]]
"""Interface of a server → its addresses, with prefix; those of the interface '' may be on any."""
Placed = dict[tuple[str, str], str]
"""(server, instance) → an address."""
Part = tuple[str, Group]
Net = IPv4Interface | IPv6Interface

USUAL = {4: 24, 6: 64}
"""The prefix of a subnet of which nobody tells it."""
STAND_INS = {4: "192.0.2.10/24", 6: "2001:db8::10/64"}
"""Addresses that no server has (RFC 5737, RFC 3849), where the file has none to go by."""
UNTOLD = say(
    "The files do not contain the servers' own addresses. The subnet is guessed from the floating "
    "address, and the host number is made up: `ip -brief address` on the server shows the real one."
)
MOST = 256
"""Hosts of a subnet that are tried."""


@dataclass(slots=True)
class Owns:
    """Finds them, an instance at a time. `taken`: addresses of other things, without prefix; `several`: servers with
    instances on more than one interface; `lent`: (server, interface, network) → what stood in there before; `made_up`:
    (server, instance) of those."""

    addresses: Mapping[str, Addresses]
    asking: Asking
    taken: frozenset[str] = frozenset()
    several: frozenset[str] = frozenset()
    lent: dict[tuple[str, str, str], str] = field(default_factory=dict)
    made_up: set[tuple[str, str]] = field(default_factory=set)

    def of(self, called: str, parts: Sequence[Part]) -> Placed:
        """Those of all servers of an instance."""
        found = _different({node: self._known(node, group) for node, group in parts})
        if len(parts) == 2:
            _by_peers(found, dict(parts))
        whole = [text for text in found.values() if "/" in text and _net(text)]
        floats = floating(group for _, group in parts)
        net = next(map(_net, whole), None) or _subnet(floats, [text for text in found.values() if text])
        prefix = net.network.prefixlen if net else 0
        bare = [text for text in floats if "/" not in text]
        tells = any(found.values()) and bool(net) and any("/" in prefixed(text, str(net)) for text in bare)
        lacking = [node for node, text in found.items() if not text]
        if tells and not lacking:
            prefix = self._prefix(called, parts, prefix, bare)
        for node, text in found.items():
            if text and "/" not in text and _net(text):
                found[node] = _with_prefix(text, net, prefix)
        if lacking:
            self.made_up |= {(node, called) for node in lacking}
            found |= self._stand_ins(called, dict(parts), lacking, net, [*floats, *found.values()])
        return {(node, called): text for node, text in found.items()}

    def _known(self, node: str, group: Group) -> str:
        """What somebody told, else what the file says of where its adverts come from."""
        there = self.addresses.get(node, {})
        floats = [text.split("/")[0] for text in floating([group])]
        here, anywhere = sorted(there.get(str(group.member.get("interface")), ())), sorted(there.get("", ()))
        usable = []
        for text in filter(_net, (*here, *anywhere)):
            own = ip_interface(text)
            if text.split("/")[0] == group.source.split("/")[0] and group.source != group.member.get("mcast_src_ip"):
                return text
            if str(own.ip) not in floats and own.network.prefixlen < own.max_prefixlen:
                if any("/" in prefixed(address, text) for address in floats):
                    return text
                if text in here or node not in self.several:  # else it may be the other interface's
                    usable.append(text)
        family = _family([group])
        alike = [text for text in usable if family in (None, ip_interface(text).version)]
        routed = [text for text in alike if not ip_interface(text).is_link_local]
        return routed[0] if len(routed) == 1 else group.source

    def _prefix(self, called: str, parts: Sequence[Part], prefix: int, bare: Sequence[str]) -> int:
        """What the floating addresses get that have none."""
        nodes = tuple(node for node, _ in parts)
        line = next(
            (statement.line for _, group in parts for _, statement in group.placed if statement.words[0] in bare), 0
        )
        longest = 128 if ":" in bare[0] else 32
        text = say(
            "{names} of {instance} has no prefix. keepalived makes /{longest} of that; the servers' own subnet is "
            "/{prefix}.",
            names=all_of(dict.fromkeys(bare)),
            instance=called,
            longest=longest,
            prefix=prefix,
        )
        answer = self.asking.choose(Asked.PREFIX, f"prefix {called}", (nodes, line), text, f"/{prefix}", f"/{longest}")
        chosen = answer.removeprefix("/")
        if chosen.isdecimal() and int(chosen) <= longest and int(chosen) != prefix:
            for _, group in parts:
                group.give(chosen)
        return prefix

    def _stand_ins(
        self, called: str, groups: Mapping[str, Group], lacking: Sequence[str], net: Net | None, others: Sequence[str]
    ) -> dict[str, str]:
        net = net or ip_interface(STAND_INS[_family(groups.values()) or 4])
        free = _free(net, {address.split("/")[0] for address in (*others, *self.lent.values(), *self.taken)})
        places = {node: (node, str(groups[node].member.get("interface", "")), str(net.network)) for node in lacking}
        asked = {}
        for node, place in places.items():
            if place not in self.lent:
                obvious = next(free, f"{net.ip}/{net.network.prefixlen}")
                first = not any(key[0] == node for key in self.lent) and not self.addresses.get(node)
                blank = node if first else f"{node} {called}"
                asked[place] = self.asking.each(Asked.ADDRESS, "address", ((node,), 0), UNTOLD, {blank: obvious})[blank]
        self.lent |= asked
        return {node: self.lent[place] for node, place in places.items()}


def floating(groups: Iterable[Group]) -> list[str]:
    """The floating addresses on the interface of the instance, as the files have them."""
    every = (address for group in groups for address in group.cluster.get(FLOATING, []))
    texts = (address_of(address) for address in every if not (isinstance(address, dict) and "dev" in address))
    return [text for text in dict.fromkeys(texts) if _net(text)]


def _family(groups: Iterable[Group]) -> int | None:
    """4 or 6, as the first floating address is, on whatever interface; None where there is none."""
    every = (address_of(address) for group in groups for address in group.cluster.get(FLOATING, []))
    return next((net.version for net in map(_net, every) if net), None)


def _net(text: str) -> Net | None:
    try:
        return ip_interface(text)
    except ValueError:
        return None


def _subnet(floats: Sequence[str], sources: Sequence[str]) -> Net | None:
    """The network of the first floating address that has one, else the usual one around a source, or around it."""
    found = [_net(text) for text in floats]
    for net in found:
        if net and net.network.prefixlen < net.max_prefixlen:
            return net
    for network in (*map(_net, sources), *found):
        if network:
            return ip_interface(f"{network.ip}/{USUAL[network.version]}")
    return None


def _with_prefix(text: str, net: Net | None, prefix: int) -> str:
    ip = ip_address(text)
    if net and ip.version == net.version and prefix < net.max_prefixlen:
        return f"{text}/{prefix}"
    return f"{text}/{USUAL[ip.version]}"


def _different(found: Mapping[str, str]) -> dict[str, str]:
    """One address for one server: who copied a file forgot to change it in the second one."""
    seen: set[str] = set()
    made = {}
    for node, text in found.items():
        ip = text.split("/")[0]
        made[node] = "" if ip in seen else text
        seen.add(ip)
    return made


def _by_peers(found: dict[str, str], groups: Mapping[str, Group]) -> None:
    """Of two servers, one's only peer is the other's address."""
    for node, group in groups.items():
        (other,) = (name for name in groups if name != node)
        peers = [peer.words[0] for peer in group.peers]
        if not found[other] and len(peers) == 1 and _net(peers[0]):
            found[other] = peers[0]


def _free(net: Net, taken: Collection[str]) -> Iterator[str]:
    """Hosts of a subnet that nobody is known to have, beginning behind this one."""
    network, start = net.network, int(net.ip)
    first, size = int(network.network_address), network.num_addresses
    for step in range(1, min(size, MOST)):
        number = first + (start - first + step) % size
        ip: IPv4Address | IPv6Address = type(net.ip)(number)
        if ip not in (network.network_address, network.broadcast_address) and str(ip) not in taken:
            yield f"{ip}/{network.prefixlen}"
