"""What a deploy does not stop for, and a person may want to know before it."""

from __future__ import annotations

from collections.abc import Iterator

from floatip.hosts.binding import Binding
from floatip.hosts.codes import Code
from floatip.hosts.host_state import HostState
from floatip.model.cluster import Cluster
from floatip.model.messages import Said, say
from floatip.model.problems import Level, Problem

KEEPS_ALL = 257
"""From this systemd on, a floating address survives whatever networkd is told (docs/decisions/services.md)."""
AWAY = say(
    "keepalived puts it back after a few seconds. Before such a change, move the address to another server: "
    "`floatip move FILE SERVER`."
)


def of(cluster: Cluster, name: str, host: HostState) -> Iterator[Problem]:
    """All of it about one server."""
    yield from _binding(cluster, name, host)
    for interface in cluster.devices(name):
        yield from _networkd(name, interface, host)
        yield from _network_manager(name, interface, host)


def _binding(cluster: Cluster, name: str, host: HostState) -> Iterator[Problem]:
    """A service needs a floating address, and can have it on the server alone that holds it."""
    if cluster.nonlocal_bind:
        return
    for binding in host.bindings:
        if binding.address in cluster.floating and not host.nonlocal_bind.get(6 if ":" in binding.address else 4):
            hint = say(
                "It cannot start on a server that does not hold the address. 'nonlocal_bind': True lets it start there."
            )
            yield Problem("nonlocal_bind", Code.BINDS_ADDRESS, _binds(name, binding), hint, Level.INFO)


def _networkd(name: str, interface: str, host: HostState) -> Iterator[Problem]:
    """Before, networkd takes the server's own address off at first, and the kernel the floating one with it."""
    if host.by_networkd(interface) and 0 < host.systemd_version < KEEPS_ALL:
        version = host.systemd_version
        message = say(
            "{name}: `networkctl reconfigure {interface}` removes the floating address, and systemd "
            "{version} has no setting against that.",
            name=name,
            interface=interface,
            version=version,
        )
        if host.managers.by_netplan(interface):
            message = say(
                "{name}: `netplan apply` removes the floating address, and systemd {version} has no setting against "
                "that.",
                name=name,
                version=version,
            )
        yield Problem(f"nodes.{name}", Code.LOSES_ADDRESS, message, AWAY, Level.WARNING)


def _network_manager(name: str, interface: str, host: HostState) -> Iterator[Problem]:
    if interface in host.managers.connected:
        message = say(
            "{name}: NetworkManager configures {interface}, and may remove the floating address when it applies the "
            "connection again.",
            name=name,
            interface=interface,
        )
        yield Problem(f"nodes.{name}", Code.NETWORK_MANAGER, message, AWAY, Level.WARNING)


def _binds(name: str, binding: Binding) -> Said:
    if binding.where.isdecimal():
        return say(
            "{name}: a service listens on {address}, port {port}.",
            name=name,
            address=binding.address,
            port=binding.where,
        )
    return say("{name}: {file} binds {address}.", name=name, file=binding.where, address=binding.address)
