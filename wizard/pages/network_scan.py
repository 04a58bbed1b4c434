"""What the servers hear in their networks: asked while a person goes on answering, and kept until asked anew."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from ipaddress import IPv4Interface, IPv6Interface, ip_interface
from typing import Any

from floatip.hosts import network_scan
from floatip.hosts.network_scan import Advert, NetworkScan
from floatip.model.messages import say
from floatip.model.problems import Level, Problem
from floatip.model.settings.addresses import address_of
from wizard.drafts import Draft
from wizard.hosts import discovery
from wizard.hosts.background import Background, Task
from wizard.pages.base import block, part

GOOD_FOR = 600.0  # seconds
PATIENCE = 12.0  # seconds that a page waits for it
JUST_NOW = 10.0  # seconds for which it is true who answers for an address
ENOUGH = 60.0  # seconds; the asking ends sooner
Answers = Mapping[str, NetworkScan | str]


class NetworkScans:
    """One listening at a time for the same interfaces of the same servers, shared by whoever wants to know."""

    def __init__(self) -> None:
        self._tasks = Background()

    def begin(self, draft: Draft, instance: str, patience: float = 0.0) -> Task[dict[str, NetworkScan | str]] | None:
        """Start listening where that was not done lately; nothing where no server could be looked at."""
        network = _listens(draft, instance)
        since = time.time() - GOOD_FOR
        work = partial(discovery.listen, draft, network)
        return self._tasks.task(_name(draft, network), work, since, patience) if network else None

    def answers(self, draft: Draft, instance: str, patience: float = PATIENCE) -> Answers | None:
        """What was heard; None where nobody was asked, or has not answered yet."""
        asked = self._tasks.known(_name(draft, _listens(draft, instance)))
        return asked.get(patience) if asked else None

    def asking(
        self, draft: Draft, instance: str, floating: Sequence[Any], since: float, patience: float | None = None
    ) -> Task[dict[str, NetworkScan | str]] | None:
        """Have the servers ask who answers for these addresses, raw as they are; what they were told after `since` is
        good enough. Nothing where none of them can."""
        network = {
            name: {"ask": [place for address in floating if (place := _asked_on(draft, name, interface, own, address))]}
            for name, interface, own in _places(draft, instance)
        }
        network = {name: entry for name, entry in network.items() if entry["ask"]}
        work = partial(discovery.listen, draft, network)
        return self._tasks.task(_name(draft, network), work, since, patience) if network else None

    def answered(self, draft: Draft, instance: str, floating: Sequence[Any]) -> Answers | None:
        """Who answers for these addresses, as each server sees it."""
        asked = self.asking(draft, instance, floating, time.time() - JUST_NOW, ENOUGH)
        return asked.result.result() if asked else None


def _listens(draft: Draft, instance: str) -> dict[str, dict[str, Any]]:
    return {name: {"listen": [interface]} for name, interface, _ in _places(draft, instance)}


def servers(draft: Draft) -> dict[str, str]:
    """Address without prefix → the server of this cluster that has it, as found there or as answered."""
    found = {address: name for name, state in discovery.states(draft).items() for address in state.held}
    answered = [(str(host[0]), part(host, group).get("address")) for host in draft.hosts for group in _groups(host)]
    return {str(address).partition("/")[0]: name for name, address in answered if address} | found


def _groups(host: list[Any]) -> list[str]:
    vrrp = host[1].get("vrrp")
    return list(vrrp) if isinstance(vrrp, dict) else []


def devices(draft: Draft) -> set[str]:
    """The addresses of devices that floatip does not manage, as the draft has them."""
    blocks = [block for block in draft.data.get("vrrp_instances", {}).values() if isinstance(block, dict)]
    devices = [block["foreign"] for block in blocks if isinstance(block.get("foreign"), dict)]
    named = [device for addresses in devices for device in addresses.values()]
    return {str(device.get("address")) for device in named if isinstance(device, dict)}


def foreign_adverts(draft: Draft, answers: Answers) -> dict[int, list[tuple[str, Advert]]]:
    """VRID → (server that heard it, advert) of routers that are none of ours, and that the draft does not name."""
    ours = {*servers(draft), *devices(draft)}
    found: dict[int, list[tuple[str, Advert]]] = {}
    for name, scan in answers.items():
        for advert in scan.adverts if isinstance(scan, NetworkScan) else ():
            if advert.source not in ours:
                found.setdefault(advert.virtual_router_id, []).append((name, advert))
    return found


def vrid_problem(draft: Draft, instance: str, answers: Answers | None) -> Problem | None:
    """Whether somebody else in the network uses the group number."""
    number = block(draft, instance).get("virtual_router_id")
    found = foreign_adverts(draft, answers or {}).get(number, []) if isinstance(number, int) else []
    if not found:
        return None
    name, advert = found[0]
    heard_as = {"source": advert.source, "number": number, "name": name, "interface": advert.interface}
    carp = advert.protocol is network_scan.Protocol.CARP
    return Problem(
        f"vrrp_instances.{instance}.virtual_router_id",
        "vrid-heard",
        say("{source} uses CARP with the VHID {number}: {name} hears it on {interface}.", **heard_as)
        if carp
        else say("{source} already uses the VRID {number}: {name} hears its adverts on {interface}.", **heard_as),
        say("{number} is free.", number=suggested_vrid(draft, answers)),
        Level.WARNING,
    )


def suggested_vrid(draft: Draft, answers: Answers | None) -> int:
    """A number that nobody was heard to use, and no other group of this cluster has."""
    mine = [block.get("virtual_router_id") for block in draft.data.get("vrrp_instances", {}).values()]
    return network_scan.free_vrid(
        [*foreign_adverts(draft, answers or {}), *(vrid for vrid in mine if isinstance(vrid, int))]
    )


def address_problem(draft: Draft, instance: str, answers: Answers | None) -> Problem | None:
    """Whether somebody who is none of the servers answers for a floating address."""
    if block(draft, instance).get("foreign"):  # that may well be who answers
        return None
    held = frozenset().union(*(state.held for state in discovery.states(draft).values()))
    for name, scan in (answers or {}).items():
        for interface, address, mac in scan.answered if isinstance(scan, NetworkScan) else ():
            if address not in held:
                return Problem(
                    f"vrrp_instances.{instance}.virtual_ipaddress",
                    "address-taken",
                    say(
                        "{address} is taken: {mac} answers for it, as {name} sees on {interface}.",
                        address=address,
                        mac=mac,
                        name=name,
                        interface=interface,
                    ),
                    say("Choose another address, or find out which machine has this one."),
                    Level.WARNING,
                )
    return None


def free_address(scans: NetworkScans, draft: Draft, instance: str) -> str | None:
    """An address with prefix that nobody answered for; None where that cannot be known."""
    proposed = network_scan.candidates([own for _, _, own in _places(draft, instance)])
    answers = scans.answered(draft, instance, proposed)
    heard_by = [scan for scan in (answers or {}).values() if isinstance(scan, NetworkScan)]
    taken = {address for scan in heard_by for _, address, _ in scan.answered}
    held = frozenset().union(*(state.held for state in discovery.states(draft).values()))
    return next((text for text in proposed if text.split("/")[0] not in taken | held), None) if heard_by else None


def _places(draft: Draft, instance: str) -> list[tuple[str, str, IPv4Interface | IPv6Interface]]:
    return list(_known_places(draft, instance))


def _known_places(draft: Draft, instance: str) -> Iterator[tuple[str, str, IPv4Interface | IPv6Interface]]:
    states = discovery.states(draft)
    for host in draft.hosts:
        its = part(host, instance)
        links = {link.name for link in states[str(host[0])].links} if str(host[0]) in states else set()
        try:
            own = ip_interface(str(its.get("address")))
        except ValueError:
            continue
        if its.get("interface") in links:
            yield str(host[0]), str(its["interface"]), own


def _asked_on(
    draft: Draft, name: str, interface: str, own: IPv4Interface | IPv6Interface, raw: object
) -> list[str] | None:
    """[interface, address] where a server can ask for a floating address: in its own network, or on the interface that
    the address says, where the kernel asks for any IPv4 one."""
    try:
        ip = ip_interface(address_of(raw)).ip
    except ValueError:
        return None
    device = raw.get("dev") if isinstance(raw, dict) else None
    if device is None:
        return [interface, str(ip)] if ip in own.network else None
    known = any(link.name == device for link in discovery.states(draft)[name].links)
    return [device, str(ip)] if known and ip.version == 4 else None


def _name(draft: Draft, network: Mapping[str, Any]) -> str:
    return json.dumps([discovery.connections(draft), network], sort_keys=True)
