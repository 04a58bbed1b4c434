"""The cluster model: plain frozen values, already checked (see `parse` and `rules`).

Names are keepalived's own (keepalived.conf(5)); VRRP terms follow RFC 9568.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from typing import Literal

from floatip.model.notify import Notify
from floatip.model.tracking import Script, TrackFile, Weights

Interface = IPv4Interface | IPv6Interface
UNKNOWN_PASSWORD = "…"


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


@dataclass(frozen=True, slots=True)
class Node:
    """A server. `connection` is pyinfra's host data for reaching it (`ssh_hostname`, …); `router_id` is what keepalived
    calls it, None for its name."""

    name: str
    connection: tuple[tuple[str, str | int | bool], ...] = ()
    router_id: str | None = None


@dataclass(frozen=True, slots=True)
class SyncGroup:
    """Instances that move together (`vrrp_sync_group`): one server has all of their addresses, or none of them. And
    what runs when all of them have moved."""

    name: str
    instances: tuple[str, ...]
    notify: Notify | None = None
    notify_master: Notify | None = None
    notify_backup: Notify | None = None
    notify_fault: Notify | None = None
    notify_stop: Notify | None = None


@dataclass(frozen=True, slots=True)
class Cluster:
    """Everything floatip knows about one cluster: what one inventory file says. `client`: how to reach a host beside
    the servers that watches failover tests; nothing for this computer."""

    name: str
    nodes: tuple[Node, ...]
    instances: tuple[Instance, ...]
    scripts: tuple[Script, ...] = ()
    firewall: Literal["auto", "none"] = "auto"
    log_file: bool = True
    nonlocal_bind: bool = False
    extra_lines: tuple[str, ...] = ()
    global_lines: tuple[str, ...] = ()
    client: tuple[tuple[str, str | int | bool], ...] = ()
    vrrp_min_garp: bool = False
    vrrp_garp_master_refresh: int = 1
    vrrp_garp_master_repeat: int | None = None
    vrrp_garp_interval: float | None = None
    vrrp_gna_interval: float | None = None
    vrrp_garp_master_delay: int | None = None
    vrrp_garp_master_refresh_repeat: int | None = None
    vrrp_garp_lower_prio_delay: int | None = None
    vrrp_garp_lower_prio_repeat: int | None = None
    vrrp_skip_check_adv_addr: bool = False
    vrrp_strict: bool = False
    max_auto_priority: int | None = None
    notification_email: tuple[str, ...] = ()
    notification_email_from: str | None = None
    smtp_server: str | None = None
    smtp_connect_timeout: int | None = None
    smtp_helo_name: str | None = None
    vrrp_sync_group: tuple[SyncGroup, ...] = ()
    track_files: tuple[TrackFile, ...] = ()
    notify_fifo: str | None = None
    notify_fifo_script: Notify | None = None
    vrrp_notify_fifo: str | None = None
    vrrp_notify_fifo_script: Notify | None = None

    @property
    def floating(self) -> frozenset[str]:
        """All virtual addresses, without their prefixes."""
        return frozenset(str(address.ip) for instance in self.instances for address in instance.addresses)

    def node(self, name: str) -> Node:
        """The node called `name`; KeyError where there is none."""
        for node in self.nodes:
            if node.name == name:
                return node
        raise KeyError(name)

    @property
    def families(self) -> tuple[int, ...]:
        """Those of the floating addresses: 4, 6, or both."""
        return tuple(sorted({address.version for instance in self.instances for address in instance.addresses}))

    def devices(self, node: str) -> tuple[str, ...]:
        """The interfaces of a server that a floating address may be put on."""
        parts = ((instance, instance.member(node)) for instance in self.instances)
        places = (device for instance, part in parts if part for device, _ in instance.places(part))
        return tuple(dict.fromkeys(places))

    def instances_of(self, node: str) -> tuple[Instance, ...]:
        """The instances that `node` takes part in, in file order."""
        return tuple(instance for instance in self.instances if instance.member(node))

    def group_of(self, instance: Instance) -> SyncGroup | None:
        """The group that an instance moves with, if it is in one."""
        return next((group for group in self.vrrp_sync_group if instance.name in group.instances), None)

    def together(self, instance: Instance) -> tuple[Instance, ...]:
        """Those that move with an instance, in file order, itself included."""
        names = group.instances if (group := self.group_of(instance)) else ()
        return tuple(sibling for sibling in self.instances if sibling.name == instance.name or sibling.name in names)

    def files_of(self, instance: Instance) -> tuple[tuple[TrackFile, int], ...]:
        """The files that an instance tracks, each with the weight that it has there."""
        own = {name: weight for key, name, weight in instance.weights if key == "track_file"}
        mine = (file for file in self.track_files if file.name in instance.track_file)
        return tuple((file, own.get(file.name, file.weight)) for file in mine)

    def tracked(self, instance: Instance) -> frozenset[str]:
        """The health checks that act on an instance: its own, and those of what moves with it."""
        return frozenset(name for sibling in self.together(instance) for name in sibling.track_script)
