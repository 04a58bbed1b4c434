"""What the stories on real hosts are told with: clusters as values, who has an address, and what a client notices."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_interface
from itertools import pairwise
from pathlib import Path
from typing import Self

from floatip.model import inventory
from floatip.model.cluster import Cluster, Floating, Instance, Member, Node
from lab import LabError, wait_until
from lab.host import Host
from lab.names import FLOATING, spec
from lab.place import Place
from lab.watch import Watch
from tests.lab.conftest import start

FLOATING6 = "fd00:9:1::6"
PRIORITIES = (150, 100, 50)
PROBE_MS = 5.0
CLOSE = 0.02
"""Seconds between two looks at who has an address, one after the other."""
MEASURING_SLACK = 0.1
"""Seconds on top of a predicted outage: two probes, and a client, a switch and three hosts on two busy cores."""


# Clusters as values


def instance(
    name: str = "VI_1",
    servers: tuple[str, ...] = ("d1", "d2"),
    *,
    vrid: int = 101,
    address: str = FLOATING,
    advert_int: float = 1.0,
    nopreempt: bool = False,
    use_vmac: bool = False,
) -> Instance:
    """One floating address; the servers in order of preference."""
    six = ":" in address
    length = 64 if six else 24
    members = (
        Member(node, "eth1", ip_interface(f"{spec(node).address6 if six else spec(node).address}/{length}"), priority)
        for node, priority in zip(servers, PRIORITIES, strict=False)
    )
    return Instance(
        name,
        vrid,
        (Floating(ip_interface(f"{address}/{length}")),),
        tuple(sorted(members, key=lambda member: member.node)),
        advert_int=advert_int,
        version=3 if six or advert_int % 1 else 2,
        nopreempt=nopreempt,
        use_vmac=use_vmac,
    )


def cluster(*instances: Instance) -> Cluster:
    """The lab's servers with these floating addresses."""
    names = sorted({member.node for instance in instances for member in instance.members})
    return Cluster("lab", tuple(Node(name, tuple(spec(name).connection.items())) for name in names), instances)


# Who has the address


def holders(place: Place, address: str = FLOATING) -> list[str]:
    """Who has it now. A host whose power is being cut cannot be looked at for a moment: look again."""
    for _ in range(100):
        try:
            return sorted(place.holders(address))
        except LabError as between:
            problem = between
            time.sleep(0.01)
    raise problem


def settles(place: Place, *names: str, address: str = FLOATING, within: float = 15) -> None:
    """Wait until these servers and no others hold the address, in ten looks one after the other."""
    wanted = sorted(names)
    _calm(f"{address} is with {wanted} alone", place, address, within, lambda look: look == wanted)


def one_holder(place: Place, *, address: str = FLOATING, within: float = 15) -> str:
    """Wait until one server holds the address in ten looks one after the other, and name it."""
    return _calm(f"{address} is with one server", place, address, within, lambda look: len(look) == 1)[0]


def _calm(what: str, place: Place, address: str, within: float, right: Callable[[list[str]], bool]) -> list[str]:
    looks: list[list[str]] = []

    def seen() -> bool:
        looks.append(holders(place, address))
        return right(looks[-1])

    def calm() -> bool:
        """The ten looks follow close on one that was right: a look takes a millisecond of a processor."""
        for _ in range(10):
            if not seen():
                return False
            time.sleep(CLOSE)
        return all(look == looks[-1] for look in looks[-10:])

    try:
        wait_until(what, calm, timeout=within)
    except LabError as late:
        raise AssertionError(f"{late}; the last looks: {looks[-10:]}") from None
    return looks[-1]


def stays(place: Place, name: str, *, seconds: float, address: str = FLOATING) -> None:
    """Look again and again for that long: the address is with this server and no other each time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert holders(place, address) == [name], f"{address} did not stay with {name}"
        time.sleep(2 * CLOSE)


def reaches(place: Place, mac: str, *, address: str = FLOATING, within: float = 10) -> None:
    """Wait until the client gets an answer and sends to this hardware address."""
    client = place.client

    def there() -> bool:
        return client.answers(address) and client.neighbour(address) == mac

    wait_until(f"the client reaches {address} at {mac}", there, timeout=within)


class Repeatedly:
    """Looks again and again in the background while its block runs, every so many seconds; `count`: how often."""

    every: float
    count: int

    def look(self) -> None:
        """Look once."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._looking, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _looking(self) -> None:
        while not self._end.wait(self.every):
            self.count += 1
            self.look()


@dataclass
class Looks(Repeatedly):
    """Looks at the holders; a look that shows two is repeated at once, because one look at several hosts takes some
    milliseconds, in which an address may move."""

    place: Place
    address: str = FLOATING
    twice: list[list[str]] = field(default_factory=list)
    count: int = 0
    every: float = 0.04

    def look(self) -> None:
        """Who has the address."""
        if len(holders(self.place, self.address)) > 1 and len(again := holders(self.place, self.address)) > 1:
            self.twice.append(again)


def held_twice(watch: Watch) -> float:
    """Seconds in which more than one server had the address."""
    holding: set[str] = set()
    changes = sorted(watch.changes, key=lambda change: change.at)
    total = 0.0
    for change, following in pairwise(changes):
        holding = holding | {change.host} if change.holds else holding - {change.host}
        total += following.at - change.at if len(holding) > 1 else 0
    return total


# The daemon


def runs(server: Host) -> bool:
    """Whether the daemon runs."""
    return server.run("systemctl is-active keepalived", check=False).stdout == "active\n"


def restarts(server: Host) -> int:
    """How often systemd has started the daemon again by itself."""
    return int(server.run("systemctl show --value -p NRestarts keepalived").stdout)


def deployed(place: Place, wanted: Cluster, directory: Path) -> Place:
    """The hosts of `place`, after `pyinfra -y INVENTORY deploy.py`."""
    start("pyinfra", "-y", inventory.save(wanted, directory), "deploy.py", check=True, timeout=180)
    return place
