"""A virtual router (`vrrp_instance`): who takes part in it, and what floats between them. Plain frozen values, already
checked (see `parse` and `rules`).

Names are keepalived's own (keepalived.conf(5)); VRRP terms follow RFC 9568.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from typing import Final

from floatip.model.notify import Notify
from floatip.model.tracking import Script, Weights

Interface = IPv4Interface | IPv6Interface
UNKNOWN_PASSWORD = "…"
FLOATING: Final = "virtual_ipaddress"
EXCLUDED: Final = "virtual_ipaddress_excluded"
"""The settings that hold its floating addresses: those that the adverts name, and the rest."""


@dataclass(frozen=True, slots=True)
class Member:
    """One node's part in one VRRP instance. `address` is the node's own, with its prefix."""

    node: str
    interface: str
    address: Interface
    priority: int
    track_interface: tuple[str, ...] = ()
    mcast_src_ip: IPv4Address | IPv6Address | None = None
    weights: Weights = ()

    @property
    def source(self) -> IPv4Address | IPv6Address:
        """The address that its adverts come from."""
        return self.mcast_src_ip or self.address.ip


@dataclass(frozen=True, slots=True)
class Foreign:
    """A device that takes part in a VRRP instance and that floatip does not manage: `node` is what the inventory calls
    it, `address` where its adverts come from. A priority of 255: the floating address is its own."""

    node: str
    address: IPv4Address | IPv6Address
    priority: int

    @property
    def source(self) -> IPv4Address | IPv6Address:
        """The address that its adverts come from."""
        return self.address


Contender = Member | Foreign
"""Whoever may hold the addresses of an instance."""


@dataclass(frozen=True, slots=True)
class Floating:
    """A floating address, with its prefix, and how it is put on an interface (ip-address(8)); None leaves that to
    keepalived. `dev`: on this interface of each server, instead of the one of the instance; `extra`: more words of its
    line."""

    address: Interface
    dev: str | None = None
    label: str | None = None
    brd: str | None = None
    scope: str | int | None = None
    extra: str | None = None

    @property
    def ip(self) -> IPv4Address | IPv6Address:
        """Without the prefix."""
        return self.address.ip

    @property
    def network(self) -> IPv4Network | IPv6Network:
        """The subnet that its prefix makes."""
        return self.address.network

    @property
    def version(self) -> int:
        """4 or 6."""
        return self.address.version

    def device(self, member: Member) -> str:
        """The interface of a server that it is put on."""
        return self.dev or member.interface


@dataclass(frozen=True, slots=True)
class Instance:
    """One virtual router (`vrrp_instance`). `advert_int` and `preempt_delay` in seconds.

    `version` is the VRRP version to speak (2 or 3): chosen, or derived where it was left open;
    `version_chosen` tells which, so that the inventory says again just what it said. `authentication`: where its
    password is; `password`: what stands for it in a file, where it could be had.
    """

    name: str
    virtual_router_id: int
    virtual_ipaddress: tuple[Floating, ...]
    members: tuple[Member, ...]
    advert_int: float = 1.0
    version: int = 2
    version_chosen: bool = False
    nopreempt: bool = False
    preempt_delay: int = 0
    unicast: bool = False
    foreign: tuple[Foreign, ...] = ()
    authentication: str = ""
    use_vmac: bool = False
    track_script: tuple[str, ...] = ()
    track_file: tuple[str, ...] = ()
    weights: Weights = ()
    extra_lines: tuple[str, ...] = ()
    garp_master_delay: int | None = None
    garp_master_repeat: int | None = None
    garp_lower_prio_delay: int | None = None
    garp_master_refresh: int | None = None
    garp_master_refresh_repeat: int | None = None
    garp_lower_prio_repeat: int | None = None
    skip_check_adv_addr: bool = False
    smtp_alert: bool = False
    notify: Notify | None = None
    notify_master: Notify | None = None
    notify_backup: Notify | None = None
    notify_fault: Notify | None = None
    notify_stop: Notify | None = None
    dont_track_primary: bool = False
    virtual_ipaddress_excluded: tuple[Floating, ...] = ()
    virtual_routes: tuple[str, ...] = ()
    virtual_rules: tuple[str, ...] = ()
    password: str = field(default=UNKNOWN_PASSWORD, compare=False)

    @property
    def addresses(self) -> tuple[Floating, ...]:
        """Every floating address, those that the adverts do not name included."""
        return (*self.virtual_ipaddress, *self.virtual_ipaddress_excluded)

    @property
    def family(self) -> int:
        """4 or 6, the address family of its adverts."""
        return self.virtual_ipaddress[0].version

    def floating(self, ip: str) -> Floating:
        """The floating address that is this one without its prefix; KeyError where there is none."""
        for address in self.addresses:
            if str(address.ip) == ip:
                return address
        raise KeyError(ip)

    def places(self, member: Member) -> tuple[tuple[str, str], ...]:
        """(interface of a server, address without prefix) of every floating address."""
        return tuple((address.device(member), str(address.ip)) for address in self.addresses)

    @property
    def preferred(self) -> Member:
        """The member that leads while all are well: the one with the highest priority."""
        return max(self.members, key=lambda member: member.priority)

    @property
    def contenders(self) -> tuple[Contender, ...]:
        """The members, and the devices that floatip does not manage."""
        return (*self.members, *self.foreign)

    @property
    def leader(self) -> Contender:
        """Whoever of them leads while all are well."""
        return max(self.contenders, key=lambda contender: contender.priority)

    def checks(self, scripts: Iterable[Script]) -> tuple[Script, ...]:
        """The health checks that it tracks, each with the weight that it has here."""
        own = {name: weight for key, name, weight in self.weights if key == "track_script"}
        mine = (script for script in scripts if script.name in self.track_script)
        return tuple(replace(script, weight=own.get(script.name, script.weight)) for script in mine)

    def member(self, node: str) -> Member | None:
        """The part of `node` in this instance, or None where it has none."""
        return next((member for member in self.members if member.node == node), None)

    def peers(self, node: str) -> tuple[Member, ...]:
        """All other members, in inventory order."""
        return tuple(member for member in self.members if member.node != node)

    def senders(self, node: str) -> tuple[Contender, ...]:
        """Everybody whose adverts a member hears: its peers, and the devices that floatip does not manage."""
        return (*self.peers(node), *self.foreign)
