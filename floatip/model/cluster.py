"""The cluster model: plain frozen values, already checked (see `parse`, `rules`). Its instances are in `instance`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from floatip.model.instance import UNKNOWN_PASSWORD, Contender, Floating, Foreign, Instance, Interface, Member
from floatip.model.notify import Notify
from floatip.model.tracking import Script, TrackFile

__all__ = [
    "UNKNOWN_PASSWORD",
    "Cluster",
    "Contender",
    "Floating",
    "Foreign",
    "Instance",
    "Interface",
    "Member",
    "Node",
    "SyncGroup",
]


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
