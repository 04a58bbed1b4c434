"""What the servers are like, asked by a child process the way a deploy would ask; read with suspicion."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from ipaddress import IPv4Interface, IPv4Network, IPv6Interface, IPv6Network, ip_interface, ip_network
from typing import Any

from floatip import firewall
from floatip.hosts import host_answer, includes, network_scan, probe, systems, worker_answers
from floatip.hosts.host_state import HostState
from floatip.hosts.network_scan import NetworkScan
from floatip.keepalived import conf
from floatip.keepalived.adopt import masked
from floatip.model import passwords
from floatip.model.messages import Said, say
from floatip.model.settings.addresses import address_of
from floatip.operate import status
from wizard.drafts import Draft

INCLUDED = "included="
CLOCKS_DIFFER = 3.0  # seconds; VRRP does not mind, but whoever compares two logs does


def ask(draft: Draft) -> dict[str, Any]:
    """Server → {"lines": …}, {"error": …} or {"why": …}, as it is kept in the draft."""
    answers = probe.ask(draft.hosts)
    return {**{name: _without_passwords(answer) for name, answer in answers.items()}, "": connections(draft)}


def listen(draft: Draft, network: Mapping[str, Any]) -> dict[str, NetworkScan | str]:
    """Server → what it heard, or why it could not listen. `network`: server → what `floatip.hosts.probe_worker`
    takes."""
    request = [[name, data, network[str(name)]] for name, data in draft.hosts if str(name) in network]
    data = {str(name): host for name, host in draft.hosts}
    answers = probe.ask(request)
    read = worker_answers.by_lines(network_scan.parse)
    return {
        name: worker_answers.result(answer, data[name], read) for name, answer in answers.items() if name in network
    }


def connections(draft: Draft) -> str:
    """What the answers depend on: when it changes, they are out of date."""
    return json.dumps([[name, {k: v for k, v in data.items() if k != "vrrp"}] for name, data in draft.hosts])


def current(draft: Draft) -> bool:
    """Whether the servers were asked, by the ways that the draft has now."""
    return draft.found.get("") == connections(draft)


def states(draft: Draft) -> dict[str, HostState]:
    """Server → its state, for those that answered and made sense."""
    return {name: state for name, state in _read(draft).items() if isinstance(state, HostState)}


def failures(draft: Draft) -> dict[str, str]:
    """Server → why it could not be looked at."""
    return {name: answer for name, answer in _read(draft).items() if isinstance(answer, str)}


def portraits(draft: Draft) -> dict[str, list[str]]:
    """Server → what people may want to know of it, in a few words each."""
    return {name: list(_portrait(state, draft.found[name].get("at"))) for name, state in states(draft).items()}


def _portrait(state: HostState, at: Any) -> Iterator[str]:
    yield systems.system(state)
    yield "root" if state.uid == 0 else say("not root")
    with suppress(firewall.FirewallError):
        managers = firewall.managers(firewall.observe(state.firewall))
        yield say("no firewall") if managers == "none" else say("firewall: {managers}", managers=managers)
    if "rsyslog" not in state.packages:
        yield say("no rsyslog yet")
    if state.clock is not None and isinstance(at, int | float) and abs(state.clock - at) > CLOCKS_DIFFER:
        yield say("its clock is off by {time}", time=status.age(abs(state.clock - at)))
    if state.text("conf"):
        yield say("has a keepalived.conf")


@dataclass(frozen=True, slots=True)
class Place:
    """An interface with one of its addresses, as it can be chosen: `value` is "eth1 10.9.1.16/24"."""

    interface: str
    address: IPv4Interface | IPv6Interface
    up: bool

    @property
    def value(self) -> str:
        """What the form sends."""
        return f"{self.interface} {self.address}"

    @property
    def label(self) -> Said:
        """What people read."""
        state = say("up") if self.up else say("down")
        return say("{interface} — {address}, {state}", interface=self.interface, address=self.address, state=state)


def places(draft: Draft) -> dict[str, list[Place]]:
    """Server → where it could speak; loopback, link-local, host-only and floating addresses are no such place."""
    floating = _floating(draft)
    return {name: list(_places(state, floating)) for name, state in states(draft).items()}


def suggest(draft: Draft) -> dict[str, str]:
    """Server → the likeliest place: where SSH comes in, else a private network that all of them are in."""
    found = places(draft)
    chosen = {name: _entrance(draft, name, options) for name, options in found.items()}
    shared = (
        set.intersection(*({place.address.network for place in options} for options in found.values()))
        if found
        else set()
    )
    ranked = sorted(shared, key=lambda network: (network.version, not _private(network), str(network)))
    for name, options in found.items():
        here = [place for network in ranked for place in options if place.address.network == network]
        chosen[name] = chosen[name] or next(iter([*here, *options]), None)
    return {name: place.value for name, place in chosen.items() if place}


def _floating(draft: Draft) -> frozenset[str]:
    """Addresses that float, as the draft or the keepalived.conf of any of the servers says, without prefix."""
    texts = [entry for block in _dicts(draft.data.get("vrrp_instances")) for entry in _listed(block)]
    for state in states(draft).values():
        for statement in conf.read(state.conf or "").statements:
            for child in statement.all():
                if child.keyword in conf.ADDRESSES:
                    texts += [inner.keyword for inner in child.body or () if not inner.comment]
    return frozenset(filter(None, map(_ip, texts)))


def _dicts(given: object) -> list[dict[str, Any]]:
    return [item for item in given.values() if isinstance(item, dict)] if isinstance(given, dict) else []


def _listed(block: dict[str, Any]) -> list[str]:
    found = [block.get(key) for key in conf.ADDRESSES]
    return [address_of(item) for each in found if isinstance(each, list | tuple) for item in each]


def _ip(text: str) -> str | None:
    try:
        return str(ip_interface(text).ip)
    except ValueError:
        return None


def _places(state: HostState, floating: frozenset[str]) -> Iterator[Place]:
    for link in state.links:
        for text in sorted(link.addresses):
            address = ip_interface(text)
            floats = address.network.prefixlen == address.max_prefixlen or str(address.ip) in floating
            if not (address.is_loopback or address.is_link_local or floats or " " in link.name):
                yield Place(link.name, address, link.up)


def _entrance(draft: Draft, name: str, options: list[Place]) -> Place | None:
    asked = next((data.get("ssh_hostname") for host, data in draft.hosts if host == name), None)
    return next((place for place in options if str(place.address.ip) == asked), None)


def _private(network: IPv4Network | IPv6Network) -> bool:
    ranges = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
    return any(network.subnet_of(private) for private in map(ip_network, ranges) if private.version == network.version)  # type: ignore[arg-type]


def _without_passwords(answer: Any) -> Any:
    """What may be kept: the wizard's own files hold no password of a keepalived.conf."""
    if not isinstance(answer, dict) or not isinstance(answer.get("lines"), list):
        return answer
    lines = [str(line) for line in answer["lines"]]
    names = passwords.named(*filter(None, map(_text, lines)))
    return {**answer, "lines": [_masked(line, names) for line in lines]}


