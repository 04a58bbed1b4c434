"""What a member of an instance needs on its server: interface, addresses, a keepalived that knows its keywords."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from floatip.hosts.codes import Code
from floatip.hosts.host_state import HostState
from floatip.hosts.systems import keepalived_of
from floatip.model import routes
from floatip.model.cluster import Instance, Member
from floatip.model.messages import NO_MESSAGE, say
from floatip.model.problems import Level, Problem
from floatip.model.rules.subnets import places
from floatip.model.settings import BLOCK, MEMBER, Scope, Setting
from floatip.model.settings.row import dotted
from floatip.model.settings.values import Own


def problems(name: str, instance: Instance, member: Member, host: HostState) -> Iterator[Problem]:
    """All of them."""
    path = f"nodes.{name}.vrrp.{instance.name}"
    yield from _interface(path, name, member, host)
    yield from _devices(name, instance, member, host)
    yield from _own(path, name, member, host)
    yield from _unknown(name, instance, member, host)


def _interface(path: str, name: str, member: Member, host: HostState) -> Iterator[Problem]:
    yield from _link(f"{path}.interface", name, member.interface, host)
    link = next((link for link in host.links if link.name == member.interface), None)
    if link and str(member.address) not in link.addresses:
        yield Problem(
            f"{path}.address",
            Code.ADDRESS_NOT_ON_INTERFACE,
            say(
                "{name} has no address {address} on {interface}.",
                name=name,
                address=member.address,
                interface=member.interface,
            ),
            say("It has {listed} there.", listed=_listed(sorted(link.addresses))),
        )


def _link(path: str, name: str, interface: str, host: HostState) -> Iterator[Problem]:
    """An interface is there, and up."""
    by_name = {link.name: link for link in host.links}
    if interface not in by_name:
        close = difflib.get_close_matches(interface, by_name, 1, 0.5)
        meant = say("Did you mean {close}? ", close=repr(close[0])) if close else NO_MESSAGE
        message = say("{name} has no interface {interface}.", name=name, interface=repr(interface))
        hint = say("{meant}It has {listed}.", meant=meant, listed=_listed(by_name))
        yield Problem(path, Code.NO_SUCH_INTERFACE, message, hint)
    elif not by_name[interface].up:
        message = say("{name}: the interface {interface} is down.", name=name, interface=interface)
        hint = say("The server cannot hold an address until it is up.")
        yield Problem(path, Code.INTERFACE_DOWN, message, hint, Level.WARNING)


def _devices(name: str, instance: Instance, member: Member, host: HostState) -> Iterator[Problem]:
    """The interfaces of floating addresses, routes and rules, where they are other ones."""
    for place, address in places(instance):
        if address.device(member) != member.interface:
            yield from _link(place.path(instance, "dev"), name, address.device(member), host)
    for key, lines in (("virtual_routes", instance.virtual_routes), ("virtual_rules", instance.virtual_rules)):
        for number, line in enumerate(lines):
            named = {routes.parts(line).get(word, member.interface) for word in ("dev", "iif", "oif")}
            for interface in sorted(named - {member.interface}):
                yield from _link(f"vrrp_instances.{instance.name}.{key}.{number}", name, interface, host)


def _own(path: str, name: str, member: Member, host: HostState) -> Iterator[Problem]:
    for row in MEMBER:
        if isinstance(row.value, Own) and row.given(member) and str(row.of(member)) not in host.held:
            message = say("{name} has no address {address}.", name=name, address=row.of(member))
            hint = say("It has {listed} there.", listed=_listed(sorted(host.held)))
            yield Problem(f"{path}.{row.key}", Code.ADDRESS_NOT_ON_INTERFACE, message, hint)


def _unknown(name: str, instance: Instance, member: Member, host: HostState) -> Iterator[Problem]:
    """Debian 11's daemon passes over what it does not know, the others refuse the file."""
    owners = {
        Scope.INSTANCE: (instance, f"vrrp_instances.{instance.name}."),
        Scope.MEMBER: (member, f"nodes.{name}.vrrp.{instance.name}."),
    }
    for row in BLOCK:
        yield from newer(name, row, *owners[row.scope], host)


def newer(name: str, row: Setting, owner: object, path: str, host: HostState) -> Iterator[Problem]:
    """A setting that a server's keepalived does not know yet."""
    version = keepalived_of(host)
    if version and version < row.since and row.given(owner):
        message = say(
            "{name}: keepalived {version} does not know {key}.", name=name, version=dotted(version), key=row.key
        )
        hint = say("Remove it, or upgrade the server: {since} and later know it.", since=dotted(row.since))
        yield Problem(f"{path}{row.key}", Code.UNKNOWN_SETTING, message, hint)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names) or say("none")
