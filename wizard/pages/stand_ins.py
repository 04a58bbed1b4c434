"""A cluster out of answers that are not complete: what is missing or wrong gets a value that the core accepts, and a
name by which the preview shows it."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_interface, ip_network
from typing import Any

from floatip.model.cluster import Cluster
from floatip.model.fields import CLUSTER_NAME, NODE_NAME
from floatip.model.instance import FLOATING
from floatip.model.messages import Said, say
from floatip.model.parse import parse
from floatip.model.problems import errors
from floatip.model.settings import NODE
from floatip.model.settings.addresses import address_of
from wizard.drafts import Draft
from wizard.pages.base import INSTANCE, block, dict_in, floating, member, members, part

ROUNDS = 8
UNNAMED = "unknown-cluster"
DOCUMENTATION = ip_network("192.0.2.0/24")  # RFC 5737: nobody's
OF_A_MEMBER = ("interface", "address", "priority")
OF_A_GROUP = ("virtual_router_id", FLOATING)
MEMBER_PATH = re.compile(r"nodes\.([^.]+)\.vrrp(?:\.([^.]+)(?:\.(interface|address|priority))?)?")
GROUP_PATH = re.compile(rf"vrrp_instances\.([^.]+)\.(virtual_router_id|{FLOATING})(?:\..*)?")
Network = IPv4Network | IPv6Network


class StandIns:
    """`cluster`: None where even that does not help; `blanks`: word of a file, or keyword and word → its name."""

    def __init__(self, draft: Draft) -> None:
        self.blanks: dict[str, Said] = {}
        self._draft = copy.deepcopy(draft)
        self._filled: set[tuple[str, ...]] = set()
        self._servers()
        names = self._draft.data.get("vrrp_instances")
        self._groups = [str(name) for name in names] if isinstance(names, dict) and names else [INSTANCE]
        for group in self._groups:
            self._group(group)
        self.cluster = self._parsed()

    def _servers(self) -> None:
        """Two at least, with names that can be; how they are reached stands in no keepalived.conf."""
        kept, taken = {"vrrp", *(row.key for row in NODE)}, set[str]()
        hosts = self._draft.hosts or [["d1", {}], ["d2", {}]]
        for number, (name, data) in enumerate(hosts + [["", {}]] * (2 - len(hosts)), 1):
            shown = (
                name
                if isinstance(name, str) and NODE_NAME.fullmatch(name) and name not in taken
                else f"unknown-{number}"
            )
            if shown != name:
                self.blanks[shown] = say("name of server {number}", number=number)
            taken.add(shown)
            hosts[number - 1 : number] = [[shown, {key: value for key, value in data.items() if key in kept}]]
        self._draft.hosts = hosts

    def _group(self, group: str) -> None:
        """What everybody is asked, where it was not answered."""
        for host in members(self._draft, group):
            for key in OF_A_MEMBER:
                if part(host, group).get(key) in (None, ""):
                    self._of_member(host, group, key)
        for key in OF_A_GROUP:
            if not block(self._draft, group).get(key):
                self._of_group(group, key)

    def _parsed(self) -> Cluster | None:
        named = CLUSTER_NAME.fullmatch(str(self._draft.name))
        name = self._draft.name if named else UNNAMED
        self.blanks |= {} if named else {UNNAMED: say("name of the cluster")}
        for _ in range(ROUNDS):
            parsed = parse(name, [tuple(host) for host in self._draft.hosts], self._draft.data)
            done = [self._mended(problem.path) for problem in errors(parsed.problems)]
            if not any(done):
                return parsed.cluster
        return None

    def _mended(self, path: str) -> bool:
        """Whether something was done about what is wrong there."""
        if found := MEMBER_PATH.fullmatch(path):
            hosts = [host for host in self._draft.hosts if host[0] == found[1]]
            keys = [found[3]] if found[3] else OF_A_MEMBER
            groups = [found[2]] if found[2] else self._groups
            done = [self._of_member(host, group, key) for host in hosts for group in groups for key in keys]
            return any(done)
        if found := GROUP_PATH.fullmatch(path):
            return self._of_group(found[1], found[2])
        return self._dropped(path.split("."))

    def _of_member(self, host: list[Any], group: str, key: str) -> bool:
        name, number = str(host[0]), self._draft.hosts.index(host)
        if not self._first(name, group, key):
            return False
        values = {"interface": f"unknown{number}", "address": "", "priority": 254 - len(self._draft.hosts) - number}
        value = next(self._addresses(group)) if key == "address" else values[key]
        member(host, group)[key] = value
        words = [f"priority {value}"] if key == "priority" else _forms(str(value))
        self.blanks |= dict.fromkeys(words, _of_one(key, self._called(name, number)))
        return True

    def _called(self, name: str, number: int) -> str:
        return say("server {number}", number=number + 1) if name in self.blanks else name

    def _of_group(self, group: str, key: str) -> bool:
        if not self._first(group, key):
            return False
        if key == FLOATING:
            address = next(self._addresses(group))
            block(self._draft, group)[key] = [address]
            words = _forms(address)
        else:
            number = 255 - self._groups.index(group)
            block(self._draft, group)[key] = number
            words = [f"{key} {number}"]
        self.blanks |= dict.fromkeys(words, say("floating address") if key == FLOATING else say("VRID"))
        return True

    def _first(self, *what: str) -> bool:
        new = what not in self._filled
        self._filled.add(what)
        return new

    def _addresses(self, group: str) -> Iterator[str]:
        """Nobody's, in the network of the others."""
        known = [address_of(address) for address in floating(self._draft, group)]
        known += [str(part(host, group).get("address", "")) for host in self._draft.hosts]
        places = [place for text in known if (place := _place(text))]
        network: Network = next((place.network for place in places if place.network.num_addresses > 64), DOCUMENTATION)
        taken = {place.ip for place in places}
        last = int(network.broadcast_address) - 1
        for number in range(last, last - 64, -1):
            address = network[number - int(network.network_address)]
            if address not in taken:
                yield f"{address}/{network.prefixlen}"

    def _dropped(self, path: list[str]) -> bool:
        """Without a setting that cannot be: its default holds."""
        owner: Any = self._draft.data
        if path[0] == "nodes" and len(path) > 2:
            owner = next((host[1] for host in self._draft.hosts if host[0] == path[1]), {})
            path = path[2:]
        if path[0] == "vrrp" and len(path) > 2:
            owner, path = dict_in(dict_in(owner, "vrrp"), path[1]), path[2:]
        if path[0] == "vrrp_instances" and len(path) > 2:
            owner, path = block(self._draft, path[1]), path[2:]
        if path[0] == "vrrp_scripts" and len(path) > 1:
            owner, path = dict_in(owner, "vrrp_scripts"), path[1:]
            self._untracked(path[0])
        if not isinstance(owner, dict) or path[0] not in owner or path[0] in ("vrrp_instances", "vrrp"):
            return False
        del owner[path[0]]
        return True

    def _untracked(self, check: str) -> None:
        for group in self._groups:
            tracked = block(self._draft, group).get("track_script")
            if isinstance(tracked, list | tuple):
                block(self._draft, group)["track_script"] = [entry for entry in tracked if entry != check]
            elif isinstance(tracked, dict):
                tracked.pop(check, None)


def _of_one(key: str, name: str) -> Said:
    """What a server says for itself."""
    if key == "interface":
        return say("interface of {name}", name=name)
    return say("address of {name}", name=name) if key == "address" else say("priority of {name}", name=name)


def _forms(word: str) -> list[str]:
    """As it may stand in a file: an address without its prefix, too."""
    return list(dict.fromkeys([word, word.partition("/")[0]]))


def _place(text: str) -> Any:
    try:
        return ip_interface(text)
    except ValueError:
        return None