def _text(line: str) -> str | None:
    """The text of a configuration in a line of the answer."""
    key, *rest = line.split(" ")
    try:
        if line.startswith(INCLUDED):
            return includes.read([line.removeprefix(INCLUDED)])[0].text
        return host_answer.decode(rest[1]) if key.removeprefix("file=") in host_answer.CONFIGURATIONS else None
    except (ValueError, LookupError):
        return None


def _masked(line: str, names: frozenset[str]) -> str:
    if line.startswith(INCLUDED):
        return _masked_included(line, names)
    key, *rest = line.split(" ")
    if key.removeprefix("file=") not in host_answer.CONFIGURATIONS or len(rest) != 2:
        return line
    try:
        text = masked(host_answer.decode(rest[1]), names)
    except ValueError:
        return line  # whoever reads it says so
    return " ".join([key, rest[0], base64.b64encode(text.encode()).decode()])


def _masked_included(line: str, names: frozenset[str]) -> str:
    try:
        (file,) = includes.read([line.removeprefix(INCLUDED)])
    except ValueError:
        return line  # whoever reads it says so
    return f"{INCLUDED}{includes.written(replace(file, text=masked(file.text, names)))}"


def _read(draft: Draft) -> dict[str, HostState | str]:
    data = {str(name): host for name, host in draft.hosts}
    read = worker_answers.by_lines(host_answer.parse)
    return {
        name: worker_answers.result(answer, data.get(name, {}), read) for name, answer in draft.found.items() if name
    }
